import ConvNetAIG
import Foundation

/// What is changed about a training image, anew in every epoch, so that a network does not learn it by heart.
public enum Augmentation: Sendable, Hashable {
    /// Images as they are measured with, see `Preprocessing.standard`.
    case off

    /// Surrounds the image, brought to the network's input size as for ``off``, with `padding` pixels on every side, cuts
    /// the input size from anywhere, and mirrors half of the images: torchvision's
    /// `RandomCrop(size, padding, padding_mode)` and `RandomHorizontalFlip`.
    case cropAndFlip(padding: Int, mode: PaddingMode = .black)

    /// What surrounds an image.
    public enum PaddingMode: String, Sendable, Codable, CaseIterable {
        /// torchvision's default, "constant".
        case black
        /// The image itself, mirrored at its outermost pixels, which are not repeated. Mean colours stay about what they
        /// are where nothing is padded, and so does what gates see, which is means.
        case reflect
    }

    /// Cuts out a part of random area, shape and place, scales it to the network's input size, and mirrors half of the
    /// images: torchvision's `RandomResizedCrop(size, scale, ratio)` and `RandomHorizontalFlip`.
    ///
    /// - scale: the part's share of the image's area, within 0...1.
    /// - ratio: its width over its height, drawn evenly on a logarithmic scale.
    case randomResizedCrop(
        scale: ClosedRange<Double> = Augmentation.usualScale, ratio: ClosedRange<Double> = Augmentation.usualRatio)

    /// torchvision's default for the area: 8 % of the image up to all of it.
    public static let usualScale = 0.08...1.0

    /// torchvision's default for the shape: 3 : 4 to 4 : 3.
    public static let usualRatio = 3.0 / 4...4.0 / 3

    /// What ResNets on CIFAR are customarily trained with (He et al. 2016): 4 black pixels on every side.
    public static let cifar = Augmentation.cropAndFlip(padding: 4)

    /// What networks on ImageNet are customarily trained with.
    public static let imageNet = Augmentation.randomResizedCrop()

    /// Whether what is done to an image once, and kept, depends on the network's input.
    var preparesForSize: Bool {
        switch self {
        case .off, .cropAndFlip: true
        case .randomResizedCrop: false
        }
    }

    /// - Throws: ``AugmentationError`` if there is no such augmentation for images of this size.
    func validate(width: Int, height: Int) throws(AugmentationError) {
        switch self {
        case .off:
            break
        case .cropAndFlip(let padding, _):
            guard padding >= 0, padding < min(width, height) else {
                throw .invalidPadding(padding, width: width, height: height)
            }
        case .randomResizedCrop(let scale, let ratio):
            try RandomPart(scale: scale, ratio: ratio).validate()
        }
    }
}

/// Coded as an object of one key: `{"none": true}`, `{"cropAndFlip": {"padding": 4, "mode": "reflect"}}`, where the mode
/// may be left out, or `{"randomResizedCrop": {"scale": [0.08, 1], "ratio": [0.75, 1.3333]}}`, where both may.
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
            self = .randomResizedCrop(scale: crop.scale ?? Self.usualScale, ratio: crop.ratio ?? Self.usualRatio)
        }
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        switch self {
        case .off:
            try container.encode(true, forKey: .off)
        case .cropAndFlip(let padding, let mode):
            // Black is left out, as it was before there was anything else.
            try container.encode(Crop(padding: padding, mode: mode == .black ? nil : mode), forKey: .cropAndFlip)
        case .randomResizedCrop(let scale, let ratio):
            try container.encode(ResizedCrop(scale: scale, ratio: ratio), forKey: .randomResizedCrop)
        }
    }
}
