import ConvNetAIG
import Foundation
import TestSupport
import Testing

@testable import ConvNetAIGTraining

@Suite struct AugmentationTests {
    static let mean: [Float] = [0.4914, 0.4822, 0.4465]
    static let std: [Float] = [0.2023, 0.1994, 0.2010]

    static func augmenter(
        _ augmentation: Augmentation, width: Int, height: Int, seed: UInt64 = 3
    ) throws -> ImageAugmenter {
        try ImageAugmenter(
            input: .init(height: height, width: width), mean: mean, std: std, augmentation: augmentation, seed: seed)
    }

    static func image(width: Int, height: Int, seed: Int = 1) throws -> Image {
        try Image(
            width: width, height: height, pixels: SyntheticImages.noise(3 * width * height, seed: seed))
    }

    static func output(
        _ augmenter: ImageAugmenter, _ image: Image, count: Int, index: Int = 0, epoch: Int = 0
    ) throws -> [Float] {
        var values = [Float](repeating: .nan, count: count)
        let prepared = try augmenter.prepare(image)
        try values.withUnsafeMutableBufferPointer {
            try augmenter.write(prepared, index: index, epoch: epoch, into: $0)
        }
        return values
    }

    /// Plainly: pad, crop, mirror, normalise.
    static func cropped(
        _ image: Image, padding: Int, mode: Augmentation.PaddingMode = .black, top: Int, left: Int, isMirrored: Bool
    ) -> [Float] {
        let (width, height) = (image.width, image.height)
        let paddedWidth = width + 2 * padding
        var padded = [UInt8](repeating: 0, count: 3 * paddedWidth * (height + 2 * padding))
        // 0 1 2 3 is seen as ... 2 1 0 1 2 3 2 1 ..., or not at all.
        func source(_ place: Int, _ count: Int) -> Int? {
            if (0..<count).contains(place) { return place }
            return mode == .reflect ? (place < 0 ? -place : 2 * count - 2 - place) : nil
        }
        for row in -padding..<height + padding {
            for column in -padding..<width + padding {
                guard let sourceRow = source(row, height), let sourceColumn = source(column, width) else { continue }
                for channel in 0..<3 {
                    padded[3 * ((row + padding) * paddedWidth + column + padding) + channel] =
                        image.pixels[3 * (sourceRow * width + sourceColumn) + channel]
                }
            }
        }
        var values: [Float] = []
        for channel in 0..<3 {
            for row in 0..<height {
                for column in 0..<width {
                    let source = isMirrored ? width - 1 - column : column
                    let sample = padded[3 * ((row + top) * paddedWidth + source + left) + channel]
                    values.append((Float(sample) / 255 - mean[channel]) / std[channel])
                }
            }
        }
        return values
    }

    /// Every output is one of the crops that there are; over many draws each place and both directions come up as often as
    /// they should.
    @Test(arguments: [(8, 8, 2), (7, 5, 4), (6, 9, 0), (3, 3, 1)], Augmentation.PaddingMode.allCases)
    func cropAndFlip(_ size: (width: Int, height: Int, padding: Int), _ mode: Augmentation.PaddingMode) throws {
        let (width, height, padding) = size
        let image = try Self.image(width: width, height: height)
        let augmenter = try Self.augmenter(
            .cropAndFlip(padding: padding, mode: mode), width: width, height: height)
        let places = 2 * padding + 1
        var candidates: [[Float]: (top: Int, left: Int, isMirrored: Bool)] = [:]
        for top in 0..<places {
            for left in 0..<places {
                for isMirrored in [false, true] {
                    let values = Self.cropped(
                        image, padding: padding, mode: mode, top: top, left: left, isMirrored: isMirrored)
                    candidates[values] = (top, left, isMirrored)
                }
            }
        }
        var tops = [Int](repeating: 0, count: places)
        var lefts = [Int](repeating: 0, count: places)
        var mirrored = 0
        let draws = 4000
        for draw in 0..<draws {
            let values = try Self.output(
                augmenter, image, count: 3 * width * height, index: draw % 50, epoch: draw / 50)
            let found = try #require(candidates[values], "draw \(draw) is no crop of the picture")
            tops[found.top] += 1
            lefts[found.left] += 1
            if found.isMirrored { mirrored += 1 }
        }
        // Reflected, some crops of narrow images are the mirror images of others; places cannot be told from each other.
        guard mode == .black || candidates.count == 2 * places * places else { return }
        // Five standard deviations of the binomial distribution. Corners that lie in the padding altogether can be taken for
        // one another, but not more often than the rest.
        func isLikely(_ count: Int, _ share: Double) -> Bool {
            abs(Double(count) - Double(draws) * share) < 5 * (Double(draws) * share * (1 - share)).squareRoot()
        }
        #expect(isLikely(mirrored, 0.5), "\(mirrored)")
        #expect(places == 1 || tops.allSatisfy { isLikely($0, 1 / Double(places)) }, "\(tops)")
        #expect(places == 1 || lefts.allSatisfy { isLikely($0, 1 / Double(places)) }, "\(lefts)")
    }

    @Test func paddingIsBlackNotZero() throws {
        let white = try Image(width: 4, height: 4, pixels: [UInt8](repeating: 255, count: 48))
        let augmenter = try Self.augmenter(.cropAndFlip(padding: 3), width: 4, height: 4)
        let black = zip(Self.mean, Self.std).map { (0 - $0) / $1 }
        let full = zip(Self.mean, Self.std).map { (1 - $0) / $1 }
        var seen: Set<Float> = []
        for epoch in 0..<20 {
            for (place, value) in try Self.output(augmenter, white, count: 48, epoch: epoch).enumerated() {
                #expect(value == black[place / 16] || value == full[place / 16])
                seen.insert(value)
            }
        }
        #expect(seen.count == 6)
    }

    @Test(arguments: [(32, 32, 32, 32), (50, 40, 32, 32), (20, 90, 16, 24), (300, 200, 96, 96), (90, 90, 96, 80)])
    func noneIsThePreprocessingOfEvaluation(_ width: Int, _ height: Int, _ inputWidth: Int, _ inputHeight: Int) throws {
        let image = try Self.image(width: width, height: height)
        let preprocessing = try Preprocessing.standard(
            inputWidth: inputWidth, inputHeight: inputHeight, mean: Self.mean, std: Self.std)
        let expected = try preprocessing(image)
        for augmentation in [Augmentation.off, .cropAndFlip(padding: 0)] {
            let augmenter = try Self.augmenter(augmentation, width: inputWidth, height: inputHeight)
            // With half of them mirrored, one of a few is not.
            let outputs = try (0..<(augmentation == .off ? 1 : 20)).map {
                try Self.output(augmenter, image, count: expected.count, epoch: $0)
            }
            #expect(outputs.contains(expected))
        }
    }

    /// - Parameter isFitting: whether the image has room for draws, so that not all end in the middle.
    @Test(arguments: [
        (32, 32, true), (500, 375, true), (375, 500, true), (2, 1, true), (1, 1, false), (3, 400, false),
        (1000, 10, false), (10, 1000, false),
    ])
    func boxesLieInTheImage(_ width: Int, _ height: Int, _ isFitting: Bool) {
        let ratio = 3.0 / 4...4.0 / 3
        var words = RandomSequence(seed: 5, purpose: .augmentation, stream: (width, height))
        let central = CropBox.central(width: width, height: height, ratio: ratio)
        var isDrawn = false
        for _ in 0..<2000 {
            let box = CropBox.random(width: width, height: height, scale: 0.08...1, ratio: ratio, &words)
            #expect(box.width >= 1 && box.height >= 1 && box.left >= 0 && box.top >= 0)
            #expect(box.left + box.width <= width && box.top + box.height <= height)
            guard box != central else { continue }
            isDrawn = true
            // Sides are rounded to whole pixels: each is off by half of one at most.
            let least = (Double(box.width) - 0.5) * (Double(box.height) - 0.5)
            let most = (Double(box.width) + 0.5) * (Double(box.height) + 0.5)
            #expect(most >= 0.08 * Double(width * height) && least <= Double(width * height))
            #expect((Double(box.width) + 0.5) / (Double(box.height) - 0.5) >= ratio.lowerBound)
            #expect((Double(box.width) - 0.5) / (Double(box.height) + 0.5) <= ratio.upperBound)
        }
        #expect(isDrawn == isFitting)
    }

    /// The distribution that torchvision's has: areas evenly between the bounds, logarithms of shapes as well, where nothing
    /// is refused for not fitting.
    @Test func boxesAreSpreadEvenly() {
        var words = RandomSequence(seed: 6, purpose: .augmentation, stream: (0, 0))
        let draws = 4000
        var area = 0.0
        var shape = 0.0
        var place = 0.0
        for _ in 0..<draws {
            let box = CropBox.random(width: 2000, height: 2000, scale: 0.1...0.5, ratio: 0.5...2, &words)
            area += Double(box.width * box.height) / 4e6 / Double(draws)
            shape += log(Double(box.width) / Double(box.height)) / Double(draws)
            place += Double(box.left) / Double(2000 - box.width) / Double(draws)
        }
        // Five standard errors: ranges of 0.4, 1.39 and 1 have a standard deviation of that over the root of 12.
        #expect(abs(area - 0.3) < 0.0092, "\(area)")
        #expect(abs(shape) < 0.032, "\(shape)")
        #expect(abs(place - 0.5) < 0.023, "\(place)")
    }

    /// Worked by hand from torchvision's rule for images too elongated for any draw.
    @Test(arguments: [
        (1000, 10, CropBox(left: 493, top: 0, width: 13, height: 10)),
        (10, 1000, CropBox(left: 0, top: 493, width: 10, height: 13)),
        (2, 1, CropBox(left: 0, top: 0, width: 1, height: 1)),
        (40, 40, CropBox(left: 0, top: 0, width: 40, height: 40)),
    ])
    func fallback(_ width: Int, _ height: Int, _ expected: CropBox) {
        #expect(CropBox.central(width: width, height: height, ratio: 3.0 / 4...4.0 / 3) == expected)
    }

    /// Python's round(2.5) is 2, and its round(7.5) is 8.
    @Test(arguments: [(1, 2), (3, 8)])
    func halvesGoToTheEvenNeighbour(_ width: Int, _ expected: Int) {
        #expect(CropBox.central(width: width, height: 100, ratio: 0.4...1).height == expected)
    }

    @Test func randomResizedCropIsACropThatIsResized() throws {
        let image = try Self.image(width: 60, height: 45)
        let augmenter = try Self.augmenter(.imageNet, width: 12, height: 10, seed: 9)
        let scaling = try Preprocessing(
            resize: .exact(width: 12, height: 10), crop: nil, mean: Self.mean, std: Self.std)
        var mirrored = 0
        for index in 0..<40 {
            var words = RandomSequence(seed: 9, purpose: .augmentation, stream: (index, 2))
            let box = CropBox.random(
                width: 60, height: 45, scale: Augmentation.defaultScale, ratio: Augmentation.defaultRatio, &words)
            let pixels = (0..<box.height).flatMap { row in
                let start = 3 * ((box.top + row) * 60 + box.left)
                return image.pixels[start..<start + 3 * box.width]
            }
            let straight = try scaling(Image(width: box.width, height: box.height, pixels: pixels))
            let flipped = (0..<30).flatMap { row in straight[12 * row..<12 * row + 12].reversed() }
            let values = try Self.output(augmenter, image, count: 360, index: index, epoch: 2)
            #expect(values == straight || values == flipped)
            if values == flipped { mirrored += 1 }
        }
        #expect((5...35).contains(mirrored))
    }

    @Test func wholeImageIsResizedAsPreprocessingDoes() throws {
        let image = try Self.image(width: 40, height: 40)
        let augmenter = try Self.augmenter(.randomResizedCrop(scale: 1...1, ratio: 1...1), width: 16, height: 16)
        let whole = try Preprocessing(
            resize: .exact(width: 16, height: 16), crop: nil, mean: Self.mean, std: Self.std)(image)
        let outputs = try (0..<20).map { try Self.output(augmenter, image, count: 768, epoch: $0) }
        #expect(outputs.contains(whole))
        #expect(Set(outputs).count == 2)
    }

    @Test func drawsDependOnImageEpochAndSeed() throws {
        let image = try Self.image(width: 32, height: 32)
        func draw(_ seed: UInt64, _ index: Int, _ epoch: Int) throws -> [Float] {
            let augmenter = try Self.augmenter(.cropAndFlip(padding: 8), width: 32, height: 32, seed: seed)
            return try Self.output(augmenter, image, count: 3072, index: index, epoch: epoch)
        }
        #expect(try draw(1, 2, 3) == draw(1, 2, 3))
        // 578 results are possible: of 20 draws nearly all differ.
        #expect(try Set((0..<20).map { try draw(1, $0, 3) }).count > 15)
        #expect(try Set((0..<20).map { try draw(1, 2, $0) }).count > 15)
        #expect(try Set((0..<20).map { try draw($0, 2, 3) }).count > 15)
    }

    @Test func whatCannotBe() throws {
        for padding in [-1, 8, 100] {
            #expect(throws: AugmentationError.invalidPadding(padding, width: 10, height: 8)) {
                try Self.augmenter(.cropAndFlip(padding: padding), width: 10, height: 8)
            }
        }
        for scale in [0...1, -1...0.5, 0.5...1.1] {
            #expect(throws: AugmentationError.invalidScale(scale)) {
                try Self.augmenter(.randomResizedCrop(scale: scale), width: 8, height: 8)
            }
        }
        for ratio in [0...1, -1...1, 1...(.infinity)] {
            #expect(throws: AugmentationError.invalidRatio(ratio)) {
                try Self.augmenter(.randomResizedCrop(ratio: ratio), width: 8, height: 8)
            }
        }
        #expect(throws: DataLoaderError.notThreeChannels(1)) {
            try ImageAugmenter(
                input: .init(channels: 1, height: 8, width: 8), mean: [0], std: [1], augmentation: .off, seed: 0)
        }
        #expect(throws: PreprocessingError.self) {
            try ImageAugmenter(
                input: .init(height: 8, width: 8), mean: [0, 0, 0], std: [1, 0, 1], augmentation: .off, seed: 0)
        }
    }

    /// Extreme ranges are none that anybody wants, but they must not end the program.
    @Test func extremeShapes() throws {
        let image = try Self.image(width: 20, height: 20)
        for ratio in [1e-300...1e300, 1e-12...1e-12, 1e12...1e12] {
            let augmenter = try Self.augmenter(.randomResizedCrop(ratio: ratio), width: 4, height: 4)
            for epoch in 0..<20 {
                #expect(try Self.output(augmenter, image, count: 48, epoch: epoch).allSatisfy(\.isFinite))
            }
        }
    }

    @Test(arguments: [
        (Augmentation.off, #"{"none":true}"#), (.cropAndFlip(padding: 4), #"{"cropAndFlip":{"padding":4}}"#),
        (.cropAndFlip(padding: 2, mode: .reflect), #"{"cropAndFlip":{"mode":"reflect","padding":2}}"#),
        (
            .randomResizedCrop(scale: 0.25...1, ratio: 0.5...2),
            #"{"randomResizedCrop":{"ratio":[0.5,2],"scale":[0.25,1]}}"#
        ),
    ])
    func coding(_ augmentation: Augmentation, _ json: String) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        #expect(String(decoding: try encoder.encode(augmentation), as: UTF8.self) == json)
        #expect(try JSONDecoder().decode(Augmentation.self, from: Data(json.utf8)) == augmentation)
    }

    @Test func codingOfDefaultsAndMistakes() throws {
        let decode = { try JSONDecoder().decode(Augmentation.self, from: Data(($0 as String).utf8)) }
        #expect(try decode(#"{"randomResizedCrop":{}}"#) == .imageNet)
        for json in [
            "{}", #"{"none":true,"cropAndFlip":{"padding":4}}"#, #"{"cropAndFlip":{}}"#, #"{"rotate":1}"#,
            #"{"cropAndFlip":{"padding":4,"mode":"white"}}"#,
            #"{"randomResizedCrop":{"scale":[1,0.5]}}"#,
        ] {
            #expect(throws: DecodingError.self) { try decode(json) }
        }
    }
}
