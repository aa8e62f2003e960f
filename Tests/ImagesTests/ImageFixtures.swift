import Foundation
import Testing

@testable import Images

/// The committed images, and what Pillow makes of them.
///
/// Beside each image `x` in `Fixtures/images` lies `x.rgb`: the width and the height as little-endian
/// 16-bit numbers, then the samples of `PIL.Image.open(x).convert("RGB")` (for 16-bit grey the high bytes).
enum ImageFixtures {
    static let folder = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("Fixtures")

    static let jpegNames = [
        "grey.jpg", "cmyk.jpg", "ycck.jpg", "progressive.jpg", "chroma-420.jpg", "chroma-422.jpg",
        "chroma-444.jpg", "restart.jpg", "rgb.jpg", "one.jpg", "stray-bytes.jpg",
    ]

    static let pngNames = [
        "one.png", "rgb.png", "grey16.png", "rgb16.png", "rgba16.png", "palette-trns.png", "palette4.png",
        "palette2.png", "grey-alpha.png", "rgba.png", "rgb-trns.png", "bilevel.png", "grey2.png", "grey4.png",
        "adam7.png", "adam7-bilevel.png", "adam7-tiny.png", "odd-chunks.png", "elongated.png",
    ]

    static let webpNames = [
        "lossy.webp", "lossless.webp", "lossy-alpha.webp", "lossless-alpha.webp", "palette.webp", "one.webp",
        "animated.webp", "animated-alpha.webp", "animated-offset.webp",
    ]

    /// Images that are to be turned to the right; what is expected of them is turned.
    static let turnedNames = ["orientation-6.jpg", "orientation-6.png", "orientation-6.webp"]

    static func path(_ name: String) -> String {
        folder.appendingPathComponent("pictures").appendingPathComponent(name).path
    }

    static func bytes(_ name: String) throws -> [UInt8] {
        [UInt8](try Data(contentsOf: URL(fileURLWithPath: path(name))))
    }

    /// An image stored as an `.rgb` file.
    static func expected(_ name: String) throws -> Image {
        let bytes = try bytes(name)
        return try Image(
            width: Int(bytes[0]) | Int(bytes[1]) << 8, height: Int(bytes[2]) | Int(bytes[3]) << 8,
            pixels: Array(bytes[4...]))
    }

    /// The largest difference of two samples, or nil if the sizes differ.
    static func maximumDifference(_ first: Image, _ second: Image) -> Int? {
        guard first.width == second.width, first.height == second.height else { return nil }
        return zip(first.pixels, second.pixels).map { abs(Int($0) - Int($1)) }.max()
    }

    /// The eight bytes every PNG file starts with.
    static let pngSignature: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]

    /// A PNG file that is nothing but a header.
    static func pngHeader(
        width: UInt32, height: UInt32, bitDepth: UInt8 = 8, colorType: UInt8 = 2
    ) -> [UInt8] {
        let fields = bigEndian(width) + bigEndian(height) + [bitDepth, colorType, 0, 0, 0]
        return pngSignature + chunk("IHDR", fields)
    }

    static func chunk(_ type: String, _ data: [UInt8]) -> [UInt8] {
        let checked = Array(type.utf8) + data
        var remainder: UInt32 = 0xFFFF_FFFF
        for byte in checked {
            remainder ^= UInt32(byte)
            for _ in 0..<8 { remainder = remainder & 1 == 1 ? remainder >> 1 ^ 0xEDB8_8320 : remainder >> 1 }
        }
        return bigEndian(UInt32(data.count)) + checked + bigEndian(~remainder)
    }

    /// A JPEG file that is nothing but a frame header and an end.
    static func jpegHeader(width: UInt16, height: UInt16) -> [UInt8] {
        let size = [UInt8(height >> 8), UInt8(height & 255), UInt8(width >> 8), UInt8(width & 255)]
        let components: [UInt8] = [3, 1, 0x11, 0, 2, 0x11, 0, 3, 0x11, 0]
        return [0xFF, 0xD8, 0xFF, 0xC0, 0, 17, 8] + size + components + [0xFF, 0xD9]
    }

    /// A chunk of a WebP file, with its byte of padding.
    static func riffChunk(_ type: String, _ data: [UInt8]) -> [UInt8] {
        Array(type.utf8) + littleEndian(UInt32(data.count)) + data + [UInt8](repeating: 0, count: data.count % 2)
    }

    /// A WebP file of chunks.
    static func webp(_ chunks: [UInt8]...) -> [UInt8] {
        riffChunk("RIFF", Array("WEBP".utf8) + chunks.joined())
    }

    /// The header of a WebP file with extensions: flags and the size of its canvas.
    static func webpExtensions(flags: UInt8 = 0, width: UInt32, height: UInt32) -> [UInt8] {
        riffChunk(
            "VP8X", [flags, 0, 0, 0] + littleEndian(width - 1).prefix(3) + littleEndian(height - 1).prefix(3))
    }

    /// The one chunk that holds the image in a WebP file without extensions.
    static func bitstream(_ name: String) throws -> [UInt8] { Array(try bytes(name).dropFirst(12)) }

    static func littleEndian(_ value: UInt32) -> [UInt8] { bigEndian(value).reversed() }

    static func bigEndian(_ value: UInt32) -> [UInt8] {
        [UInt8(value >> 24), UInt8(value >> 16 & 255), UInt8(value >> 8 & 255), UInt8(value & 255)]
    }
}
