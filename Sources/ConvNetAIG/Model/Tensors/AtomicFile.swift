import FileSystem
import Foundation

/// A file written under a temporary name in its destination's folder, that takes its destination's place only
/// when complete. Released before ``commit()``, it leaves nothing behind; a process that is killed does, see
/// ``removeUnfinished(in:)``.
package final class AtomicFile {
    /// As given, for error messages.
    private let path: String
    /// With symbolic links followed, so that a link's target is replaced and not the link.
    private let destination: String
    private let temporary: String
    private var descriptor: Int32
    private var isCommitted = false

    /// What files end with while they are written.
    private static let temporarySuffix = ".safetensors.tmp"

    package init(replacing path: String) throws(SafetensorsError) {
        self.path = path
        var destination = path
        if let resolved = path.withPathBytes({ realpath($0, nil) }) {
            destination = String(pathBytes: UnsafeRawBufferPointer(start: resolved, count: strlen(resolved)))
            free(resolved)
        }
        self.destination = destination

        var status = stat()
        let exists = destination.withPathBytes { stat($0, &status) } == 0
        // Renaming over a device would replace the device.
        guard !exists || status.st_mode & S_IFMT == S_IFREG else {
            throw .unwritable(
                path: path,
                problem: status.st_mode & S_IFMT == S_IFDIR ? "it is a directory" : "it is not a regular file"
            )
        }
        let folder = Self.folder(of: destination)
        let unique = String(UInt64.random(in: .min ... .max), radix: 36)
        temporary = "\(folder)/.\(unique)\(Self.temporarySuffix)"
        descriptor = openFile(temporary, O_WRONLY | O_CREAT | O_EXCL, 0o666)
        guard descriptor >= 0 else { throw .unwritable(path: path, problem: systemErrorText()) }
        if exists, fchmod(descriptor, status.st_mode & 0o777) != 0 { throw failure() }
    }

    deinit {
        if descriptor >= 0 { close(descriptor) }
        if !isCommitted { _ = temporary.withPathBytes { unlink($0) } }
    }

    package func write(_ bytes: UnsafeRawBufferPointer) throws(SafetensorsError) {
        var rest = bytes[...]
        while let address = UnsafeRawBufferPointer(rebasing: rest).baseAddress, !rest.isEmpty {
            let count = Foundation.write(descriptor, address, rest.count)
            if count < 0 {
                if errno == EINTR { continue }
                throw failure()
            }
            rest = rest.dropFirst(count)
        }
    }

    /// Syncs the file to disk and renames it to its destination.
    package func commit() throws(SafetensorsError) {
        guard fsync(descriptor) == 0 else { throw failure() }
        let closed = close(descriptor)
        descriptor = -1
        let renamed = temporary.withPathBytes { from in destination.withPathBytes { rename(from, $0) } }
        guard closed == 0, renamed == 0 else { throw failure() }
        isCommitted = true
        // Makes the renaming itself durable. Not every file system can; the file is in place either way.
        let folder = openFile(Self.folder(of: destination), O_RDONLY | O_DIRECTORY)
        if folder >= 0 {
            fsync(folder)
            close(folder)
        }
    }

    /// Removes what killed processes left unfinished in a folder. For folders that no other process writes into meanwhile.
    package static func removeUnfinished(in folder: String) {
        guard let names = try? folderContents(folder) else { return }
        for name in names where name.hasPrefix(".") && name.hasSuffix(temporarySuffix) {
            _ = "\(folder)/\(name)".withPathBytes { unlink($0) }
        }
    }

    private func failure() -> SafetensorsError { .unwritable(path: path, problem: systemErrorText()) }

    private static func folder(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }
}
