import Testing

@testable import Images

/// Damaged files end in an image or in an ``ImageError``, never in a crash.
@Suite struct ImageFuzzTests {
    @Test(
        arguments: ImageFixtures.jpegNames + ImageFixtures.pngNames + ImageFixtures.webpNames
            + ImageFixtures.turnedNames)
    func damagedFilesNeverCrash(name: String) throws {
        let bytes = try ImageFixtures.bytes(name)
        var generator = SplitMix(state: UInt64(bytes.count))
        for _ in 0..<40 {
            var damaged = bytes
            for _ in 0..<Int.random(in: 1...8, using: &generator) {
                let index = Int.random(in: 0..<damaged.count, using: &generator)
                damaged[index] = UInt8.random(in: 0...255, using: &generator)
            }
            if Bool.random(using: &generator) {
                damaged.removeLast(Int.random(in: 0..<damaged.count, using: &generator))
            }
            let result = Result { () throws(ImageError) in try Image(decoding: damaged, name: name) }
            if case .success(let image) = result {
                #expect(image.pixels.count == image.width * image.height * 3)
            }
        }
    }

    /// A PNG file's check sums would stop almost all damage at the door: here they are made right again.
    @Test(arguments: ImageFixtures.pngNames)
    func damagedChunksWithRightCheckSumsNeverCrash(name: String) throws {
        let bytes = try ImageFixtures.bytes(name)
        var generator = SplitMix(state: UInt64(bytes.count))
        for _ in 0..<40 {
            var damaged = ImageFixtures.pngSignature
            var place = 8
            while place + 12 <= bytes.count {
                let length = bytes[place..<(place + 4)].reduce(0) { $0 << 8 | Int($1) }
                let type = String(decoding: bytes[(place + 4)..<(place + 8)], as: UTF8.self)
                var data = Array(bytes[(place + 8)..<(place + 8 + length)])
                // Sizes keep below 65,536, or the header alone would decide.
                let fragile = type == "IHDR" ? [2, 3, 6, 7, 8, 9, 12] : Array(data.indices)
                if Int.random(in: 0..<3, using: &generator) == 0,
                    let index = fragile.randomElement(using: &generator)
                {
                    data[index] = UInt8.random(in: 0...255, using: &generator)
                }
                damaged += ImageFixtures.chunk(type, data)
                place += 12 + length
            }
            let result = Result { () throws(ImageError) in try Image(decoding: damaged, name: name) }
            if case .success(let image) = result {
                #expect(image.pixels.count == image.width * image.height * 3)
            }
        }
    }

    /// The decoder proper is of little interest here: the chunks around it are parsed by this project. Their headers are
    /// damaged, and the first bytes of their data, in which sizes and places stand.
    @Test(arguments: ImageFixtures.webpNames + ["orientation-6.webp"])
    func damagedContainersNeverCrash(name: String) throws {
        let bytes = try ImageFixtures.bytes(name)
        var headers = Array(4..<12)
        for place in 12..<(bytes.count - 4) where ["VP8", "ANM", "ANI", "EXI"].contains(text(bytes, place)) {
            headers += place..<min(place + 28, bytes.count)
        }
        var generator = SplitMix(state: UInt64(bytes.count) + 1)
        for _ in 0..<200 {
            var damaged = bytes
            for _ in 0..<Int.random(in: 1...3, using: &generator) {
                let index = try #require(headers.randomElement(using: &generator))
                let choices: [UInt8] = [
                    0, 1, 0x7F, 0xFF, damaged[index] ^ 1, UInt8.random(in: 0...255, using: &generator),
                ]
                damaged[index] = try #require(choices.randomElement(using: &generator))
            }
            let result = Result { () throws(ImageError) in try Image(decoding: damaged, name: name) }
            if case .success(let image) = result {
                #expect(image.pixels.count == image.width * image.height * 3)
            }
        }
    }

    /// Whatever EXIF data hold, the image is read, in one of the eight ways.
    @Test func damagedOrientationsNeverMatter() throws {
        let stored = try Image(
            contentsOf: ImageFixtures.path("orientation-6.jpg"), options: .init(appliesOrientation: false))
        let bytes = try ImageFixtures.bytes("orientation-6.jpg")
        let start = try #require((0..<bytes.count).first { text(bytes, $0) == "Exi" })
        let end = start + Int(bytes[start - 2]) << 8 + Int(bytes[start - 1]) - 2
        let possible = Set(Orientation.allCases.map { $0.apply(to: stored) })
        #expect(possible.count == 8)
        var generator = SplitMix(state: 8)
        var seen: Set<Image> = []
        for _ in 0..<500 {
            var damaged = bytes
            for _ in 0..<Int.random(in: 1...6, using: &generator) {
                damaged[Int.random(in: start..<end, using: &generator)] =
                    [
                        0, 0xFF, UInt8.random(in: 0...9, using: &generator),
                        UInt8.random(in: 0...255, using: &generator),
                    ][Int.random(in: 0..<4, using: &generator)]
            }
            let image = try Image(decoding: damaged, name: "a")
            #expect(possible.contains(image))
            seen.insert(image)
        }
        #expect(seen.count > 2)
    }

    private func text(_ bytes: [UInt8], _ place: Int) -> String {
        String(decoding: bytes[place..<min(place + 3, bytes.count)], as: UTF8.self)
    }

    /// SplitMix64 (Steele, Lea and Flood, 2014): the same cases on every run.
    private struct SplitMix: RandomNumberGenerator {
        var state: UInt64

        mutating func next() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var mixed = state
            mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
            mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
            return mixed ^ (mixed >> 31)
        }
    }
}
