import ConvNetAIG
import Datasets
import FileSystem

/// What stands for pictures on the command line: a picture's file, or a folder or an archive of pictures.
enum PictureArgument {
    private static let archiveEndings = [
        ".tar", ".zip", ".tgz", ".tar.gz", ".tar.bz2", ".tar.xz", ".tar.zst", ".txz", ".tbz2", ".tar.lz4",
    ]

    /// Whether it is a folder, or called as archives are.
    static func isContainer(_ path: String) -> Bool {
        let name = path.lowercased()
        return FileStatus(path)?.isFolder == true || archiveEndings.contains { name.hasSuffix($0) }
    }

    /// The pictures in a folder or an archive, said what is left out; nil for anything else.
    /// - Throws: `DataSetError` if it cannot be listed.
    static func pictures(in path: String) throws -> PictureFiles? {
        guard isContainer(path) else { return nil }
        let pictures = try DatasetOptions.unpacking(path) { try PictureFiles(path: path, progress: $0) }
        DatasetOptions.tell(pictures.notes)
        guard !pictures.files.isEmpty else {
            throw CommandFailure("\(path) has no pictures; give JPEG, PNG or WebP files, or folders of these.")
        }
        return pictures
    }
}
