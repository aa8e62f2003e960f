import TestSupport
import Testing

@testable import Images

@Suite struct JPEGEncoderTests {
    private static func picture() throws -> Image { try Image(contentsOf: Fixtures.path("samples/chelsea.png")) }

    private static func meanError(_ first: Image, _ second: Image) -> Double {
        let sum = zip(first.pixels, second.pixels).reduce(0) { $0 + abs(Int($1.0) - Int($1.1)) }
        return Double(sum) / Double(first.pixels.count)
    }

    @Test func encodedPicturesDecodeToNearlyTheSame() throws {
        let picture = try Self.picture()
        var last = (bytes: Int.max, error: 0.0)
        for quality in [100, 75, 30, 5] {
            let bytes = try picture.jpeg(quality: quality)
            let decoded = try Image(decoding: bytes, name: "encoded")
            #expect(decoded.width == picture.width && decoded.height == picture.height)
            let error = Self.meanError(picture, decoded)
            #expect(error < 12 && error > last.error)
            #expect(bytes.count < last.bytes)
            last = (bytes.count, error)
        }
        let full = try Image(decoding: picture.jpeg(quality: 100, subsampling: .none), name: "encoded")
        let halved = try Image(decoding: picture.jpeg(quality: 100), name: "encoded")
        #expect(Self.meanError(picture, full) < Self.meanError(picture, halved))
    }

    @Test func qualitiesOutOfRangeAreRefused() throws {
        for quality in [0, 101, -1] {
            #expect(throws: ImageError.invalidQuality(quality)) { try Self.picture().jpeg(quality: quality) }
        }
    }

    @Test func inputsBecomeThePicturesTheyWere() throws {
        let picture = try Preprocessing.cifar10.view(of: Self.picture())
        let input = try Preprocessing.cifar10(picture)
        #expect(try Preprocessing.cifar10.picture(of: input, width: 32, height: 32) == picture)
        #expect(try Preprocessing.cifar10.withoutResizing(picture) == input)
        var far = input
        (far[0], far[1]) = (100, -100)
        let cut = try Preprocessing.cifar10.picture(of: far, width: 32, height: 32)
        #expect(cut.pixels[0] == 255 && cut.pixels[3] == 0)
        #expect(throws: ImageError.self) { try Preprocessing.cifar10.picture(of: input, width: 31, height: 32) }
    }
}
