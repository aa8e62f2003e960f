import ConvNetAIG
import Foundation

/// An image inside of another, as a data URL.
struct EmbeddedImage: Sendable, Hashable {
    let url: String

    private static let largestByteCount = 8 << 20

    /// Nil for what browsers would not show, and for files that would make the outer image unwieldy.
    init?(_ bytes: [UInt8]) {
        guard bytes.count <= Self.largestByteCount else { return nil }
        guard let format = bytes.withUnsafeBytes({ Image.format(of: $0) }) else { return nil }
        let type =
            switch format {
            case .jpeg: "image/jpeg"
            case .png: "image/png"
            case .webp: "image/webp"
            }
        url = "data:\(type);base64,\(Data(bytes).base64EncodedString())"
    }
}
