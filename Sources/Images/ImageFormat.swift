/// The formats of images that are read.
public enum ImageFormat: String, Sendable, Hashable, CaseIterable {
    case jpeg = "JPEG"
    case png = "PNG"
    case webp = "WebP"

    /// The bytes at the start of a file that tell its format.
    public static let signatureByteCount = 12

    /// What such files start with; nil stands for any byte.
    var signature: [UInt8?] {
        switch self {
        case .jpeg: Self.jpegSignature
        case .png: Self.pngSignature
        case .webp: Self.webpSignature
        }
    }

    // Made once, and not for every image that is read.
    /// The start-of-image marker and the first byte of the next marker.
    private static let jpegSignature: [UInt8?] = [0xFF, 0xD8, 0xFF]
    private static let pngSignature: [UInt8?] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]
    /// "RIFF", the size, "WEBP".
    private static let webpSignature: [UInt8?] = [
        0x52, 0x49, 0x46, 0x46, nil, nil, nil, nil, 0x57, 0x45, 0x42, 0x50,
    ]

    /// Whether bytes agree with the signature, as far as they reach.
    func mayStart(_ bytes: UnsafeRawBufferPointer) -> Bool {
        zip(signature, bytes).allSatisfy { wanted, byte in wanted == nil || wanted == byte }
    }
}

extension Image {
    /// The format of an image by its first bytes, or nil if it is none that is read. A file's name does not matter.
    ///
    /// - Parameter bytes: The start of a file: ``ImageFormat/signatureByteCount`` bytes suffice, and more do no harm.
    public static func format(of bytes: UnsafeRawBufferPointer) -> ImageFormat? {
        // For every image that is read, so by its first byte at once: no two formats share it.
        let format: ImageFormat
        switch bytes.first {
        case 0xFF: format = .jpeg
        case 0x89: format = .png
        case 0x52: format = .webp
        default: return nil
        }
        let signature = format.signature
        guard bytes.count >= signature.count else { return nil }
        for index in signature.indices {
            guard let wanted = signature[index] else { continue }
            guard bytes[index] == wanted else { return nil }
        }
        return format
    }
}
