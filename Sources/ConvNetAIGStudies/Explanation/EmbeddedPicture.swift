import Foundation

/// A picture inside of another, as a data URL.
struct EmbeddedPicture: Sendable, Hashable {
    let url: String

    private static let largestByteCount = 8 << 20

    /// Nil for what browsers would not show, and for files that would make the outer picture unwieldy.
    init?(_ bytes: [UInt8]) {
        guard bytes.count <= Self.largestByteCount else { return nil }
        let type: String
        if bytes.starts(with: [0xFF, 0xD8, 0xFF]) {
            type = "image/jpeg"
        } else if bytes.starts(with: [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]) {
            type = "image/png"
        } else {
            return nil
        }
        url = "data:\(type);base64,\(Data(bytes).base64EncodedString())"
    }
}
