/// The interpolation of a resized image's samples, as in Pillow and torchvision.
public enum Interpolation: String, Sendable, Hashable, Codable, CaseIterable {
    /// The antialiased triangle filter: Pillow's `Resampling.BILINEAR`.
    case bilinear

    /// The antialiased cubic convolution with a = -0.5 (R. Keys, "Cubic convolution interpolation for digital image
    /// processing", 1981): Pillow's `Resampling.BICUBIC`.
    case bicubic

    /// The sample whose area contains the centre of the new one, without antialiasing: Pillow's `Resampling.NEAREST`.
    case nearest
}

extension Interpolation {
    /// A filter of Pillow's src/libImaging/Resample.c: its extent to either side of the centre, in samples of the larger
    /// image, and its value by the distance from the centre.
    struct Filter {
        let support: Double
        let value: (_ distance: Double) -> Double
    }

    /// The filter, or nil if each sample is a copy of one.
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

/// The weights of the input samples along one axis in each output sample.
///
/// With a filter, they are those of Pillow's `precompute_coeffs` and `normalize_coeffs_8bpc` (src/libImaging/Resample.c),
/// which widen the filter when shrinking so that every input sample counts. Without one, a single sample has all the weight,
/// as in `ImagingScaleAffine` (src/libImaging/Geometry.c).
struct ResamplingCoefficients {
    /// The fractional bits of a weight: 32, less 8 for the sample, less 2 for sums beyond the range.
    static let precisionBits: Int32 = 32 - 8 - 2

    /// The first input sample of each output sample. Never decreases.
    private(set) var starts: [Int] = []

    /// The number of input samples of each output sample, at least one.
    private(set) var counts: [Int] = []

    /// The index in ``weights`` of each output sample's first weight.
    private(set) var offsets: [Int] = []

    /// The weights in units of 2^-``precisionBits``. Those of an output sample add up to one.
    private(set) var weights: [Int32] = []

    /// Whether a weight is negative, so that sums may exceed the range of a sample on either side.
    private(set) var hasNegativeWeights = false

    /// The range of all input samples that are needed.
    private(set) var inputRange: Range<Int> = 0..<0

    /// - Parameters:
    ///   - interpolation: The interpolation.
    ///   - inputSize: The number of input samples, at least one.
    ///   - outputSize: The number of output samples to which the whole input is scaled, at least one.
    ///   - outputs: The output samples to compute, within `0..<outputSize`. They do not depend on one another.
    init(_ interpolation: Interpolation, inputSize: Int, outputSize: Int, outputs: Range<Int>) {
        starts.reserveCapacity(outputs.count)
        counts.reserveCapacity(outputs.count)
        offsets.reserveCapacity(outputs.count)
        let scale = Double(inputSize) / Double(outputSize)
        if let filter = interpolation.filter {
            addFiltered(by: filter, scale: scale, inputSize: inputSize, outputs: outputs)
        } else {
            addNearest(scale: scale, inputSize: inputSize, outputs: outputs)
        }
        // Neither the first nor the last input sample decreases from output to output.
        if let first = starts.first, let last = starts.last, let count = counts.last {
            inputRange = first..<(last + count)
        }
        hasNegativeWeights = weights.contains { $0 < 0 }
    }

    private mutating func addFiltered(
        by filter: Interpolation.Filter, scale: Double, inputSize: Int, outputs: Range<Int>
    ) {
        let filterScale = max(scale, 1)
        let inverseFilterScale = 1 / filterScale
        let support = filter.support * filterScale
        var exact: [Double] = []
        for output in outputs {
            let center = (Double(output) + 0.5) * scale
            let start = max(Int(center - support + 0.5), 0)
            let end = min(Int(center + support + 0.5), inputSize)
            exact.removeAll(keepingCapacity: true)
            var sum = 0.0
            for input in start..<max(end, start) {
                let weight = filter.value((Double(input) - center + 0.5) * inverseFilterScale)
                exact.append(weight)
                sum += weight
            }
            starts.append(start)
            counts.append(exact.count)
            offsets.append(weights.count)
            for weight in exact {
                let normalized = sum != 0 ? weight / sum : weight
                let half = normalized < 0 ? -0.5 : 0.5
                weights.append(Int32(half + normalized * Double(1 << ResamplingCoefficients.precisionBits)))
            }
        }
    }

    /// Pillow accumulates the scale from output to output; its rounding errors are part of the result.
    private mutating func addNearest(scale: Double, inputSize: Int, outputs: Range<Int>) {
        var middle = scale * 0.5
        for _ in 0..<outputs.lowerBound { middle += scale }
        for _ in outputs {
            starts.append(min(Int(middle), inputSize - 1))
            counts.append(1)
            offsets.append(weights.count)
            weights.append(1 << ResamplingCoefficients.precisionBits)
            middle += scale
        }
    }

    /// Calls `body` with the starts, counts, offsets and weights, for loops too hot for bounds checks.
    func withUnsafeTaps(
        _ body: (
            _ starts: UnsafePointer<Int>, _ counts: UnsafePointer<Int>, _ offsets: UnsafePointer<Int>,
            _ weights: UnsafePointer<Int32>
        ) -> Void
    ) {
        starts.withUnsafeBufferPointer { starts in
            counts.withUnsafeBufferPointer { counts in
                offsets.withUnsafeBufferPointer { offsets in
                    weights.withUnsafeBufferPointer { weights in
                        guard let starts = starts.baseAddress, let counts = counts.baseAddress,
                            let offsets = offsets.baseAddress, let weights = weights.baseAddress
                        else { return }
                        body(starts, counts, offsets, weights)
                    }
                }
            }
        }
    }
}
