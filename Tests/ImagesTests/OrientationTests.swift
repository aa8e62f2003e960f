import Testing

@testable import Images

@Suite struct OrientationTests {
    private typealias Order = UnsafeRawBufferPointer.ByteOrder

    /// EXIF data of some entries: tag, type, count and the four bytes of the value.
    private static func exif(
        _ order: Order, directory: UInt32 = 8, entries: [(tag: UInt16, type: UInt16, count: UInt32, value: [UInt8])]
    ) -> [UInt8] {
        func number(_ value: UInt32, _ byteCount: Int) -> [UInt8] {
            let bytes = Array(ImageFixtures.bigEndian(value).suffix(byteCount))
            return order == .bigEndian ? bytes : bytes.reversed()
        }
        var data = order == .bigEndian ? Array("MM\0*".utf8) : Array("II*\0".utf8)
        data += number(directory, 4) + number(UInt32(entries.count), 2)
        for entry in entries {
            data += number(UInt32(entry.tag), 2) + number(UInt32(entry.type), 2) + number(entry.count, 4) + entry.value
        }
        return data
    }

    private static func exif(_ order: Order, orientation: Int) -> [UInt8] {
        let number = UInt8(orientation)
        let value = order == .bigEndian ? [0, number, 0, 0] : [number, 0, 0, 0]
        return exif(
            order, entries: [(0x0100, 4, 1, [1, 2, 3, 4]), (0x0112, 3, 1, value), (0x0131, 2, 4, [65, 66, 67, 0])])
    }

    private static func orientation(of data: [UInt8]) -> Orientation { data.withUnsafeBytes { EXIF.orientation($0) } }

    /// The image of 30 x 20 pixels in each of the formats, with EXIF data.
    private static func files(with exif: [UInt8]) throws -> [(stored: Image, file: [UInt8])] {
        let png = try ImageFixtures.bytes("rgb.png")
        let chunk = ImageFixtures.chunk("eXIf", exif)
        let jpeg = try ImageFixtures.bytes("chroma-422.jpg")
        let length = exif.count + 8
        let segment = [0xFF, 0xE1, UInt8(length >> 8), UInt8(length & 255)] + Array("Exif\0\0".utf8) + exif
        let lossy = try Image(contentsOf: ImageFixtures.path("lossy.webp"))
        return try [
            (Image(decoding: png, name: "png"), png[..<33] + chunk + png[33...]),
            // Behind the pixels, too.
            (Image(decoding: png, name: "png"), png.dropLast(12) + chunk + png.suffix(12)),
            (Image(decoding: jpeg, name: "jpeg"), jpeg[..<2] + segment + jpeg[2...]),
            (
                lossy,
                ImageFixtures.webp(
                    ImageFixtures.webpExtensions(
                        flags: 8, width: UInt32(lossy.width), height: UInt32(lossy.height)),
                    ImageFixtures.bitstream("lossy.webp"), ImageFixtures.riffChunk("EXIF", exif))
            ),
        ]
    }

    /// Images that Pillow wrote, and what its `ImageOps.exif_transpose` made of them.
    @Test(arguments: ImageFixtures.turnedNames)
    func turnedFilesEqualPillow(name: String) throws {
        let image = try Image(contentsOf: ImageFixtures.path(name))
        let difference = ImageFixtures.maximumDifference(image, try ImageFixtures.expected(name + ".rgb"))
        #expect(try #require(difference) <= (name.hasSuffix(".jpg") ? 1 : 0))
        let stored = try Image(contentsOf: ImageFixtures.path(name), options: .init(appliesOrientation: false))
        #expect(stored.width == image.height && stored.height == image.width)
        #expect(Orientation.rotatedRight.apply(to: stored) == image)
    }

    @Test(arguments: 1...8)
    func everyOrientationEqualsPillow(value: Int) throws {
        let orientation = try #require(Orientation(rawValue: value))
        let image = try Image(contentsOf: ImageFixtures.path("rgb.png"))
        #expect(image.width != image.height)
        let expected = try ImageFixtures.expected("rgb.png.orientation-\(value).rgb")
        #expect(orientation.apply(to: image) == expected)
        for order in [Order.bigEndian, .littleEndian] {
            let exif = Self.exif(order, orientation: value)
            for (stored, file) in try Self.files(with: exif) + Self.files(with: Array("Exif\0\0".utf8) + exif) {
                let reading = try Image.read(decoding: file, name: "a")
                #expect(reading.image == orientation.apply(to: stored))
                #expect(reading.warnings.isEmpty)
                #expect(try Image(decoding: file, name: "a", options: .init(appliesOrientation: false)) == stored)
            }
        }
    }

    /// Larger than the tiles in which pixels are copied, and not a multiple of them.
    @Test(arguments: Orientation.allCases)
    func largeImagesAreTurnedPixelByPixel(orientation: Orientation) throws {
        let (width, height) = (131, 70)
        let image = try Image(
            width: width, height: height,
            pixels: (0..<(width * height)).flatMap { [UInt8($0 & 255), UInt8($0 >> 8), UInt8($0 % 7)] })
        let turned = orientation.apply(to: image)
        #expect(turned.width == (orientation.swapsSides ? height : width))
        #expect(turned.width * turned.height == width * height)
        for y in 0..<turned.height {
            for x in 0..<turned.width {
                let (column, row) =
                    switch orientation {
                    case .upright: (x, y)
                    case .mirrored: (width - 1 - x, y)
                    case .rotatedHalf: (width - 1 - x, height - 1 - y)
                    case .flipped: (x, height - 1 - y)
                    case .transposed: (y, x)
                    case .rotatedRight: (y, height - 1 - x)
                    case .transversed: (width - 1 - y, height - 1 - x)
                    case .rotatedLeft: (width - 1 - y, x)
                    }
                let (place, origin) = ((y * turned.width + x) * 3, (row * width + column) * 3)
                guard turned.pixels[place..<(place + 3)] == image.pixels[origin..<(origin + 3)] else {
                    Issue.record("\(orientation): \(x), \(y)")
                    return
                }
            }
        }
    }

    @Test func onePixelStaysOne() throws {
        let image = try Image(width: 1, height: 1, pixels: [1, 2, 3])
        for orientation in Orientation.allCases { #expect(orientation.apply(to: image) == image) }
    }

    @Test func otherTypesAreUnderstood() {
        let big = Self.exif(.bigEndian, entries: [(0x0112, 4, 1, [0, 0, 0, 8])])
        #expect(Self.orientation(of: big) == .rotatedLeft)
        let byte = Self.exif(.littleEndian, entries: [(0x0112, 1, 1, [3, 0, 0, 0])])
        #expect(Self.orientation(of: byte) == .rotatedHalf)
    }

    @Test func damagedDataAreUpright() {
        let good = Self.exif(.littleEndian, orientation: 6)
        #expect(Self.orientation(of: good) == .rotatedRight)
        // The entry of the orientation is complete with its value's last byte, at 34.
        for count in 0..<good.count {
            #expect(Self.orientation(of: Array(good.prefix(count))) == (count < 34 ? .upright : .rotatedRight))
        }
        for (type, count, value): (UInt16, UInt32, [UInt8]) in [
            (3, 1, [0, 0, 0, 0]), (3, 1, [9, 0, 0, 0]), (3, 1, [6, 1, 0, 0]), (3, 2, [6, 0, 6, 0]),
            (3, 0, [6, 0, 0, 0]),
            (2, 1, [6, 0, 0, 0]), (0, 1, [6, 0, 0, 0]), (4, 1, [6, 0, 0, 0x80]), (3, .max, [6, 0, 0, 0]),
        ] {
            #expect(Self.orientation(of: Self.exif(.littleEndian, entries: [(0x0112, type, count, value)])) == .upright)
        }
        for directory: UInt32 in [0, 4, 9, 1000, 0x7FFF_FFFF, 0xFFFF_FFFF, 0xFFFF_FFF4] {
            let data = Self.exif(.littleEndian, directory: directory, entries: [(0x0112, 3, 1, [6, 0, 0, 0])])
            #expect(Self.orientation(of: data) == .upright, "\(directory)")
        }
        for start in ["", "II", "IM*\0", "II\0*", "MM*\0", "Exif\0\0"] {
            #expect(Self.orientation(of: Array(start.utf8) + good.dropFirst(4)) == .upright, "\(start)")
        }
    }

    /// A chunk whose check sum is wrong says nothing.
    @Test func damagedChunksAreNotFollowed() throws {
        let (stored, file) = try Self.files(with: Self.exif(.bigEndian, orientation: 6))[0]
        var damaged = file
        damaged[33 + 8 + 20] ^= 1
        let reading = try Image.read(decoding: damaged, name: "a")
        #expect(reading.image == stored)
        let reason = "the check sum of its eXIf chunk is wrong"
        #expect(reading.warnings == [.damagedPart(name: "a", reason: reason)])
    }
}
