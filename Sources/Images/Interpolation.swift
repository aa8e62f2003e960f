/// How the samples of a resized image are made from those of the original, as in Pillow and torchvision.
public enum Interpolation: String, Sendable, Hashable, Codable, CaseIterable {
    /// The antialiased triangle filter: Pillow's `Resampling.BILINEAR`.
    case bilinear

    /// The antialiased cubic convolution with a = -0.5 (R. Keys, "Cubic convolution interpolation for digital image
    /// processing", 1981): Pillow's `Resampling.BICUBIC`.
    case bicubic

    /// The sample whose area holds the middle of the new one, without antialiasing: Pillow's `Resampling.NEAREST`.
    case nearest
}

extension Interpolation {
    /// A filter of Pillow's src/libImaging/Resample.c: how far it reaches to either side of its middle, in samples of
    /// the larger image, and its value at a distance from there.
    struct Filter {
        let support: Double
        let value: (_ distance: Double) -> Double
    }

    /// The filter, or nil where each sample comes from a single one.
    var filter: Filter? {
        switch self {
        case .bilinear: Filter(support: 1) { distance in abs(distance) < 1 ? 1 - abs(distance) : 0 }
        case .bicubic: Filter(support: 2, value: Interpolation.cubic)
        case .nearest: nil
        }
    }

    /// Pillow's `bicubic_filter`, operation for operation.
    private static func cubic(_ distance: Double) -> Double {
        let (a, x) = (-0.5, abs(distance))
        if x < 1 { return ((a + 2) * x - (a + 3)) * x * x + 1 }
        if x < 2 { return (((x - 5) * x + 8) * x - 4) * a }
        return 0
    }
}
