/// Random changes to a training image, drawn anew in every epoch, so that a network does not learn the image by heart.
public enum Augmentation: Sendable, Hashable {
    /// No changes: the images as they are for measuring, see `Preprocessing.standard`.
    case off

    /// Resizes the image to the network's input as ``off`` does, surrounds it with `padding` pixels on every side, crops
    /// the input size at a random place, and mirrors half of the images: torchvision's
    /// `RandomCrop(size, padding, padding_mode)` and `RandomHorizontalFlip`.
    case cropAndFlip(padding: Int, mode: PaddingMode = .black)

    /// The pixels that surround an image.
    public enum PaddingMode: String, Sendable, Codable, CaseIterable {
        /// Black, torchvision's default, "constant".
        case black
        /// The image itself, mirrored at its outermost pixels, which are not repeated. Mean colours stay about the same as
        /// without padding, and so does what gates see, which is means.
        case reflect
    }

    /// Crops a rectangle of random area, shape and place, resizes it to the network's input, and mirrors half of the
    /// images: torchvision's `RandomResizedCrop(size, scale, ratio)` and `RandomHorizontalFlip`.
    ///
    /// - scale: the rectangle's share of the image's area, within 0...1.
    /// - ratio: its width over its height, drawn evenly on a logarithmic scale.
    case randomResizedCrop(
        scale: ClosedRange<Double> = Augmentation.defaultScale, ratio: ClosedRange<Double> = Augmentation.defaultRatio)

    /// torchvision's default for the area: 8 % of the image up to all of it.
    public static let defaultScale = 0.08...1.0

    /// torchvision's default for the shape: 3 : 4 to 4 : 3.
    public static let defaultRatio = 3.0 / 4...4.0 / 3

    /// The customary augmentation for ResNets on CIFAR (He et al. 2016): 4 black pixels on every side.
    public static let cifar = Augmentation.cropAndFlip(padding: 4)

    /// The customary augmentation for networks on ImageNet.
    public static let imageNet = Augmentation.randomResizedCrop()

    /// Checks the augmentation for a network's input of this size.
    ///
    /// - Throws: ``AugmentationError`` if a number is out of range.
    func validate(width: Int, height: Int) throws(AugmentationError) {
        switch self {
        case .off:
            break
        case .cropAndFlip(let padding, _):
            guard padding >= 0, padding < min(width, height) else {
                throw .invalidPadding(padding, width: width, height: height)
            }
        case .randomResizedCrop(let scale, let ratio):
            try AugmentationError.check(scale: scale, ratio: ratio)
        }
    }
}

/// Coded as an object of one key: `{"none": true}`, `{"cropAndFlip": {"padding": 4, "mode": "reflect"}}`, where the mode
/// is optional, or `{"randomResizedCrop": {"scale": [0.08, 1], "ratio": [0.75, 1.3333]}}`, where both are.
extension Augmentation: Codable {
    private enum CodingKeys: String, CodingKey {
        case off = "none", cropAndFlip, randomResizedCrop
    }

    private struct Crop: Codable {
        var padding: Int
        var mode: PaddingMode?
    }

    private struct ResizedCrop: Codable {
        var scale: ClosedRange<Double>?
        var ratio: ClosedRange<Double>?
    }

    /// Decodes an object with exactly one of the keys `none`, `cropAndFlip` and `randomResizedCrop`.
    ///
    /// - Throws: `DecodingError`.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        guard let key = container.allKeys.first, container.allKeys.count == 1 else {
            throw DecodingError.dataCorrupted(
                .init(
                    codingPath: decoder.codingPath,
                    debugDescription: "augmentation needs exactly one of the keys none, cropAndFlip and "
                        + "randomResizedCrop"))
        }
        switch key {
        case .off:
            self = .off
        case .cropAndFlip:
            let crop = try container.decode(Crop.self, forKey: .cropAndFlip)
            self = .cropAndFlip(padding: crop.padding, mode: crop.mode ?? .black)
        case .randomResizedCrop:
            let crop = try container.decode(ResizedCrop.self, forKey: .randomResizedCrop)
            self = .randomResizedCrop(scale: crop.scale ?? Self.defaultScale, ratio: crop.ratio ?? Self.defaultRatio)
        }
    }

    /// Encodes an object of one key.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        switch self {
        case .off:
            try container.encode(true, forKey: .off)
        case .cropAndFlip(let padding, let mode):
            // Configurations from before there were other modes stay the same.
            try container.encode(Crop(padding: padding, mode: mode == .black ? nil : mode), forKey: .cropAndFlip)
        case .randomResizedCrop(let scale, let ratio):
            try container.encode(ResizedCrop(scale: scale, ratio: ratio), forKey: .randomResizedCrop)
        }
    }
}

// MARK: - Random erasing

/// Paints a random rectangle of a normalised training image with the mean colour, so that a network does not rely on any
/// single part (Zhong et al., arXiv 1708.04896): torchvision's `RandomErasing(probability, scale, ratio, value=0)` after
/// `Normalize`.
public struct RandomErasing: Sendable, Hashable {
    /// Share of the images that lose a rectangle, within 0...1.
    public var probability: Double
    /// The rectangle's share of the image's area, within 0...1.
    public var scale: ClosedRange<Double>
    /// The rectangle's height over its width, drawn evenly on a logarithmic scale.
    public var ratio: ClosedRange<Double>

    /// Makes the settings; the defaults are torchvision's.
    public init(
        probability: Double = 0.5, scale: ClosedRange<Double> = 0.02...0.33, ratio: ClosedRange<Double> = 0.3...3.3
    ) {
        self.probability = probability
        self.scale = scale
        self.ratio = ratio
    }

    /// - Throws: ``AugmentationError`` if a number is out of range.
    func validate() throws(AugmentationError) {
        guard (0...1).contains(probability) else { throw .invalidProbability(probability) }
        try AugmentationError.check(scale: scale, ratio: ratio)
    }
}

/// Coded as `{"probability": 0.5, "scale": [0.02, 0.33], "ratio": [0.3, 3.3]}`; missing keys get torchvision's defaults.
extension RandomErasing: Codable {
    private enum CodingKeys: String, CodingKey, CaseIterable {
        case probability, scale, ratio
    }

    /// Decodes an object of the properties.
    ///
    /// - Throws: ``TrainingConfigurationError`` naming the key.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.configuration(keyedBy: CodingKeys.self)
        let defaults = RandomErasing()
        self.init(
            probability: try container.value(.probability, or: defaults.probability),
            scale: try container.value(.scale, or: defaults.scale),
            ratio: try container.value(.ratio, or: defaults.ratio))
    }
}

// MARK: - Errors

/// Why images cannot be augmented as asked.
public enum AugmentationError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The padding is negative, or as large as the network's input of `width` x `height`.
    case invalidPadding(Int, width: Int, height: Int)
    /// A share of the area is 0 or less, or above 1.
    case invalidScale(ClosedRange<Double>)
    /// A ratio of the sides is not a positive number.
    case invalidRatio(ClosedRange<Double>)
    /// The probability is not within 0...1.
    case invalidProbability(Double)

    /// What is wrong and what to give instead.
    public var description: String {
        switch self {
        case .invalidPadding(let padding, let width, let height):
            "padding \(padding) is none for pictures of \(width) x \(height); give 0 to \(min(width, height) - 1) pixels, "
                + "so that some of the picture is always seen"
        case .invalidScale(let scale):
            "scale \(scale) is no range of shares of a picture's area; give numbers more than 0 and up to 1"
        case .invalidRatio(let ratio):
            "ratio \(ratio) is no range of widths over heights; give positive numbers"
        case .invalidProbability(let probability):
            "probability \(probability) is none; give a number from 0 to 1"
        }
    }

    /// Checks the ranges that the area and the shape of a random rectangle are drawn from.
    static func check(scale: ClosedRange<Double>, ratio: ClosedRange<Double>) throws(AugmentationError) {
        guard scale.lowerBound > 0, scale.upperBound <= 1 else { throw .invalidScale(scale) }
        guard ratio.lowerBound > 0, ratio.upperBound.isFinite else { throw .invalidRatio(ratio) }
    }
}
