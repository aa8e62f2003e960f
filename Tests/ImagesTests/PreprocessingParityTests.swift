import Foundation
import Testing

@testable import Images

/// The sample images against what Pillow and torchvision make of them.
@Suite struct PreprocessingParityTests {
    @Test(arguments: ["camera.png", "chelsea.png", "coffee.png", "color.png", "rocket.jpg"])
    func samplesMatchTorchvision(name: String) throws {
        let path = ImageFixtures.folder.appendingPathComponent("samples").appendingPathComponent(name).path
        let actual = try Preprocessing.imageNet(Image(contentsOf: path))
        let stem = String(name.dropLast(4))
        let expected = try halves("preprocessed-\(stem).safetensors")
        try #require(actual.count == 3 * 224 * 224 && expected.count == actual.count)

        var largest: Float = 0
        var sum = 0.0
        for index in actual.indices {
            let greyLevels = 255 * Preprocessing.imageNet.std[index / (224 * 224)]
            let difference = abs(actual[index] - expected[index]) * greyLevels
            largest = max(largest, difference)
            sum += Double(difference)
        }
        // The required bounds are 2 and 0.2 grey levels; a PNG image is only off by the rounding to half
        // precision.
        #expect(largest <= (name.hasSuffix(".png") ? 0.1 : 2), "largest difference in grey levels")
        #expect(sum / Double(actual.count) <= (name.hasSuffix(".png") ? 0.05 : 0.2), "mean difference")
    }

    /// The half-precision numbers of a file of one tensor.
    private func halves(_ name: String) throws -> [Float] {
        let data = try Data(contentsOf: ImageFixtures.folder.appendingPathComponent(name))
        let headerCount = data.prefix(8).reversed().reduce(0) { $0 << 8 | Int($1) }
        let body = [UInt8](data.dropFirst(8 + headerCount))
        return stride(from: 0, to: body.count - 1, by: 2).map { index in
            Float(half: UInt16(body[index]) | UInt16(body[index + 1]) << 8)
        }
    }
}

extension Float {
    /// IEEE 754 binary16; subnormal numbers included, infinities and NaN not needed.
    fileprivate init(half bits: UInt16) {
        let exponent = Int(bits >> 10 & 31)
        let fraction = Float(bits & 1023)
        let magnitude =
            exponent == 0
            ? fraction * Float(sign: .plus, exponent: -24, significand: 1)
            : (1024 + fraction) * Float(sign: .plus, exponent: exponent - 25, significand: 1)
        self = bits >> 15 == 1 ? -magnitude : magnitude
    }
}
