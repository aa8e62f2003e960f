import Foundation

/// A file that is written under a temporary name in the folder of its destination, and takes the destination's place only
/// when complete. If it is released before ``commit()``, it leaves nothing behind; a process that is killed does, see
/// ``removeUnfinished(in:)``.
package final class AtomicFile {
    /// As given, for error messages.
    private let path: String
    /// With symbolic links followed, so that the target of a link is replaced and not the link.
    private let destination: String
    private let temporary: String
    /// nil once closed.
    private var file: FileDescriptor?
    private var isCommitted = false

    /// What names end with while their files are written.
    private static let temporarySuffix = ".safetensors.tmp"

    /// Writes a whole file, so that it is there complete or as it was before.
    package static func write(_ bytes: [UInt8], to path: String) throws(FileError) {
        let file = try AtomicFile(replacing: path)
        try file.write(bytes)
        try file.commit()
    }

    package init(replacing path: String) throws(FileError) {
        self.path = path
        destination = resolvedPath(path) ?? path
        let old = FileStatus(destination)
        // Renaming over a device would replace the device.
        if let old, !old.isFile {
            throw .unwritable(path: path, problem: old.isFolder ? "it is a directory" : "it is not a regular file")
        }
        let unique = String(UInt64.random(in: .min ... .max), radix: 36)
        temporary = "\(folder(of: destination))/.\(unique)\(Self.temporarySuffix)"
        do throws(Errno) {
            file = try .open(path: temporary, .writeOnly, options: [.create, .exclusiveCreate])
        } catch {
            throw .unwritable(path: path, problem: error.text)
        }
        if let old, let file, fchmod(file.rawValue, old.permissions.rawValue & 0o777) != 0 { throw failure() }
    }

    deinit {
        if let file { try? file.close() }
        if !isCommitted { _ = temporary.withPathBytes { unlink($0) } }
    }

    package func write(_ bytes: UnsafeRawBufferPointer) throws(FileError) {
        do throws(Errno) {
            try file?.write(all: bytes)
        } catch {
            throw failure(error)
        }
    }

    package func write(_ bytes: [UInt8]) throws(FileError) {
        try bytes.withUnsafeBufferPointer { bytes throws(FileError) in try write(UnsafeRawBufferPointer(bytes)) }
    }

    /// Syncs the file to disk and renames it to its destination.
    package func commit() throws(FileError) {
        guard let file else { return }
        guard fsync(file.rawValue) == 0 else { throw failure() }
        self.file = nil
        do {
            // Some file systems report only here that the disk is full.
            try Errno.typed { try file.close() }
        } catch {
            throw failure(error)
        }
        let renamed = temporary.withPathBytes { from in destination.withPathBytes { rename(from, $0) } }
        guard renamed == 0 else { throw failure() }
        isCommitted = true
        // Makes the renaming itself durable. Not every file system can; the file is in place either way.
        if let folder = try? FileDescriptor.open(path: folder(of: destination), .readOnly, options: .directory) {
            fsync(folder.rawValue)
            try? folder.close()
        }
    }

    /// Removes what killed processes left unfinished in a folder into which no other process writes.
    package static func removeUnfinished(in folder: String) {
        guard let names = try? folderContents(folder) else { return }
        for name in names where name.hasPrefix(".") && name.hasSuffix(temporarySuffix) {
            _ = "\(folder)/\(name)".withPathBytes { unlink($0) }
        }
    }

    private func failure(_ error: Errno = Errno(rawValue: errno)) -> FileError {
        .unwritable(path: path, problem: error.text)
    }
}
