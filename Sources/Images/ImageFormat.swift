/// How a picture's file is coded.
public enum ImageFormat: String, Sendable, Hashable, CaseIterable {
    case jpeg = "JPEG"
    case png = "PNG"
    case webp = "WebP"
}

extension Image {
    /// What a file is coded as, by its first 16 bytes; nil for what is not read.
    public static func format(of bytes: UnsafeRawBufferPointer) -> ImageFormat? {
        if bytes.starts(with: JPEGDecoder.signature) { return .jpeg }
        if bytes.starts(with: PNGDecoder.signature) { return .png }
        return nil
    }
}
