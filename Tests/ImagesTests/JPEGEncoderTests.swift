import TestSupport
import Testing

@testable import Images

@Suite struct JPEGEncoderTests {
    private static func image() throws -> Image { try Image(contentsOf: Fixtures.path("samples/chelsea.png")) }

    private static func meanError(_ first: Image, _ second: Image) -> Double {
        let sum = zip(first.pixels, second.pixels).reduce(0) { $0 + abs(Int($1.0) - Int($1.1)) }
        return Double(sum) / Double(first.pixels.count)
    }

    @Test func encodedImagesDecodeToNearlyTheSame() throws {
        let image = try Self.image()
        var last = (bytes: Int.max, error: 0.0)
        for quality in [100, 75, 30, 5] {
            let bytes = try image.jpeg(quality: quality)
            let decoded = try Image(decoding: bytes, name: "encoded")
            #expect(decoded.width == image.width && decoded.height == image.height)
            let error = Self.meanError(image, decoded)
            #expect(error < 12 && error > last.error)
            #expect(bytes.count < last.bytes)
            last = (bytes.count, error)
        }
        let full = try Image(decoding: image.jpeg(quality: 100, subsampling: .none), name: "encoded")
        let halved = try Image(decoding: image.jpeg(quality: 100), name: "encoded")
        #expect(Self.meanError(image, full) < Self.meanError(image, halved))
    }

    @Test func qualitiesOutOfRangeAreRefused() throws {
        for quality in [0, 101, -1] {
            #expect(throws: ImageError.invalidQuality(quality)) { try Self.image().jpeg(quality: quality) }
        }
    }

    @Test func inputsBecomeTheImagesTheyWere() throws {
        let image = try Preprocessing.cifar10.view(of: Self.image())
        let input = try Preprocessing.cifar10(image)
        #expect(try Preprocessing.cifar10.image(of: input, width: 32, height: 32) == image)
        #expect(try Preprocessing.cifar10.withoutResizing(image) == input)
        var far = input
        (far[0], far[1]) = (100, -100)
        let cut = try Preprocessing.cifar10.image(of: far, width: 32, height: 32)
        #expect(cut.pixels[0] == 255 && cut.pixels[3] == 0)
        #expect(throws: ImageError.self) { try Preprocessing.cifar10.image(of: input, width: 31, height: 32) }
    }
}
