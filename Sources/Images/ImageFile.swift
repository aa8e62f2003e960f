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
        let bytes: [UInt8]?
        do throws(Errno) {
            let file = try FileDescriptor.open(path: path, .readOnly)
            defer { try? file.close() }
            let isTooLarge = try file.status().size > maximumByteCount
            bytes = isTooLarge ? nil : try file.readToEnd(limit: maximumByteCount + 1)
        } catch {
            throw .unreadable(name: path, reason: error.description)
        }
        guard let bytes, bytes.count <= maximumByteCount else {
            throw .unreadable(name: path, reason: "it is larger than \(maximumByteCount >> 30) GiB")
        }
        guard !bytes.isEmpty else { throw .empty(name: path) }
        return bytes
    }
}
