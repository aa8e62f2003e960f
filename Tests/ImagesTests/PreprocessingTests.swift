import Foundation
import TestSupport
import Testing

@testable import Images

@Suite struct PreprocessingTests {
    static let mean: [Float] = [0.5, 0.5, 0.5]
    static let std: [Float] = [0.25, 0.25, 0.25]

    /// The expected images were resized one axis after the other, which every version of Pillow does alike.
    @Test(arguments: [(47, 13), (7, 33), (1, 1), (60, 40), (30, 9), (11, 20)])
    func exactResizeEqualsPillow(width: Int, height: Int) throws {
        let preprocessing = try Preprocessing(
            resize: .exact(width: width, height: height), crop: nil, mean: Self.mean, std: Self.std)
        let view = try preprocessing.view(of: Image(contentsOf: ImageFixtures.path("rgb.png")))
        #expect(view == (try ImageFixtures.expected("rgb.png.exact-\(width)x\(height).rgb")))
    }

    private static let sizes = [(47, 13), (7, 33), (1, 1), (60, 40), (30, 9), (11, 20)]

    /// `bilevel.png` is black and white, so that cubic sums leave the range of a sample on both sides.
    @Test(arguments: [Interpolation.bicubic, .nearest])
    func otherInterpolationsEqualPillow(interpolation: Interpolation) throws {
        for (name, sizes) in [("rgb.png", Self.sizes), ("bilevel.png", [(50, 50), (13, 9)])] {
            let image = try Image(contentsOf: ImageFixtures.path(name))
            for (width, height) in sizes {
                let preprocessing = try Preprocessing(
                    resize: .exact(width: width, height: height), interpolation: interpolation, crop: nil,
                    mean: Self.mean, std: Self.std)
                let expected = try ImageFixtures.expected("\(name).exact-\(width)x\(height)-\(interpolation).rgb")
                #expect(try preprocessing.view(of: image) == expected, "\(name) \(width) x \(height)")
            }
        }
    }

    /// Random samples, far more rows than columns, and a part of the result alone.
    @Test(arguments: [Interpolation.bicubic, .nearest])
    func otherInterpolationsAreCroppedAsPillowDoes(interpolation: Interpolation) throws {
        let preprocessing = try Preprocessing(
            resize: .shorterSide(16), interpolation: interpolation, crop: .init(width: 14, height: 14),
            mean: Self.mean, std: Self.std)
        let view = try preprocessing.view(of: Image(contentsOf: ImageFixtures.path("elongated.png")))
        #expect(view == (try ImageFixtures.expected("elongated.png.shorter-16-crop-14x14-\(interpolation).rgb")))
    }

    @Test func cifarViewEqualsPillow() throws {
        let path = ImageFixtures.folder.appendingPathComponent("samples/chelsea.png").path
        let view = try Preprocessing.cifar10.view(of: Image(contentsOf: path))
        #expect(view == (try ImageFixtures.expected("chelsea.png.exact-32x32.rgb")))
    }

    /// Crops with odd excess on one or both axes, and crops larger than the image on one or both axes.
    @Test(arguments: [(20, 13, 15), (17, 12, 12), (24, 40, 21), (9, 5, 30), (31, 64, 64), (25, 22, 24)])
    func resizeAndCropEqualTorchvision(shorter: Int, width: Int, height: Int) throws {
        let preprocessing = try Preprocessing(
            resize: .shorterSide(shorter), crop: .init(width: width, height: height), mean: Self.mean,
            std: Self.std)
        let view = try preprocessing.view(of: Image(contentsOf: ImageFixtures.path("rgb.png")))
        #expect(
            view == (try ImageFixtures.expected("rgb.png.shorter-\(shorter)-crop-\(width)x\(height).rgb")))
    }

    @Test func elongatedImageEqualsTorchvision() throws {
        let preprocessing = try Preprocessing(
            resize: .shorterSide(16), crop: .init(width: 14, height: 14), mean: Self.mean, std: Self.std)
        let view = try preprocessing.view(of: Image(contentsOf: ImageFixtures.path("elongated.png")))
        #expect(view == (try ImageFixtures.expected("elongated.png.shorter-16-crop-14x14.rgb")))
    }

    /// Scaled as a whole, these would have billions of pixels.
    @Test(arguments: [(1, 60_000), (60_000, 1), (65_535, 2)])
    func extremelyElongatedImagesAreCheap(width: Int, height: Int) throws {
        let image = try Image(
            width: width, height: height, pixels: [UInt8](repeating: 51, count: width * height * 3))
        let view = try Preprocessing.imageNet.view(of: image)
        #expect(view.pixels.count == 224 * 224 * 3)
        #expect(view.pixels.allSatisfy { $0 == 51 })
    }

    /// Between the passes this image would be 60,000 x 3,000; it is made strip by strip.
    @Test func stripsGiveTheSameResult() throws {
        let rows = 60_000
        let pixels = (0..<rows).flatMap { row in [UInt8](repeating: UInt8(row * 255 / rows), count: 6) }
        let image = try Image(width: 2, height: rows, pixels: pixels)
        let wide = try Preprocessing(
            resize: .exact(width: 300, height: 4), crop: nil, mean: Self.mean, std: Self.std)
        let view = try wide.view(of: image)
        let narrow = try Preprocessing(
            resize: .exact(width: 2, height: 4), crop: nil, mean: Self.mean, std: Self.std)
        let column = try narrow.view(of: image)
        for row in 0..<4 {
            let expected = column.pixels[row * 6]
            #expect(view.pixels[(row * 900)..<((row + 1) * 900)].allSatisfy { $0 == expected })
        }
    }

    @Test func onePixelFillsTheInput() throws {
        let input = try Preprocessing.imageNet(Image(contentsOf: ImageFixtures.path("one.png")))
        #expect(input.count == 3 * 224 * 224)
        for (channel, value) in [10, 20, 30].enumerated() {
            let (mean, std) = (Preprocessing.imageNet.mean[channel], Preprocessing.imageNet.std[channel])
            let expected = (Float(value) / 255 - mean) / std
            #expect(input[(channel * 224 * 224)..<((channel + 1) * 224 * 224)].allSatisfy { $0 == expected })
        }
    }

    @Test func layoutIsChannelRowColumn() throws {
        let image = try Image(width: 2, height: 1, pixels: [255, 0, 51, 0, 255, 102])
        let plain = try Preprocessing(resize: .none, crop: nil, mean: [0, 0, 0], std: [1, 1, 1])
        #expect(try plain(image) == [1, 0, 0, 1, 0.2, 0.4])
        #expect(try plain.view(of: image) == image)
        #expect(plain.outputSize == nil)
        #expect(try plain.outputSize(for: image) == .init(width: 2, height: 1))
    }

    @Test func paddingIsBlackBeforeNormalising() throws {
        let image = try Image(width: 1, height: 1, pixels: [255, 255, 255])
        let padded = try Preprocessing(
            resize: .none, crop: .init(width: 3, height: 2), mean: Self.mean, std: Self.std)
        #expect(try Array(padded(image).prefix(6)) == [-2, 2, -2, -2, -2, -2])
    }

    @Test func writingIntoMemoryGivesTheSame() throws {
        let image = try Image(contentsOf: ImageFixtures.path("rgb.png"))
        let expected = try Preprocessing.cifar10(image)
        var batch = [Float](repeating: .nan, count: 2 * expected.count)
        try batch.withUnsafeMutableBufferPointer { buffer in
            for index in 0..<2 {
                let place = index * expected.count..<(index + 1) * expected.count
                try Preprocessing.cifar10(image, into: .init(rebasing: buffer[place]))
            }
        }
        #expect(batch == expected + expected)
        #expect(throws: PreprocessingError.bufferSizeMismatch(expected: 3072, actual: 6144)) {
            try batch.withUnsafeMutableBufferPointer { try Preprocessing.cifar10(image, into: $0) }
        }
    }

    @Test func hugeOutputIsAnError() throws {
        let image = try Image(width: 1, height: 60_000, pixels: [UInt8](repeating: 0, count: 180_000))
        let uncropped = try Preprocessing(
            resize: .shorterSide(256), crop: nil, mean: Self.mean, std: Self.std)
        let error = PreprocessingError.outputTooLarge(width: 256, height: 15_360_000)
        #expect(throws: error) { try uncropped(image) }
        #expect(throws: error) { try uncropped.view(of: image) }
        #expect(throws: error) { try uncropped.outputSize(for: image) }
    }

    @Test func unusableSizesAreErrors() {
        for side in [0, -1, .min, .max, 65_536] {
            #expect(throws: PreprocessingError.invalidSize(role: "resize", width: side, height: side)) {
                try Preprocessing(resize: .shorterSide(side), crop: nil, mean: Self.mean, std: Self.std)
            }
            #expect(throws: PreprocessingError.invalidSize(role: "resize", width: 8, height: side)) {
                try Preprocessing(
                    resize: .exact(width: 8, height: side), crop: nil, mean: Self.mean, std: Self.std)
            }
            #expect(throws: PreprocessingError.invalidSize(role: "crop", width: side, height: 8)) {
                try Preprocessing(
                    resize: .none, crop: .init(width: side, height: 8), mean: Self.mean, std: Self.std)
            }
            #expect(throws: PreprocessingError.invalidSize(role: "input size", width: side, height: 8)) {
                try Preprocessing.standard(inputWidth: side, inputHeight: 8, mean: Self.mean, std: Self.std)
            }
        }
        #expect(throws: PreprocessingError.invalidSize(role: "crop", width: 65_535, height: 65_535)) {
            try Preprocessing(
                resize: .none, crop: .init(width: 65_535, height: 65_535), mean: Self.mean, std: Self.std)
        }
    }

    @Test func unusableStatisticsAreErrors() {
        let tiny = Float.leastNonzeroMagnitude
        for std: [Float] in [
            [0, 1, 1], [1, -1, 1], [1, 1, .nan], [1, .infinity, 1], [1, 1], [tiny, 1, 1],
        ] {
            #expect(throws: PreprocessingError.self, "\(std)") {
                try Preprocessing(resize: .none, crop: nil, mean: Self.mean, std: std)
            }
        }
        for mean: [Float] in [[.nan, 0, 0], [0, .infinity, 0], [0, 0], []] {
            #expect(throws: PreprocessingError.self, "\(mean)") {
                try Preprocessing(resize: .none, crop: nil, mean: mean, std: Self.std)
            }
        }
    }

    @Test func standardFollowsTheInputSize() throws {
        let imageNet = Preprocessing.imageNet
        let large = try Preprocessing.standard(
            inputWidth: 224, inputHeight: 224, mean: imageNet.mean, std: imageNet.std)
        #expect(large == imageNet)
        let small = try Preprocessing.standard(
            inputWidth: 32, inputHeight: 32, mean: Preprocessing.cifar10.mean, std: Preprocessing.cifar10.std)
        #expect(small == .cifar10)
        let wide = try Preprocessing.standard(
            inputWidth: 299, inputHeight: 65, mean: Self.mean, std: Self.std)
        #expect(wide.resize == .shorterSide(342))
        #expect(wide.crop == .init(width: 299, height: 65))
        let widest = try Preprocessing.standard(
            inputWidth: 65_535, inputHeight: 1, mean: Self.mean, std: Self.std)
        #expect(widest.outputSize == .init(width: 65_535, height: 1))
    }

    @Test func presetsPassTheirOwnChecks() throws {
        for preset in [Preprocessing.imageNet, .cifar10] {
            let checked = try Preprocessing(
                resize: preset.resize, crop: preset.crop, mean: preset.mean, std: preset.std)
            #expect(checked == preset)
        }
    }

    @Test func interpolationIsCodedUnlessItIsBilinear() throws {
        let crop = Preprocessing.Size(width: 224, height: 224)
        let imageNet = Preprocessing.imageNet
        for interpolation in Interpolation.allCases {
            let preprocessing = try Preprocessing(
                resize: .shorterSide(256), interpolation: interpolation, crop: crop, mean: imageNet.mean,
                std: imageNet.std)
            let data = try JSONEncoder().encode(preprocessing)
            #expect(try JSONDecoder().decode(Preprocessing.self, from: data) == preprocessing)
            let key = #""interpolation":"\#(interpolation)""#
            #expect(String(decoding: data, as: UTF8.self).contains(key) == (interpolation != .bilinear))
            #expect((preprocessing == imageNet) == (interpolation == .bilinear))
        }
        let unknown = #"{"resize": {"none": true}, "interpolation": "cubic", "mean": [0, 0, 0], "std": [1, 1, 1]}"#
        #expect(throws: DecodingError.self) {
            try JSONDecoder().decode(Preprocessing.self, from: Data(unknown.utf8))
        }
    }

    @Test func standardKeepsTheInterpolation() throws {
        for side in [32, 224] {
            let preprocessing = try Preprocessing.standard(
                inputWidth: side, inputHeight: side, interpolation: .bicubic, mean: Self.mean, std: Self.std)
            #expect(preprocessing.interpolation == .bicubic)
        }
    }

    @Test func codingIsReversible() throws {
        let none = try Preprocessing(resize: .none, crop: nil, mean: Self.mean, std: Self.std)
        for preprocessing in [Preprocessing.imageNet, .cifar10, none] {
            let data = try JSONEncoder().encode(preprocessing)
            #expect(try JSONDecoder().decode(Preprocessing.self, from: data) == preprocessing)
        }
        let json = #"{"resize": {"shorterSide": 256}, "crop": {"width": 224, "height": 224}, "#
        let good = json + #""mean": [0.485, 0.456, 0.406], "std": [0.229, 0.224, 0.225]}"#
        #expect(try JSONDecoder().decode(Preprocessing.self, from: Data(good.utf8)) == .imageNet)
        let bad = json + #""mean": [0, 0, 0], "std": [1, 0, 1]}"#
        #expect(throws: PreprocessingError.self) {
            try JSONDecoder().decode(Preprocessing.self, from: Data(bad.utf8))
        }
        for resize in ["{}", #"{"shorterSide": 1, "none": true}"#] {
            #expect(throws: DecodingError.self) {
                try JSONDecoder().decode(Preprocessing.Resize.self, from: Data(resize.utf8))
            }
        }
    }
}
