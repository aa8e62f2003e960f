/// Paints a random rectangle of a normalised training image with the mean colour, so that a network does not rely on any
/// one part (Zhong et al., arXiv 1708.04896): torchvision's `RandomErasing(probability, scale, ratio, value=0)` behind
/// `Normalize`.
public struct RandomErasing: Sendable, Hashable {
    /// Share of the images that lose a part, within 0...1.
    public var probability: Double
    /// The part's share of the image's area, within 0...1.
    public var scale: ClosedRange<Double>
    /// The part's height over its width, drawn evenly on a logarithmic scale.
    public var ratio: ClosedRange<Double>

    /// torchvision's defaults.
    public init(
        probability: Double = 0.5, scale: ClosedRange<Double> = 0.02...0.33, ratio: ClosedRange<Double> = 0.3...3.3
    ) {
        self.probability = probability
        self.scale = scale
        self.ratio = ratio
    }

    private var part: RandomPart { RandomPart(scale: scale, ratio: ratio) }

    /// - Throws: ``AugmentationError`` if there is no such part of an image.
    func validate() throws(AugmentationError) {
        guard (0...1).contains(probability) else { throw .invalidProbability(probability) }
        try part.validate()
    }

    /// The part that an image of `width` x `height` loses; nil if it is spared. A part is smaller than the image on both
    /// sides; after ten draws of parts that are not, the image is spared as well.
    func box(width: Int, height: Int, _ words: inout RandomWords) -> CropBox? {
        guard words.uniform(0...1) < probability,
            let (boxHeight, boxWidth) = part.sides(area: width * height, &words, where: { $0 < height && $1 < width })
        else { return nil }
        return .anywhere(width: boxWidth, height: boxHeight, inWidth: width, height: height, &words)
    }
}

/// Coded as `{"probability": 0.5, "scale": [0.02, 0.33], "ratio": [0.3, 3.3]}`; what is left out is torchvision's default.
extension RandomErasing: Codable {
    private enum CodingKeys: String, CodingKey, CaseIterable {
        case probability, scale, ratio
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.configuration(keyedBy: CodingKeys.self)
        let usual = RandomErasing()
        self.init(
            probability: try container.value(.probability, or: usual.probability),
            scale: try container.value(.scale, or: usual.scale), ratio: try container.value(.ratio, or: usual.ratio))
    }
}
