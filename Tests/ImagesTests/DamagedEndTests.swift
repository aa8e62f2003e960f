import TestSupport
import Testing

@testable import Images

/// Files that are damaged where they hold no pixels are read, with a warning; a strict reader refuses them.
@Suite struct DamagedEndTests {
    /// Checks that a file is read as another is, with warnings, and that a strict reader refuses it.
    private func expect(
        _ file: [UInt8], toBeReadAs whole: Image, with warnings: [ImageWarning],
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let reading = Result { () throws(ImageError) in try Image.read(decoding: file, name: "a") }
        guard case .success(let reading) = reading else {
            Issue.record("\(reading)", sourceLocation: sourceLocation)
            return
        }
        #expect(reading.image == whole, sourceLocation: sourceLocation)
        #expect(reading.warnings == warnings, sourceLocation: sourceLocation)
        #expect(try Image(decoding: file, name: "a") == whole, sourceLocation: sourceLocation)
        let error = #expect(throws: ImageError.self, sourceLocation: sourceLocation) {
            try Image(decoding: file, name: "a", options: .init(strictness: .strict))
        }
        guard case .corrupt(name: "a", reason: _) = error else {
            Issue.record("\(String(describing: error))", sourceLocation: sourceLocation)
            return
        }
    }

    private func expectError(_ file: [UInt8], _ comment: Comment, sourceLocation: SourceLocation = #_sourceLocation) {
        #expect(throws: ImageError.self, comment, sourceLocation: sourceLocation) {
            try Image(decoding: file, name: "a")
        }
    }

    /// Whatever is cut off, the result is the whole image with a warning, or an error. The length of the file may be
    /// kept with zeros, except in WebP, whose lengths are then right and which has no check sums.
    @Test(arguments: ImageFixtures.jpegNames + ImageFixtures.pngNames + ImageFixtures.webpNames)
    func truncationsNeverLosePixels(name: String) throws {
        let bytes = try ImageFixtures.bytes(name)
        let whole = try Image(decoding: bytes, name: name)
        var wholeCount = 0
        for count in max(1, bytes.count - 400)..<bytes.count {
            let zeros = [UInt8](repeating: 0, count: bytes.count - count)
            for filling in name.hasSuffix(".webp") ? [[]] : [[], zeros] {
                let cut = Array(bytes.prefix(count)) + filling
                guard cut != bytes, let reading = try? Image.read(decoding: cut, name: name) else { continue }
                #expect(reading.image == whole, "\(count) of \(bytes.count) bytes")
                #expect(!reading.warnings.isEmpty)
                wholeCount += 1
            }
        }
        switch name {
        // The decoder tells of its stray bytes only, not of what is missing later.
        case "stray-bytes.jpg": #expect(wholeCount == 0)
        case "animated.webp", "animated-alpha.webp", "animated-offset.webp": #expect(wholeCount > 1)
        case _ where name.hasSuffix(".webp"): break
        default: #expect(wholeCount > 1)
        }
    }

    // MARK: PNG

    private let png = ["rgb.png", "adam7.png", "palette-trns.png", "rgb16.png"]

    @Test func pngWithoutItsEndIsRead() throws {
        for name in png {
            let bytes = try ImageFixtures.bytes(name)
            let whole = try Image(decoding: bytes, name: name)
            let missing = ImageWarning.damagedEnd(name: "a", reason: "the file ends without an IEND chunk")
            try expect(bytes.dropLast(12), toBeReadAs: whole, with: [missing])
            try expect(bytes.dropLast(12) + [0, 0, 0], toBeReadAs: whole, with: [missing])
            let cut = ImageWarning.damagedEnd(name: "a", reason: "the file ends within its IEND chunk")
            for count in 1...4 { try expect(bytes.dropLast(count), toBeReadAs: whole, with: [cut]) }
            let text = ImageFixtures.chunk("tEXt", Array("Comment\0hello".utf8))
            let cutText = ImageWarning.damagedEnd(name: "a", reason: "the file ends within its tEXt chunk")
            try expect(bytes.dropLast(12) + text.dropLast(9), toBeReadAs: whole, with: [cutText])
            let replaced = ImageWarning.damagedEnd(
                name: "a", reason: "something else stands where the IEND chunk should")
            try expect(
                bytes.dropLast(12) + [UInt8](repeating: 0, count: 512), toBeReadAs: whole, with: [replaced])
        }
    }

    @Test func pngWithOtherThingsDamagedIsRead() throws {
        for name in png {
            let bytes = try ImageFixtures.bytes(name)
            let whole = try Image(decoding: bytes, name: name)
            var end = bytes
            end[end.count - 1] ^= 1
            let wrongEnd = ImageWarning.damagedEnd(name: "a", reason: "the check sum of its IEND chunk is wrong")
            try expect(end, toBeReadAs: whole, with: [wrongEnd])
            try expect(bytes + [7], toBeReadAs: whole, with: [.trailingBytes(name: "a", count: 1)])
            try expect(bytes + bytes, toBeReadAs: whole, with: [.trailingBytes(name: "a", count: bytes.count)])
            var text = ImageFixtures.chunk("tEXt", Array("Comment\0hello".utf8))
            text[text.count - 1] ^= 1
            let wrongText = ImageWarning.damagedPart(name: "a", reason: "the check sum of its tEXt chunk is wrong")
            try expect(bytes[..<33] + text + bytes[33...], toBeReadAs: whole, with: [wrongText])
            try expect(
                bytes[..<33] + text + bytes[33...].dropLast(12) + text + end.suffix(12), toBeReadAs: whole,
                with: [wrongText, wrongText, wrongEnd])
        }
        var ancillary = try ImageFixtures.bytes("odd-chunks.png")
        let whole = try Image(decoding: ancillary, name: "a")
        ancillary[try #require(find("vpAg", in: ancillary)) + 5] ^= 1
        let wrong = ImageWarning.damagedPart(name: "a", reason: "the check sum of its vpAg chunk is wrong")
        try expect(ancillary, toBeReadAs: whole, with: [wrong])
    }

    @Test func pngWithDamagedPixelsIsAnError() throws {
        for name in png {
            let bytes = try ImageFixtures.bytes(name)
            let data = try #require(find("IDAT", in: bytes))
            let length = bytes[(data - 4)..<data].reduce(0) { $0 << 8 | Int($1) }
            for (place, comment): (Int, Comment) in [
                (data + 4 + length, "check sum"), (data + 4 + length / 2, "data"), (data, "type"), (data - 1, "length"),
                (16, "width"), (29, "header's check sum"),
            ] {
                var damaged = bytes
                damaged[place] ^= 1
                expectError(damaged, comment)
                expectError(damaged.dropLast(12), comment)
            }
            // The check sum of the data is missing: that they are right cannot be told.
            expectError(bytes.dropLast(13), "\(name)")
        }
        var palette = try ImageFixtures.bytes("palette-trns.png")
        palette[try #require(find("PLTE", in: palette)) + 5] ^= 1
        expectError(palette, "palette")
    }

    // MARK: JPEG

    private let huffman = [
        "grey.jpg", "cmyk.jpg", "ycck.jpg", "progressive.jpg", "chroma-420.jpg", "chroma-422.jpg", "chroma-444.jpg",
        "restart.jpg", "rgb.jpg",
    ]

    private let missingMarker = ImageWarning.damagedEnd(name: "a", reason: "the end-of-image marker is missing")

    private func jpegs() throws -> [(name: String, bytes: [UInt8])] {
        let large = try Image(contentsOf: Fixtures.path("samples/chelsea.png"))
        return try huffman.map { ($0, try ImageFixtures.bytes($0)) } + [
            ("large.jpg", large.jpeg(quality: 60)), ("full.jpg", large.jpeg(quality: 90, subsampling: .none)),
        ]
    }

    @Test func jpegWithoutItsMarkerIsRead() throws {
        for (name, bytes) in try jpegs() {
            #expect(bytes.suffix(2) == [0xFF, 0xD9])
            let whole = try Image(decoding: bytes, name: name)
            let scan = bytes.dropLast(2)
            for end: [UInt8] in [
                [], [0xFF], [0], [0, 0], [0xFF, 0], [0xFF, 0xFF], [0x12, 0x34], Array("garbage".utf8),
                [UInt8](repeating: 0, count: 4096), [UInt8](repeating: 0xFF, count: 100),
                [0xFF] + [UInt8](repeating: 0, count: 511),
            ] {
                try expect(scan + end, toBeReadAs: whole, with: [missingMarker])
            }
        }
    }

    /// Cut within the image, then left, filled with zeros or other bytes to any length, or given a marker.
    @Test func jpegThatIsCutIsAnError() throws {
        for (name, bytes) in try jpegs() {
            let start = try #require(lastMarker(0xDA, in: bytes)) + 14
            let length = bytes.count - 2 - start
            for count in [1, 2, 3, 5, length / 8, length / 3, length / 2].filter({ $0 > 0 && $0 < length }) {
                let cut = bytes.dropLast(2 + count)
                let comment: Comment = "\(name) without \(count) of \(length) bytes"
                expectError(Array(cut), comment)
                expectError(cut + [UInt8](repeating: 0xFF, count: 64), comment)
                for zeros in [3, count + 2, 512, 4096, 65_536] {
                    expectError(cut + [UInt8](repeating: 0, count: zeros), "\(comment), \(zeros) zeros")
                }
                expectError(cut + [0xFF, 0xD9], comment)
            }
        }
    }

    /// Each scan but the last is whole in itself: nothing but their headers tells that others are missing.
    @Test func progressiveJPEGWithoutLaterScansIsAnError() throws {
        let bytes = try ImageFixtures.bytes("progressive.jpg")
        let scans = (0..<(bytes.count - 1)).filter { bytes[$0] == 0xFF && bytes[$0 + 1] == 0xDA }
        #expect(scans.count > 5)
        for place in scans.dropFirst() {
            // A table may precede the scan.
            let end = (0..<place).last { bytes[$0] == 0xFF && bytes[$0 + 1] == 0xC4 && $0 > place - 200 } ?? place
            expectError(Array(bytes[..<end]), "up to \(end)")
            expectError(Array(bytes[..<place]), "up to \(place)")
        }
    }

    // MARK: WebP

    @Test func webpWithADamagedEndIsRead() throws {
        for name in ImageFixtures.webpNames {
            let bytes = try ImageFixtures.bytes(name)
            let whole = try Image(decoding: bytes, name: name)
            try expect(bytes + [1, 2, 3], toBeReadAs: whole, with: [.trailingBytes(name: "a", count: 3)])
            // The size of the whole takes one byte too many or too few for a chunk of an odd length.
            var more = bytes
            more.replaceSubrange(4..<8, with: ImageFixtures.littleEndian(UInt32(bytes.count - 7)))
            let early = ImageWarning.damagedEnd(name: "a", reason: "the file ends early, after the picture")
            try expect(more, toBeReadAs: whole, with: [early])
        }
        let bytes = try ImageFixtures.bytes("lossy.webp")
        let whole = try Image(decoding: bytes, name: "lossy.webp")
        let odd = try ImageFixtures.webp(
            ImageFixtures.webpExtensions(width: 37, height: 22), ImageFixtures.bitstream("lossy.webp"),
            ImageFixtures.riffChunk("XMP ", [1, 2, 3]))
        let missing = ImageWarning.damagedEnd(name: "a", reason: "the last byte, which is padding, is missing")
        try expect(odd.dropLast(), toBeReadAs: whole, with: [missing])
        var uncounted = Array(odd.dropLast())
        uncounted.replaceSubrange(4..<8, with: ImageFixtures.littleEndian(UInt32(uncounted.count - 8)))
        try expect(uncounted, toBeReadAs: whole, with: [missing])
        try expect(uncounted + [0], toBeReadAs: whole, with: [.trailingBytes(name: "a", count: 1)])
        let cut = ImageWarning.damagedEnd(name: "a", reason: "the file ends early, after the picture")
        try expect(odd.dropLast(3), toBeReadAs: whole, with: [cut])
    }

    @Test func webpThatIsCutIsAnError() throws {
        for name in ["lossy.webp", "lossless.webp", "palette.webp", "one.webp"] {
            let bytes = try ImageFixtures.bytes(name)
            let length = 8 + bytes[16..<20].reversed().reduce(0) { $0 << 8 | Int($1) } + 12
            for count in 1..<length { expectError(Array(bytes.prefix(count)), "\(name): \(count) bytes") }
        }
    }

    // MARK: Messages

    @Test func warningsNameTheFileAndTheDamage() {
        for (warning, part): (ImageWarning, String) in [
            (.damagedEnd(name: "a.png", reason: "no end"), "a.png: no end. "),
            (.damagedPart(name: "a.png", reason: "no text"), "a.png: no text. "),
            (.trailingBytes(name: "a.png", count: 1), "a.png: 1 byte follows its end. "),
            (.trailingBytes(name: "a.png", count: 2), "a.png: 2 bytes follow its end. "),
        ] {
            #expect(warning.description.hasPrefix(part))
            #expect(warning.description.contains("saving the picture again mends the file"))
        }
    }

    private func lastMarker(_ code: UInt8, in bytes: [UInt8]) -> Int? {
        (0..<(bytes.count - 1)).last { bytes[$0] == 0xFF && bytes[$0 + 1] == code }
    }

    private func find(_ type: String, in bytes: [UInt8]) -> Int? {
        let wanted = Array(type.utf8)
        return (0..<(bytes.count - 3)).first { Array(bytes[$0..<($0 + 4)]) == wanted }
    }
}
