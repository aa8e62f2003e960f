import ConvNetAIG
import Foundation
import TestSupport
import Testing

@testable import ConvNetAIGTraining

@Suite struct RandomErasingTests {
    private static func words(_ stream: Int) -> RandomSequence {
        RandomSequence(seed: 7, purpose: .augmentation, stream: (stream, 0))
    }

    /// The distribution that torchvision's has where every part fits: areas evenly between the bounds, logarithms of shapes
    /// and places as well.
    @Test func partsAreSpreadEvenly() throws {
        var words = Self.words(0)
        let erasing = RandomErasing(probability: 0.75, scale: 0.05...0.2, ratio: 0.5...2)
        let draws = 4000
        let boxes = (0..<draws).compactMap { _ in erasing.box(width: 2000, height: 1000, &words) }
        let count = Double(boxes.count)
        let area = boxes.map { Double($0.width * $0.height) / 2e6 }.reduce(0, +) / count
        let shape = boxes.map { log(Double($0.height) / Double($0.width)) }.reduce(0, +) / count
        let left = boxes.map { Double($0.left) / Double(2000 - $0.width) }.reduce(0, +) / count
        let top = boxes.map { Double($0.top) / Double(1000 - $0.height) }.reduce(0, +) / count
        // Five standard errors; an even range has a standard deviation of its length over the root of 12.
        #expect(abs(count - 0.75 * Double(draws)) < 5 * (Double(draws) * 0.75 * 0.25).squareRoot(), "\(count)")
        #expect(abs(area - 0.125) < 0.004, "\(area)")
        #expect(abs(shape) < 0.037, "\(shape)")
        #expect(abs(left - 0.5) < 0.027 && abs(top - 0.5) < 0.027, "\(left), \(top)")
    }

    @Test(arguments: [(32, 32), (9, 5), (5, 40), (2, 2)])
    func partsLieInTheImage(_ width: Int, _ height: Int) {
        var words = Self.words(width)
        for _ in 0..<2000 {
            guard let box = RandomErasing(probability: 1).box(width: width, height: height, &words) else { continue }
            #expect(box.left >= 0 && box.top >= 0)
            #expect(box.left + box.width <= width && box.top + box.height <= height)
            #expect(box.width < width && box.height < height)
        }
    }

    @Test func sparedImages() {
        var words = Self.words(1)
        #expect(RandomErasing(probability: 0).box(width: 32, height: 32, &words) == nil)
        // No part as large as the image is smaller than it on both sides.
        #expect(RandomErasing(probability: 1, scale: 1...1, ratio: 1...1).box(width: 8, height: 8, &words) == nil)
        #expect(RandomErasing(probability: 1).box(width: 32, height: 32, &words) != nil)
    }

    /// Beside the part, which has the mean colour, an image is as it would be without erasing.
    @Test func thePartIsOfTheMeanColour() throws {
        let image = try AugmentationTests.image(width: 12, height: 10)
        func output(_ erasing: RandomErasing?, _ epoch: Int) throws -> [Float] {
            let augmenter = try ImageAugmenter(
                input: .init(height: 10, width: 12), mean: AugmentationTests.mean, std: AugmentationTests.std,
                augmentation: .cropAndFlip(padding: 2), erasing: erasing, seed: 3)
            return try AugmentationTests.output(augmenter, image, count: 360, epoch: epoch)
        }
        let erasing = RandomErasing(probability: 1, scale: 0.2...0.4)
        for epoch in 0..<20 {
            let (whole, erased) = (try output(nil, epoch), try output(erasing, epoch))
            // No sample of the image is exactly the mean.
            let places = (0..<360).filter { whole[$0] != erased[$0] }
            #expect(places.allSatisfy { erased[$0] == 0 } && !whole.contains(0))
            let rows = places.map { $0 / 12 % 10 }
            let columns = places.map { $0 % 12 }
            let height = try #require(rows.max()) - #require(rows.min()) + 1
            let width = try #require(columns.max()) - #require(columns.min()) + 1
            #expect(places.count == 3 * width * height, "a rectangle in every channel")
            #expect((0.15...0.5).contains(Double(width * height) / 120))
        }
    }

    @Test func whatCannotBe() {
        #expect(throws: AugmentationError.invalidProbability(1.5)) { try RandomErasing(probability: 1.5).validate() }
        #expect(throws: AugmentationError.invalidScale(0...0.5)) { try RandomErasing(scale: 0...0.5).validate() }
        #expect(throws: AugmentationError.invalidRatio(0...1)) { try RandomErasing(ratio: 0...1).validate() }
        for erasing in [RandomErasing(probability: -1), RandomErasing(probability: .nan)] {
            #expect(throws: AugmentationError.self) {
                try ImageAugmenter(
                    input: .init(height: 8, width: 8), mean: AugmentationTests.mean, std: AugmentationTests.std,
                    augmentation: .off, erasing: erasing, seed: 0)
            }
        }
    }
}
