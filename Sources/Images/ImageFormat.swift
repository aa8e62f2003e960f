/// The image formats that can be read.
public enum ImageFormat: String, Sendable, Hashable, CaseIterable {
    /// JPEG, baseline or progressive.
    case jpeg = "JPEG"
    /// PNG.
    case png = "PNG"
    /// WebP, lossy or lossless.
    case webp = "WebP"

    /// The number of bytes at the start of a file that determine its format.
    public static let signatureByteCount = 12

    /// The first bytes of such files; nil stands for any byte.
    var signature: [UInt8?] {
        switch self {
        case .jpeg: Self.jpegSignature
        case .png: Self.pngSignature
        case .webp: Self.webpSignature
        }
    }

    // Stored rather than made anew for every image.
    /// The start-of-image marker and the first byte of the next marker.
    private static let jpegSignature: [UInt8?] = [0xFF, 0xD8, 0xFF]
    private static let pngSignature: [UInt8?] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]
    /// "RIFF", the size, "WEBP".
    private static let webpSignature: [UInt8?] = [
        0x52, 0x49, 0x46, 0x46, nil, nil, nil, nil, 0x57, 0x45, 0x42, 0x50,
    ]

    /// Whether the bytes match the start of the signature.
    func mayStart(_ bytes: UnsafeRawBufferPointer) -> Bool {
        zip(signature, bytes).allSatisfy { wanted, byte in wanted == nil || wanted == byte }
    }
}

extension Image {
    /// The format of an image by its first bytes, or nil if it cannot be read. The file name does not matter.
    ///
    /// - Parameter bytes: The start of a file, at least ``ImageFormat/signatureByteCount`` bytes.
    public static func format(of bytes: UnsafeRawBufferPointer) -> ImageFormat? {
        // Called for every image, so the first byte, which no two formats share, decides.
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

/// The kind of a file that is not a supported image, recognised by its first bytes. Raw values are the kinds' names in
/// messages.
public enum ForeignContent: String, Sendable, Hashable, CaseIterable {
    /// GIF.
    case gif = "a GIF picture"
    /// TIFF.
    case tiff = "a TIFF picture"
    /// Windows bitmap.
    case bmp = "a BMP picture"
    /// HEIF, such as photographs of iPhones.
    case heif = "a HEIF picture"
    /// AVIF.
    case avif = "an AVIF picture"
    /// JPEG 2000.
    case jpeg2000 = "a JPEG 2000 picture"
    /// JPEG XL.
    case jpegXL = "a JPEG XL picture"
    /// Adobe Photoshop.
    case photoshop = "a Photoshop document"
    /// Windows icon.
    case icon = "an icon"
    /// SVG.
    case svg = "an SVG drawing"
    /// PDF.
    case pdf = "a PDF document"
    /// A pointer of Git LFS to a file that was not fetched.
    case gitLFSPointer = "a Git LFS pointer"
    /// HTML, as of a failed download.
    case html = "an HTML page"

    /// The number of bytes searched for a tag: comments may precede the first tag of an SVG drawing.
    private static let markupByteCount = 1024

    init?(_ bytes: UnsafeRawBufferPointer) {
        if let signature = ForeignContent.signatures.first(where: { bytes.holds($0.text) }) {
            self = signature.content
        } else if bytes.holds("BM"), bytes.number(at: 6, byteCount: 4, .littleEndian) == 0 {
            // The two letters could also begin a text; the reserved field is zero in every bitmap.
            self = .bmp
        } else if bytes.starts(with: [0xFF, 0x4F, 0xFF, 0x51]) {
            self = .jpeg2000
        } else if bytes.starts(with: [0xFF, 0x0A]) {
            self = .jpegXL
        } else if bytes.holds("ftyp", at: 4), let content = ForeignContent.brand(of: bytes) {
            self = content
        } else if let content = ForeignContent.markup(bytes) {
            self = content
        } else {
            return nil
        }
    }

    private static let signatures: [(text: StaticString, content: ForeignContent)] = [
        ("GIF87a", .gif), ("GIF89a", .gif),
        ("II*\0", .tiff), ("MM\0*", .tiff), ("II+\0", .tiff), ("MM\0+", .tiff),
        ("\0\0\0\u{0C}jP  \r\n", .jpeg2000), ("\0\0\0\u{0C}JXL \r\n", .jpegXL),
        ("8BPS", .photoshop), ("\0\0\u{01}\0", .icon), ("%PDF-", .pdf),
        ("version https://git-lfs.github.com/spec/", .gitLFSPointer),
    ]

    /// The kind of an ISO base media file by its major or compatible brands (ISO/IEC 14496-12, 4.3); nil for films.
    private static func brand(of bytes: UnsafeRawBufferPointer) -> ForeignContent? {
        let boxSize = bytes.number(at: 0, byteCount: 4, .bigEndian) ?? 0
        let brands = [8] + Array(stride(from: 16, to: min(boxSize, bytes.count, markupByteCount) - 3, by: 4))
        for place in brands {
            if bytes.holds("avif", at: place) || bytes.holds("avis", at: place) { return .avif }
            let heif: [StaticString] = ["heic", "heix", "heim", "heis", "hevc", "hevx", "mif1", "msf1"]
            // The major brand of an AVIF image may be the general one, and its own among the compatible brands.
            if heif.contains(where: { bytes.holds($0, at: place) }) {
                return brands.contains { bytes.holds("avif", at: $0) } ? .avif : .heif
            }
        }
        return nil
    }

    /// HTML or SVG by their first tags, regardless of case, after white space and a byte-order mark.
    private static func markup(_ bytes: UnsafeRawBufferPointer) -> ForeignContent? {
        let start = bytes.prefix(markupByteCount)
        let isMarked = start.starts(with: [0xEF, 0xBB, 0xBF])
        let text = String(decoding: start.dropFirst(isMarked ? 3 : 0), as: UTF8.self)
            .drop { $0.isWhitespace }.lowercased()
        guard text.hasPrefix("<") else { return nil }
        if text.hasPrefix("<!doctype html") || text.contains("<html") { return .html }
        return text.contains("<svg") ? .svg : nil
    }

    /// What to do about it, as the end of a message.
    var advice: String {
        switch self {
        case .gitLFSPointer: "which stands for the file itself; fetch that with `git lfs pull`"
        case .html: "not a picture, as a download that went wrong leaves behind; download it again"
        default: "which is not read; convert it to JPEG, PNG or WebP"
        }
    }
}

/// Bounds-checked reading of numbers and parts of encoded files, whose offsets may come from the file itself.
extension UnsafeRawBufferPointer {
    /// The order of a number's bytes.
    enum ByteOrder: Sendable {
        case bigEndian, littleEndian
    }

    /// The unsigned number of `byteCount` (1 to 4) bytes at `offset`, or nil if they are not all there.
    func number(at offset: Int, byteCount: Int, _ order: ByteOrder) -> Int? {
        guard let bytes = part(at: offset, count: byteCount) else { return nil }
        return switch order {
        case .bigEndian: bytes.reduce(0) { $0 << 8 | Int($1) }
        case .littleEndian: bytes.reversed().reduce(0) { $0 << 8 | Int($1) }
        }
    }

    /// The `count` bytes at `offset`, or nil if they are not all there.
    func part(at offset: Int, count: Int) -> UnsafeRawBufferPointer? {
        guard offset >= 0, count >= 0, offset <= self.count, count <= self.count - offset else { return nil }
        return UnsafeRawBufferPointer(rebasing: self[offset..<(offset + count)])
    }

    /// Whether the bytes at `offset` are those of an ASCII text.
    func holds(_ text: StaticString, at offset: Int = 0) -> Bool {
        guard let bytes = part(at: offset, count: text.utf8CodeUnitCount) else { return false }
        return text.withUTF8Buffer { bytes.elementsEqual($0) }
    }
}
