import ConvNetAIG
import Datasets
import FileSystem

/// What stands for images on the command line: an image's file, or a folder or an archive of images.
enum ImageArgument {
    private static let archiveEndings = [
        ".tar", ".zip", ".tgz", ".tar.gz", ".tar.bz2", ".tar.xz", ".tar.zst", ".txz", ".tbz2", ".tar.lz4",
    ]

    /// Whether it is a folder, or called as archives are.
    static func isContainer(_ path: String) -> Bool {
        let name = path.lowercased()
        return FileStatus(path)?.isFolder == true || archiveEndings.contains { name.hasSuffix($0) }
    }

    /// The images in a folder or an archive, said what is left out; nil for anything else.
    /// - Throws: `DatasetError` if it cannot be listed.
    static func images(in path: String) throws -> ImageFiles? {
        guard isContainer(path) else { return nil }
        let images = try DatasetOptions.unpacking(path) { try ImageFiles(path: path, progress: $0) }
        DatasetOptions.tell(images.notes)
        guard !images.files.isEmpty else {
            throw CommandFailure("\(path) has no pictures; give JPEG, PNG or WebP files, or folders of these.")
        }
        return images
    }
}
