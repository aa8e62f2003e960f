import Foundation

/// The random size of a part of an image, as torchvision's `RandomResizedCrop` and `RandomErasing` draw it.
struct RandomPart {
    /// The part's share of the image's area, within 0...1.
    var scale: ClosedRange<Double>
    /// One of its sides over the other, drawn evenly on a logarithmic scale.
    var ratio: ClosedRange<Double>

    private static let tries = 10

    /// - Throws: ``AugmentationError`` if there is no such part of an image.
    func validate() throws(AugmentationError) {
        guard scale.lowerBound > 0, scale.upperBound <= 1 else { throw .invalidScale(scale) }
        guard ratio.lowerBound > 0, ratio.upperBound.isFinite else { throw .invalidRatio(ratio) }
    }

    /// Draws at most ten times.
    ///
    /// - Parameters:
    ///   - area: the image's, in pixels.
    ///   - fits: whether the image has such a part.
    /// - Returns: the first sides that fit, in pixels, the one that ``ratio`` multiplies first; nil if none do.
    func sides(
        area: Int, _ words: inout RandomWords, where fits: (Int, Int) -> Bool
    ) -> (Int, Int)? {
        let logarithms = log(ratio.lowerBound)...log(ratio.upperBound)
        for _ in 0..<Self.tries {
            let target = Double(area) * words.uniform(scale)
            let shape = exp(words.uniform(logarithms))
            let sides = (Self.length((target * shape).squareRoot()), Self.length((target / shape).squareRoot()))
            if fits(sides.0, sides.1) { return sides }
        }
        return nil
    }

    /// Python's `round`: halves go to the even neighbour. What no image could have becomes larger than any.
    static func length(_ value: Double) -> Int {
        value < 1e9 ? Int(value.rounded(.toNearestOrEven)) : Int.max
    }
}
