import Foundation
import TestSupport
import Testing

@testable import Images

@Suite struct ImageDecodingTests {
    @Test(arguments: ImageFixtures.pngNames)
    func pngEqualsPillow(name: String) throws {
        let image = try Image(contentsOf: ImageFixtures.path(name))
        #expect(image == (try ImageFixtures.expected(name + ".rgb")))
    }

    /// One level is granted because libjpeg-turbo's versions differ in rounding; with most, all is equal.
    @Test(arguments: ImageFixtures.jpegNames)
    func jpegEqualsPillow(name: String) throws {
        let image = try Image(contentsOf: ImageFixtures.path(name))
        let difference = ImageFixtures.maximumDifference(image, try ImageFixtures.expected(name + ".rgb"))
        #expect(try #require(difference) <= 1)
    }

    @Test(arguments: ImageFixtures.webpNames)
    func webpEqualsPillow(name: String) throws {
        let reading = try Image.read(contentsOf: ImageFixtures.path(name))
        #expect(reading.image == (try ImageFixtures.expected(name + ".rgb")))
        #expect(reading.warnings.isEmpty)
    }

    /// Strictly read, too, and without a warning.
    @Test(arguments: ImageFixtures.jpegNames + ImageFixtures.pngNames + ImageFixtures.webpNames)
    func soundFilesHaveNoWarnings(name: String) throws {
        let strict = try Image.read(contentsOf: ImageFixtures.path(name), options: .init(strictness: .strict))
        #expect(strict.warnings.isEmpty)
        #expect(strict == (try Image.read(contentsOf: ImageFixtures.path(name))))
    }

    @Test func allFormsOfDataAgree() throws {
        let bytes = try ImageFixtures.bytes("rgb.png")
        let image = try Image(decoding: bytes, name: "a")
        #expect(image == (try Image(decoding: Data(bytes), name: "a")))
        #expect(image == (try Image(contentsOf: ImageFixtures.path("rgb.png"))))
    }

    @Test func formatIsRecognisedByContentNotName() throws {
        let folder = FileManager.default.temporaryDirectory
        let path = folder.appendingPathComponent("picture-\(UUID().uuidString).jpg").path
        defer { try? FileManager.default.removeItem(atPath: path) }
        try Data(ImageFixtures.bytes("rgb.png")).write(to: URL(fileURLWithPath: path))
        #expect(try Image(contentsOf: path) == ImageFixtures.expected("rgb.png.rgb"))
    }

    @Test func unreadableFilesAreNamed() throws {
        #expect(throws: ImageError.unreadable(name: "/no/such.png", reason: "No such file or directory")) {
            try Image(contentsOf: "/no/such.png")
        }
        #expect(throws: ImageError.unreadable(name: "/", reason: "Is a directory")) {
            try Image(contentsOf: "/")
        }
        #expect(throws: ImageError.empty(name: "/dev/null")) { try Image(contentsOf: "/dev/null") }
        let hidden = ImageFixtures.path("rgb.png") + "\0.txt"
        #expect(throws: ImageError.unreadable(name: hidden, reason: "No such file or directory")) {
            try Image(contentsOf: hidden)
        }
    }

    @Test func otherContentIsNoImage() {
        #expect(throws: ImageError.empty(name: "a")) { try Image(decoding: [UInt8](), name: "a") }
        #expect(throws: ImageError.unknownFormat(name: "a")) {
            try Image(decoding: Data("GIF79a".utf8), name: "a")
        }
        let riff = Array("RIFF".utf8)
        for bytes: [UInt8] in [
            [0xFF], [0xFF, 0xD8], [0x89, 0x50], Array(ImageFixtures.pngSignature.prefix(7)), riff,
            riff + [1, 2, 3, 4] + Array("WEB".utf8),
        ] {
            #expect(throws: ImageError.corrupt(name: "a", reason: "the file ends within its signature")) {
                try Image(decoding: bytes, name: "a")
            }
        }
    }

    @Test(arguments: ImageFixtures.jpegNames + ImageFixtures.pngNames + ImageFixtures.webpNames)
    func everyTruncationIsAStrictError(name: String) throws {
        let bytes = try ImageFixtures.bytes(name)
        for count in Set((1..<bytes.count).filter { $0 % 37 == 0 } + [bytes.count - 1, bytes.count - 2]) {
            let error = #expect(throws: ImageError.self) {
                try Image(
                    decoding: Array(bytes.prefix(count)), name: "cut.bin", options: .init(strictness: .strict))
            }
            let description = try #require(error?.description)
            #expect(description.hasPrefix("cut.bin: "))
            #expect(description.contains("truncated or damaged"), "\(description)")
        }
    }

    @Test func jpegWithMissingDataBeforeItsEndIsAnError() throws {
        for name in ["chroma-444.jpg", "grey.jpg", "cmyk.jpg", "progressive.jpg"] {
            let bytes = try ImageFixtures.bytes(name)
            let start = try #require(firstMarker(0xDA, in: bytes))
            let cut = Array(bytes[..<(start + 20)]) + [0xFF, 0xD9]
            #expect(throws: ImageError.self) { try Image(decoding: cut, name: name) }
        }
    }

    @Test func jpegWithoutImageIsAnError() {
        #expect(throws: ImageError.self) {
            try Image(decoding: [0xFF, 0xD8, 0xFF, 0xD9] as [UInt8], name: "a")
        }
    }

    @Test func jpegProcessesBeyondTheDecoderAreUnsupported() throws {
        var bytes = try ImageFixtures.bytes("chroma-444.jpg")
        bytes[try #require(firstMarker(0xC0, in: bytes)) + 1] = 0xC3
        let error = #expect(throws: ImageError.self) { try Image(decoding: bytes, name: "lossless.jpg") }
        guard case .unsupported(name: "lossless.jpg", reason: _) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }

    @Test func wrongCheckSumsOfPixelsAreErrors() throws {
        let bytes = try ImageFixtures.bytes("rgb.png")
        for type in ["IHDR", "IDAT"] {
            var damaged = bytes
            let place = try #require(find(type, in: bytes))
            let length = damaged[(place - 4)..<place].reduce(0) { $0 << 8 | Int($1) }
            damaged[place + 4 + length] ^= 1
            #expect(throws: ImageError.self, "\(type)") { try Image(decoding: damaged, name: "a") }
        }
    }

    @Test(arguments: [(20_000, 20_000), (65_500, 65_500), (65_535, 65_535), (65_535, 2_731), (65_501, 3_000)])
    func hugeImagesAreRefusedByTheirHeader(width: Int, height: Int) {
        #expect(throws: ImageError.tooLarge(name: "a", width: width, height: height)) {
            try Image(
                decoding: ImageFixtures.jpegHeader(width: UInt16(width), height: UInt16(height)), name: "a")
        }
        #expect(throws: ImageError.tooLarge(name: "a", width: width, height: height)) {
            try Image(
                decoding: ImageFixtures.pngHeader(width: UInt32(width), height: UInt32(height)), name: "a")
        }
    }

    @Test func sidesBeyondTheLimitAreRefused() {
        for (width, height) in [(65_536, 1), (1, 65_536), (2_147_483_647, 2_147_483_647)] {
            #expect(throws: ImageError.tooLarge(name: "a", width: width, height: height)) {
                try Image(
                    decoding: ImageFixtures.pngHeader(width: UInt32(width), height: UInt32(height)), name: "a"
                )
            }
        }
    }

    @Test func jpegSidesBeyondTheDecodersLimitAreUnsupported() throws {
        var bytes = try ImageFixtures.bytes("chroma-444.jpg")
        let frame = try #require(firstMarker(0xC0, in: bytes))
        bytes[(frame + 7)...(frame + 8)] = [0xFF, 0xE6]
        bytes[(frame + 5)...(frame + 6)] = [0, 1]
        let reason = "Maximum supported image dimension is 65500 pixels"
        #expect(throws: ImageError.unsupported(name: "a", reason: reason)) {
            try Image(decoding: bytes, name: "a")
        }
    }

    /// 13,000 x 13,000 pixels are within the limit, but a few dozen bytes cannot hold them.
    @Test func lyingHeadersAreRefusedBeforeAllocating() {
        let empty = ImageFixtures.chunk("IDAT", []) + ImageFixtures.chunk("IEND", [])
        let png = ImageFixtures.pngHeader(width: 13_000, height: 13_000) + empty
        #expect(throws: ImageError.corrupt(name: "a", reason: "it is too short for 13000 x 13000 pixels")) {
            try Image(decoding: png, name: "a")
        }
        #expect(throws: ImageError.self) {
            try Image(decoding: ImageFixtures.jpegHeader(width: 13_000, height: 13_000), name: "a")
        }
    }

    @Test func samplesMustFitTheSize() throws {
        #expect(throws: ImageError.invalidPixels(width: 2, height: 2, count: 11)) {
            try Image(width: 2, height: 2, pixels: [UInt8](repeating: 0, count: 11))
        }
        for (width, height) in [(0, 1), (1, 0), (-1, -1), (Int.min, 1)] {
            #expect(throws: ImageError.invalidPixels(width: width, height: height, count: 0)) {
                try Image(width: width, height: height, pixels: [])
            }
        }
        #expect(throws: ImageError.tooLarge(name: "pixels", width: .max, height: .max)) {
            try Image(width: .max, height: .max, pixels: [])
        }
        #expect(try Image(width: 1, height: 2, pixels: [1, 2, 3, 4, 5, 6]).pixels == [1, 2, 3, 4, 5, 6])
    }

    @Test func messagesSayWhatToDo() {
        let message = ImageError.tooLarge(name: "big.png", width: 20_000, height: 20_000).description
        #expect(message.hasPrefix("big.png: 20000 x 20000 pixels"))
        #expect(message.contains("178956970"))
        #expect(message.contains("Make the picture smaller"))
    }

    private func firstMarker(_ code: UInt8, in bytes: [UInt8]) -> Int? {
        (0..<(bytes.count - 1)).first { bytes[$0] == 0xFF && bytes[$0 + 1] == code }
    }

    private func find(_ type: String, in bytes: [UInt8]) -> Int? {
        let wanted = Array(type.utf8)
        return (0..<(bytes.count - 3)).first { Array(bytes[$0..<($0 + 4)]) == wanted }
    }
}
