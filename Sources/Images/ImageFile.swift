import FileSystem
import Foundation

/// Reads whole files, reporting failures in the operating system's words.
enum ImageFile {
    /// The largest file that is read: well above any image within ``Image/maximumPixelCount``, and a bound
    /// for endless devices.
    static let maximumByteCount = 1 << 31

    /// The file's bytes.
    ///
    /// - Throws: ``ImageError/unreadable(name:reason:)``, or ``ImageError/empty(name:)``.
    static func read(_ path: String) throws(ImageError) -> [UInt8] {
        let descriptor = openFile(path, O_RDONLY)
        guard descriptor >= 0 else { throw unreadable(path, errno) }
        defer { close(descriptor) }

        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw unreadable(path, errno) }
        guard status.st_size <= maximumByteCount else { throw fileTooLarge(path) }

        // One byte more than the size: a read that leaves it unused has found the end of the file.
        var (bytes, failure) = readChunk(descriptor, upTo: Int(status.st_size) + 1)
        var room = Int(status.st_size) + 1
        // Pipes report a size of 0, and a file may be growing: go on while everything asked for is there.
        while failure == nil, bytes.count == room {
            guard bytes.count <= maximumByteCount else { throw fileTooLarge(path) }
            let chunk: [UInt8]
            (chunk, failure) = readChunk(descriptor, upTo: 1 << 20)
            bytes += chunk
            room += 1 << 20
        }
        if let failure { throw unreadable(path, failure) }
        guard !bytes.isEmpty else { throw .empty(name: path) }
        return bytes
    }

    /// Reads until `count` bytes are there or the file ends.
    private static func readChunk(_ descriptor: Int32, upTo count: Int) -> (bytes: [UInt8], failure: Int32?) {
        var failure: Int32?
        let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, initializedCount in
            while initializedCount < count, let base = buffer.baseAddress {
                let result = Foundation.read(descriptor, base + initializedCount, count - initializedCount)
                if result > 0 {
                    initializedCount += result
                } else if result == 0 {
                    return
                } else if errno != EINTR {
                    failure = errno
                    return
                }
            }
        }
        return (bytes, failure)
    }

    private static func unreadable(_ path: String, _ code: Int32) -> ImageError {
        .unreadable(name: path, reason: String(cString: strerror(code)))
    }

    private static func fileTooLarge(_ path: String) -> ImageError {
        .unreadable(name: path, reason: "it is larger than \(maximumByteCount >> 30) GiB")
    }
}
