/// What a file holds that is no image of a format that is read, recognised by its first bytes so that a message can
/// name it.
public enum ForeignContent: String, Sendable, Hashable, CaseIterable {
    case gif = "a GIF picture"
    case tiff = "a TIFF picture"
    case bmp = "a BMP picture"
    case heif = "a HEIF picture"
    case avif = "an AVIF picture"
    case jpeg2000 = "a JPEG 2000 picture"
    case jpegXL = "a JPEG XL picture"
    case photoshop = "a Photoshop document"
    case icon = "an icon"
    case svg = "an SVG drawing"
    case pdf = "a PDF document"
    case gitLFSPointer = "a Git LFS pointer"
    case html = "an HTML page"

    /// How far into a file its kind is looked for: comments may precede an SVG drawing's first tag.
    private static let markupByteCount = 1024

    init?(_ bytes: UnsafeRawBufferPointer) {
        if let signature = ForeignContent.signatures.first(where: { bytes.holds($0.text) }) {
            self = signature.content
        } else if bytes.holds("BM"), bytes.number(at: 6, byteCount: 4, .littleEndian) == 0 {
            // The two letters alone may begin any text; the reserved field is zero in every bitmap.
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

    /// The kind of an ISO base media file, by its major brand or one of those it is compatible with
    /// (ISO/IEC 14496-12, 4.3); nil for films.
    private static func brand(of bytes: UnsafeRawBufferPointer) -> ForeignContent? {
        let boxSize = bytes.number(at: 0, byteCount: 4, .bigEndian) ?? 0
        let brands = [8] + Array(stride(from: 16, to: min(boxSize, bytes.count, markupByteCount) - 3, by: 4))
        for place in brands {
            if bytes.holds("avif", at: place) || bytes.holds("avis", at: place) { return .avif }
            let heif: [StaticString] = ["heic", "heix", "heim", "heis", "hevc", "hevx", "mif1", "msf1"]
            // An AVIF image may name the general brand first and its own among the compatible ones.
            if heif.contains(where: { bytes.holds($0, at: place) }) {
                return brands.contains { bytes.holds("avif", at: $0) } ? .avif : .heif
            }
        }
        return nil
    }

    /// HTML and SVG by their first tags, in letters of either case, after white space and a byte-order mark.
    private static func markup(_ bytes: UnsafeRawBufferPointer) -> ForeignContent? {
        let start = bytes.prefix(markupByteCount)
        let isMarked = start.starts(with: [0xEF, 0xBB, 0xBF])
        let text = String(decoding: start.dropFirst(isMarked ? 3 : 0), as: UTF8.self)
            .drop { $0.isWhitespace }.lowercased()
        guard text.hasPrefix("<") else { return nil }
        if text.hasPrefix("<!doctype html") || text.contains("<html") { return .html }
        return text.contains("<svg") ? .svg : nil
    }

    /// What the reader of a message can do.
    var advice: String {
        switch self {
        case .gitLFSPointer: "which stands for the file itself; fetch that with `git lfs pull`"
        case .html: "not a picture, as a download that went wrong leaves behind; download it again"
        default: "which is not read; convert it to JPEG, PNG or WebP"
        }
    }
}
