import Foundation

/// A rectangle within an image, in pixels from its top left corner.
struct CropBox: Hashable {
    var left: Int
    var top: Int
    var width: Int
    var height: Int

    /// The rectangle that torchvision's `RandomResizedCrop.get_params` cuts from an image of `width` x `height`: the first
    /// of ten draws that fits into the image, or else the largest centred one whose shape is allowed.
    static func random(
        width: Int, height: Int, scale: ClosedRange<Double>, ratio: ClosedRange<Double>, _ random: inout RandomSequence
    ) -> CropBox {
        let shape = RandomRectangle(scale: scale, ratio: ratio)
        let sides = shape.sides(area: width * height, &random) { (1...width).contains($0) && (1...height).contains($1) }
        guard let (cropWidth, cropHeight) = sides else { return central(width: width, height: height, ratio: ratio) }
        return anywhere(width: cropWidth, height: cropHeight, inWidth: width, height: height, &random)
    }

    /// A rectangle of the given size at a random place of a larger image.
    static func anywhere(
        width: Int, height: Int, inWidth imageWidth: Int, height imageHeight: Int, _ random: inout RandomSequence
    ) -> CropBox {
        let top = random.below(imageHeight - height + 1)
        let left = random.below(imageWidth - width + 1)
        return CropBox(left: left, top: top, width: width, height: height)
    }

    /// The largest centred rectangle whose width over height is within `ratio`.
    static func central(width: Int, height: Int, ratio: ClosedRange<Double>) -> CropBox {
        let shape = Double(width) / Double(height)
        var (cropWidth, cropHeight) = (width, height)
        if shape < ratio.lowerBound {
            cropHeight = max(RandomRectangle.length(Double(width) / ratio.lowerBound), 1)
        } else if shape > ratio.upperBound {
            cropWidth = max(RandomRectangle.length(Double(height) * ratio.upperBound), 1)
        }
        return CropBox(
            left: (width - cropWidth) / 2, top: (height - cropHeight) / 2, width: cropWidth, height: cropHeight)
    }
}

extension RandomErasing {
    /// The rectangle that an image of `width` x `height` loses; nil if the image is spared. The rectangle is smaller than
    /// the image on both sides; if ten draws are not, the image is spared as well.
    func box(width: Int, height: Int, _ random: inout RandomSequence) -> CropBox? {
        let shape = RandomRectangle(scale: scale, ratio: ratio)
        guard random.uniform(0...1) < probability,
            let (boxHeight, boxWidth) = shape.sides(
                area: width * height, &random, where: { $0 < height && $1 < width })
        else { return nil }
        return .anywhere(width: boxWidth, height: boxHeight, inWidth: width, height: height, &random)
    }
}

/// A rectangle of random size, as torchvision's `RandomResizedCrop` and `RandomErasing` draw it.
private struct RandomRectangle {
    /// The rectangle's share of the image's area, within 0...1.
    var scale: ClosedRange<Double>
    /// One of its sides over the other, drawn evenly on a logarithmic scale.
    var ratio: ClosedRange<Double>

    private static let maxTries = 10

    /// Draws at most ten times.
    ///
    /// - Parameters:
    ///   - area: the image's area, in pixels.
    ///   - fits: whether a rectangle of these sides fits into the image.
    /// - Returns: the first sides that fit, in pixels, with the one that grows with ``ratio`` first; nil if none do.
    func sides(
        area: Int, _ random: inout RandomSequence, where fits: (Int, Int) -> Bool
    ) -> (Int, Int)? {
        let logarithms = log(ratio.lowerBound)...log(ratio.upperBound)
        for _ in 0..<Self.maxTries {
            let target = Double(area) * random.uniform(scale)
            let shape = exp(random.uniform(logarithms))
            let sides = (Self.length((target * shape).squareRoot()), Self.length((target / shape).squareRoot()))
            if fits(sides.0, sides.1) { return sides }
        }
        return nil
    }

    /// Rounds as Python's `round`: halves go to the even neighbour. Lengths that no image has become larger than any.
    static func length(_ value: Double) -> Int {
        value < 1e9 ? Int(value.rounded(.toNearestOrEven)) : Int.max
    }
}
