import Foundation

/// The bytes of a file, or of a pipe to its end.
/// - Parameter limit: the most that are read.
/// - Throws: ``FileError`` in the system's words.
package func readBytes(_ path: String, limit: Int = .max) throws(FileError) -> [UInt8] {
    let descriptor = openFile(path, O_RDONLY)
    guard descriptor >= 0 else { throw .unreadable(path: path, problem: systemErrorText()) }
    defer { close(descriptor) }
    var bytes: [UInt8] = []
    var block = [UInt8](repeating: 0, count: 1 << 16)
    while bytes.count < limit {
        let count = block.withUnsafeMutableBytes {
            read(descriptor, $0.baseAddress, min($0.count, limit - bytes.count))
        }
        if count < 0 {
            if errno == EINTR { continue }
            throw .unreadable(path: path, problem: systemErrorText())
        }
        guard count > 0 else { break }
        bytes += block.prefix(count)
    }
    return bytes
}
