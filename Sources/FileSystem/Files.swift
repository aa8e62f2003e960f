import Foundation
@_exported import SystemPackage

extension FileDescriptor {
    /// Opens a file, which processes that are started later do not inherit.
    ///
    /// - Parameters:
    ///   - path: A path, which may stand for any bytes (see ``Swift/String/withPathBytes(_:)``).
    ///   - permissions: The permissions of a file that is created, before the umask.
    package static func open(
        path: String, _ mode: AccessMode, options: OpenOptions = [],
        permissions: FilePermissions = FilePermissions(rawValue: 0o666)
    ) throws(Errno) -> FileDescriptor {
        // A zero byte would cut the path short and open another file.
        guard !path.utf8.contains(0) else { throw .noSuchFileOrDirectory }
        return try Errno.typed {
            try path.withPathBytes {
                try open($0, mode, options: options.union(.closeOnExec), permissions: permissions)
            }
        }
    }

    /// Reads until the buffer is full or the file ends.
    ///
    /// - Returns: The number of bytes read.
    package func readAll(into buffer: UnsafeMutableRawBufferPointer) throws(Errno) -> Int {
        try Errno.typed {
            var filled = 0
            while filled < buffer.count {
                let count = try read(into: UnsafeMutableRawBufferPointer(rebasing: buffer[filled...]))
                if count == 0 { break }
                filled += count
            }
            return filled
        }
    }

    /// Reads to the end of the file, or up to a number of bytes.
    package func readToEnd(limit: Int = .max) throws(Errno) -> [UInt8] {
        // One byte more than the size: a read that leaves it unused has found the end. Pipes and files of /proc have a size
        // of 0, and a file may be growing.
        let size = Int(clamping: try status().size)
        var bytes: [UInt8] = []
        var room = min(size == .max ? size : size + 1, limit)
        while room > 0 {
            var failure: Errno?
            let chunk = [UInt8](unsafeUninitializedCapacity: room) { buffer, count in
                do throws(Errno) {
                    count = try readAll(into: UnsafeMutableRawBufferPointer(buffer))
                } catch {
                    failure = error
                }
            }
            if let failure { throw failure }
            if bytes.isEmpty { bytes = chunk } else { bytes += chunk }
            guard chunk.count == room else { break }
            room = min(1 << 20, limit - bytes.count)
        }
        return bytes
    }

    /// Writes all bytes.
    package func write(all bytes: UnsafeRawBufferPointer) throws(Errno) {
        _ = try Errno.typed { try writeAll(bytes) }
    }

    /// What the file is, and its size.
    package func status() throws(Errno) -> Stat { try Errno.typed { try stat() } }
}

extension Errno {
    /// Calls `body`, whose errors are all of this type, as those of swift-system's functions are.
    package static func typed<Result>(_ body: () throws -> Result) throws(Errno) -> Result {
        do {
            return try body()
        } catch {
            throw error as? Errno ?? .ioError
        }
    }

    /// The system's message, in lower case as it follows a colon.
    package var text: String { systemErrorText(rawValue) }
}

/// The bytes of a file, or of a pipe to its end.
///
/// - Parameter limit: The maximum number of bytes.
package func readBytes(_ path: String, limit: Int = .max) throws(FileError) -> [UInt8] {
    do throws(Errno) {
        let file = try FileDescriptor.open(path: path, .readOnly)
        defer { try? file.close() }
        return try file.readToEnd(limit: limit)
    } catch {
        throw .unreadable(path: path, problem: error.text)
    }
}

/// What is at a path, with links followed.
package struct FileStatus {
    private let status: Stat

    /// - Throws: ``FileError`` if nothing is there, or if the user may not know.
    package init(of path: String) throws(FileError) {
        do throws(Errno) {
            guard !path.utf8.contains(0) else { throw .noSuchFileOrDirectory }
            status = try Errno.typed { try path.withPathBytes { try Stat($0) } }
        } catch {
            throw .unreadable(path: path, problem: error.text)
        }
    }

    /// - Returns: nil if nothing is there, or if the user may not know.
    package init?(_ path: String) { try? self.init(of: path) }

    /// Whether two paths lead to the same file.
    package func isSame(as other: FileStatus) -> Bool {
        status.deviceID == other.status.deviceID && status.inode == other.status.inode
    }

    package var isFolder: Bool { status.type == .directory }
    package var isFile: Bool { status.type == .regular }
    package var permissions: FilePermissions { status.permissions }
    /// Size in bytes.
    package var size: Int { Int(clamping: status.size) }
    /// When the contents last changed.
    package var modificationTime: timespec { status.st_mtim }
}
