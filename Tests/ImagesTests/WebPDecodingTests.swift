import Testing

@testable import Images

/// What is around the image in a WebP file: the chunks, sizes and frames that this project reads itself.
@Suite struct WebPDecodingTests {
    @Test func unknownChunksAreSkipped() throws {
        let file = try ImageFixtures.webp(
            ImageFixtures.webpExtensions(width: 37, height: 22), ImageFixtures.riffChunk("ABCD", [1, 2, 3]),
            ImageFixtures.bitstream("lossy.webp"), ImageFixtures.riffChunk("XMP ", [4]))
        let reading = try Image.read(decoding: file, name: "a")
        #expect(reading.image == (try ImageFixtures.expected("lossy.webp.rgb")))
        #expect(reading.warnings.isEmpty)
    }

    @Test(arguments: [(16_384, 16_384), (16_384, 10_923), (1 << 24, 1), (1, 65_536)])
    func hugeCanvasesAreRefusedByTheirHeader(width: UInt32, height: UInt32) throws {
        let file = try ImageFixtures.webp(
            ImageFixtures.webpExtensions(width: width, height: height), ImageFixtures.bitstream("one.webp"))
        #expect(throws: ImageError.tooLarge(name: "a", width: Int(width), height: Int(height))) {
            try Image(decoding: file, name: "a")
        }
    }

    /// 16,383 x 16,383 pixels in the bitstream's own header, lossless and lossy.
    @Test func hugeBitstreamsAreRefusedByTheirHeader() throws {
        var lossless = try ImageFixtures.bytes("one.webp")
        lossless[21...24] = [0xFE, 0xBF, 0xFF, 0x0F]
        var lossy = try ImageFixtures.bytes("lossy.webp")
        lossy[26...29] = [0xFF, 0x3F, 0xFF, 0x3F]
        for file in [lossless, lossy] {
            #expect(throws: ImageError.tooLarge(name: "a", width: 16_383, height: 16_383)) {
                try Image(decoding: file, name: "a")
            }
        }
    }

    /// 13,000 x 13,000 pixels are within the limit, but a few hundred bytes cannot hold them.
    @Test func lyingHeadersAreRefusedBeforeAllocating() throws {
        var file = try ImageFixtures.bytes("lossy.webp")
        file[26...29] = [0xC8, 0x32, 0xC8, 0x32]
        #expect(throws: ImageError.corrupt(name: "a", reason: "it is too short for 13000 x 13000 pixels")) {
            try Image(decoding: file, name: "a")
        }
    }

    /// The same bits are a lossless image of any size, all of one colour.
    @Test func plainImagesMayBeLargeButNotHuge() throws {
        func plain(width: UInt32, height: UInt32) throws -> [UInt8] {
            var file = try ImageFixtures.bytes("one.webp")
            file.replaceSubrange(21..<25, with: ImageFixtures.littleEndian((width - 1) | (height - 1) << 14))
            return file
        }
        let image = try Image(decoding: plain(width: 200, height: 30), name: "a")
        #expect(image.width == 200 && image.height == 30)
        #expect(image.pixels == (0..<6000).flatMap { _ in [10, 20, 30] as [UInt8] })
        let huge = try plain(width: 13_000, height: 13_000)
        let reason = "13000 x 13000 pixels, nearly all alike, in \(huge.count) bytes"
        #expect(throws: ImageError.unsupported(name: "a", reason: reason)) { try Image(decoding: huge, name: "a") }
        let header = [UInt8](repeating: 0, count: 12) + [50, 0, 0, 0]
        let animation = try ImageFixtures.webp(
            ImageFixtures.webpExtensions(flags: 2, width: 13_000, height: 13_000),
            ImageFixtures.riffChunk("ANMF", header + ImageFixtures.bitstream("one.webp")))
        let error = #expect(throws: ImageError.self) { try Image(decoding: animation, name: "a") }
        guard case .unsupported = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }

    @Test(arguments: [(36, 22), (37, 23), (38, 22)])
    func sizesThatDisagreeAreErrors(width: UInt32, height: UInt32) throws {
        let file = try ImageFixtures.webp(
            ImageFixtures.webpExtensions(width: width, height: height), ImageFixtures.bitstream("lossy.webp"))
        let reason = "the size of its pixels is not the one it announces"
        #expect(throws: ImageError.corrupt(name: "a", reason: reason)) { try Image(decoding: file, name: "a") }
    }

    /// A frame of 37 x 22 pixels on a canvas of 40 x 30: at most 3 columns (2, as places are even) and 8 rows are free.
    @Test(arguments: [(0, 0, true), (2, 8, true), (4, 8, false), (2, 10, false), (0xFFFFFF, 0, false)])
    func framesMustFitTheCanvas(left: UInt32, top: UInt32, fits: Bool) throws {
        func threeBytes(_ value: UInt32) -> [UInt8] { Array(ImageFixtures.littleEndian(value).prefix(3)) }
        let header =
            threeBytes(left == 0xFFFFFF ? left : left / 2) + threeBytes(top / 2) + threeBytes(36) + threeBytes(21)
            + [50, 0, 0, 0]
        let file = try ImageFixtures.webp(
            ImageFixtures.webpExtensions(flags: 2, width: 40, height: 30),
            ImageFixtures.riffChunk("ANIM", [9, 9, 9, 9, 0, 0]),
            ImageFixtures.riffChunk("ANMF", header + ImageFixtures.bitstream("lossy.webp")))
        guard fits else {
            #expect(throws: ImageError.self) { try Image(decoding: file, name: "a") }
            return
        }
        let image = try Image(decoding: file, name: "a")
        let frame = try ImageFixtures.expected("lossy.webp.rgb")
        #expect(image.width == 40 && image.height == 30)
        for row in 0..<30 {
            let samples = image.pixels[(row * 120)..<((row + 1) * 120)]
            let expected =
                row >= top && row < top + 22 ? frame.pixels.dropFirst((row - Int(top)) * 111).prefix(111) : []
            let before = [UInt8](repeating: 0, count: expected.isEmpty ? 0 : Int(left) * 3)
            let shown = before + expected
            #expect(Array(samples) == shown + [UInt8](repeating: 0, count: 120 - shown.count), "row \(row)")
        }
    }

    @Test func filesWithoutImageAreErrors() {
        for file in [
            ImageFixtures.webp(), ImageFixtures.webp(ImageFixtures.webpExtensions(width: 1, height: 1)),
            ImageFixtures.webp(ImageFixtures.riffChunk("ANMF", [0, 0])),
            ImageFixtures.webp(ImageFixtures.riffChunk("VP8 ", [])),
            ImageFixtures.webp(ImageFixtures.riffChunk("VP8L", [])),
        ] {
            let error = #expect(throws: ImageError.self) { try Image(decoding: file, name: "a") }
            guard case .corrupt(name: "a", reason: _) = error else {
                Issue.record("\(String(describing: error))")
                continue
            }
        }
    }

    @Test func damagedBitstreamsAreErrors() throws {
        var file = try ImageFixtures.bytes("lossless.webp")
        file[20] ^= 1
        #expect(throws: ImageError.self) { try Image(decoding: file, name: "a") }
    }
}
