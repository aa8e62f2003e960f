import ConvNetAIG
import FileSystem
import Foundation

/// A file to be written when the work is done, checked before the work is begun.
struct OutputFile {
    let path: String

    /// - Parameters:
    ///   - sources: the files that are read, and what they are; the output must be none of them.
    ///   - option: where the user gave the path.
    /// - Throws: `CommandFailure` or `FileError`, if the file could not be written.
    init(path: String, sources: [(role: String, path: String)], option: String = "--output") throws {
        self.path = path
        guard !path.isEmpty else {
            throw CommandFailure("The output's path is empty; give \(option) a file's path.")
        }

        if let status = FileStatus(path) {
            guard status.isFile else {
                throw FileError.unwritable(
                    path: path, problem: status.isFolder ? "it is a directory" : "it is not a regular file")
            }
            for source in sources {
                guard FileStatus(source.path)?.isSame(as: status) != true else {
                    throw CommandFailure(
                        "The output \(path) is the same file as the \(source.role) \(source.path); "
                            + "give \(option) another path.")
                }
            }
            // One of a folder of images that is read, or another: nothing that is written here takes an image's place.
            if let first = try? readBytes(path, limit: ImageFormat.signatureByteCount),
                first.withUnsafeBytes({ Image.format(of: $0) }) != nil
            {
                throw CommandFailure(
                    "The output \(path) is a picture, which would be lost; give \(option) another path.")
            }
        } else if path.hasSuffix("/") {
            throw FileError.unwritable(path: path, problem: "it names a folder; add a file's name")
        }

        // A link's target is replaced, and not the link.
        let folder = FileSystem.folder(of: resolvedPath(path) ?? path)
        guard let status = FileStatus(folder) else {
            throw FileError.unwritable(
                path: path, problem: "there is no folder \(folder); create it, or give another path")
        }
        guard status.isFolder else {
            throw FileError.unwritable(path: path, problem: "\(folder) is not a folder")
        }
        // The file is written beside its destination and renamed, so it is the folder that counts.
        guard folder.withPathBytes({ access($0, W_OK | X_OK) }) == 0 else {
            throw FileError.unwritable(
                path: path, problem: "its folder \(folder) cannot be written to (\(systemErrorText()))")
        }
    }

    /// Writes the file, complete or not at all.
    func write(_ bytes: [UInt8]) throws(FileError) { try AtomicFile.write(bytes, to: path) }
}
