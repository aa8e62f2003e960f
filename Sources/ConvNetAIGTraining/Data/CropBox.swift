/// A part of an image, in pixels from its top left corner.
struct CropBox: Hashable {
    var left: Int
    var top: Int
    var width: Int
    var height: Int

    /// The part that torchvision's `RandomResizedCrop.get_params` cuts from an image of `width` x `height`: the first of
    /// ten draws that is not larger than the image, or the largest in the middle whose shape is allowed.
    static func random(
        width: Int, height: Int, scale: ClosedRange<Double>, ratio: ClosedRange<Double>, _ words: inout RandomWords
    ) -> CropBox {
        let part = RandomPart(scale: scale, ratio: ratio)
        let sides = part.sides(area: width * height, &words) { (1...width).contains($0) && (1...height).contains($1) }
        guard let (cropWidth, cropHeight) = sides else { return central(width: width, height: height, ratio: ratio) }
        return anywhere(width: cropWidth, height: cropHeight, inWidth: width, height: height, &words)
    }

    /// A part of given size at a random place of a larger image.
    static func anywhere(
        width: Int, height: Int, inWidth imageWidth: Int, height imageHeight: Int, _ words: inout RandomWords
    ) -> CropBox {
        let top = words.below(imageHeight - height + 1)
        let left = words.below(imageWidth - width + 1)
        return CropBox(left: left, top: top, width: width, height: height)
    }

    /// The largest part in the middle whose width over height is within `ratio`.
    static func central(width: Int, height: Int, ratio: ClosedRange<Double>) -> CropBox {
        let shape = Double(width) / Double(height)
        var (cropWidth, cropHeight) = (width, height)
        if shape < ratio.lowerBound {
            cropHeight = max(RandomPart.length(Double(width) / ratio.lowerBound), 1)
        } else if shape > ratio.upperBound {
            cropWidth = max(RandomPart.length(Double(height) * ratio.upperBound), 1)
        }
        return CropBox(
            left: (width - cropWidth) / 2, top: (height - cropHeight) / 2, width: cropWidth, height: cropHeight)
    }
}
