import Foundation

/// A part of a picture, in pixels from its top left corner.
struct CropBox: Hashable {
    var left: Int
    var top: Int
    var width: Int
    var height: Int

    private static let tries = 10

    /// The part that torchvision's `RandomResizedCrop.get_params` cuts from a picture of `width` x `height`: ten tries at
    /// one of a random area and shape, then the largest in the middle whose shape is allowed.
    static func random(
        width: Int, height: Int, scale: ClosedRange<Double>, ratio: ClosedRange<Double>, _ words: inout RandomWords
    ) -> CropBox {
        let area = Double(width * height)
        let logarithms = log(ratio.lowerBound)...log(ratio.upperBound)
        for _ in 0..<tries {
            let target = area * words.uniform(scale)
            let shape = exp(words.uniform(logarithms))
            let (cropWidth, cropHeight) = (length((target * shape).squareRoot()), length((target / shape).squareRoot()))
            guard (1...width).contains(cropWidth), (1...height).contains(cropHeight) else { continue }
            let top = words.below(height - cropHeight + 1)
            let left = words.below(width - cropWidth + 1)
            return CropBox(left: left, top: top, width: cropWidth, height: cropHeight)
        }
        return central(width: width, height: height, ratio: ratio)
    }

    /// The largest part in the middle whose width over height is within `ratio`.
    static func central(width: Int, height: Int, ratio: ClosedRange<Double>) -> CropBox {
        let shape = Double(width) / Double(height)
        var (cropWidth, cropHeight) = (width, height)
        if shape < ratio.lowerBound {
            cropHeight = max(length(Double(width) / ratio.lowerBound), 1)
        } else if shape > ratio.upperBound {
            cropWidth = max(length(Double(height) * ratio.upperBound), 1)
        }
        return CropBox(
            left: (width - cropWidth) / 2, top: (height - cropHeight) / 2, width: cropWidth, height: cropHeight)
    }

    /// Python's `round`: halves go to the even neighbour. What no picture could have becomes larger than any.
    static func length(_ value: Double) -> Int {
        value < 1e9 ? Int(value.rounded(.toNearestOrEven)) : Int.max
    }
}
