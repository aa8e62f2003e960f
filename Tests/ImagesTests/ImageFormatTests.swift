import Testing

@testable import Images

@Suite struct ImageFormatTests {
    private static func format(of bytes: [UInt8]) -> ImageFormat? { bytes.withUnsafeBytes { Image.format(of: $0) } }

    @Test func imagesAreRecognisedByTheirFirstBytes() throws {
        for (names, format) in [
            (ImageFixtures.jpegNames, ImageFormat.jpeg), (ImageFixtures.pngNames, .png),
            (ImageFixtures.webpNames, .webp),
        ] {
            for name in names {
                let bytes = try ImageFixtures.bytes(name)
                #expect(Self.format(of: bytes) == format)
                #expect(Self.format(of: Array(bytes.prefix(ImageFormat.signatureByteCount))) == format)
                #expect(Self.format(of: Array(bytes.prefix(format.signature.count - 1))) == nil)
            }
        }
        #expect(ImageFormat.allCases.map(\.signature.count).max() == ImageFormat.signatureByteCount)
        for text in ["", "text", "RIFF\0\0\0\0WAVEfmt ", "RIFX\0\0\0\0WEBP"] {
            #expect(Self.format(of: Array(text.utf8)) == nil)
        }
    }

    private static let others: [([UInt8], ForeignContent)] = [
        (Array("GIF89a".utf8), .gif), (Array("GIF87a,".utf8), .gif),
        ([0x49, 0x49, 0x2A, 0, 8, 0, 0, 0], .tiff), ([0x4D, 0x4D, 0, 0x2A, 0, 0, 0, 8], .tiff),
        ([0x49, 0x49, 0x2B, 0, 8, 0, 0, 0], .tiff), ([0x42, 0x4D, 70, 0, 0, 0, 0, 0, 0, 0, 54, 0, 0, 0], .bmp),
        ([0, 0, 0, 24] + Array("ftypheic\0\0\0\0mif1heic".utf8), .heif),
        ([0, 0, 0, 24] + Array("ftypmif1\0\0\0\0mif1heic".utf8), .heif),
        ([0, 0, 0, 24] + Array("ftypmif1\0\0\0\0mif1avif".utf8), .avif),
        ([0, 0, 0, 16] + Array("ftypavif".utf8), .avif),
        ([0, 0, 0, 12, 0x6A, 0x50, 0x20, 0x20, 13, 10, 0x87, 10], .jpeg2000), ([0xFF, 0x4F, 0xFF, 0x51, 0], .jpeg2000),
        ([0, 0, 0, 12, 0x4A, 0x58, 0x4C, 0x20, 13, 10, 0x87, 10], .jpegXL), ([0xFF, 0x0A, 1], .jpegXL),
        (Array("8BPS\0\u{1}".utf8), .photoshop), ([0, 0, 1, 0, 1, 0, 16, 16], .icon), (Array("%PDF-1.7\n".utf8), .pdf),
        (Array("<svg xmlns=\"http://www.w3.org/2000/svg\"/>".utf8), .svg),
        (Array("<?xml version=\"1.0\"?>\n<!-- drawn -->\n<svg>".utf8), .svg),
        (Array("version https://git-lfs.github.com/spec/v1\noid sha256:0".utf8), .gitLFSPointer),
        (Array("\n<!DOCTYPE HTML>\n<head>".utf8), .html), (Array("<HTML><body>404".utf8), .html),
        (Array("\u{FEFF}<html lang=\"en\"><svg/>".utf8), .html),
    ]

    @Test func otherFilesAreNamed() throws {
        for (bytes, content) in Self.others {
            #expect(throws: ImageError.unknownFormat(name: "a.jpg", content: content)) {
                try Image(decoding: bytes, name: "a.jpg")
            }
        }
        #expect(Set(Self.others.map(\.1)) == Set(ForeignContent.allCases))
        for text in ["text", "BMW", "BM, a note", "<?xml version=\"1.0\"?><note/>", "\0\0\0\u{18}ftypisom\0\0\0\0mp42"]
        {
            #expect(throws: ImageError.unknownFormat(name: "a")) { try Image(decoding: Array(text.utf8), name: "a") }
        }
    }

    @Test func messagesSayWhatToDo() {
        let message = { ImageError.unknownFormat(name: "a.jpg", content: $0).description }
        #expect(message(.tiff) == "a.jpg: is a TIFF picture, which is not read; convert it to JPEG, PNG or WebP.")
        #expect(message(.gitLFSPointer).contains("git lfs pull"))
        #expect(message(.html).contains("download it again"))
        #expect(message(nil).contains("JPEG nor a PNG nor a WebP"))
    }
}
