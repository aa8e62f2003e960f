/// The weights with which the input samples along one axis make each output sample.
///
/// With a filter they are those of Pillow's `precompute_coeffs` and `normalize_coeffs_8bpc`
/// (src/libImaging/Resample.c), which widens the filter when shrinking so that every input sample counts. Without one,
/// a single sample has all the weight: that of `ImagingScaleAffine` (src/libImaging/Geometry.c).
struct ResamplingCoefficients {
    /// The fractional bits of a weight: 32, less 8 for the sample, less 2 for sums beyond the range.
    static let precisionBits: Int32 = 32 - 8 - 2

    /// The first input sample of each output sample. Never decreases.
    private(set) var starts: [Int] = []

    /// How many input samples each output sample takes: at least one.
    private(set) var counts: [Int] = []

    /// Where each output sample's weights start in ``weights``.
    private(set) var offsets: [Int] = []

    /// The weights, in units of 2^-``precisionBits``. Those of an output sample add up to one.
    private(set) var weights: [Int32] = []

    /// Whether a weight is below zero, so that a sum may leave the range of a sample on either side.
    private(set) var hasNegativeWeights = false

    /// Every input sample that is needed.
    private(set) var inputRange: Range<Int> = 0..<0

    /// - Parameters:
    ///   - interpolation: What the weights are made by.
    ///   - inputSize: The number of input samples, at least one.
    ///   - outputSize: The number of output samples to which the whole input is scaled, at least one.
    ///   - outputs: The output samples wanted, within `0..<outputSize`. Each is computed by itself, so
    ///     leaving out others changes nothing.
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
        // Neither the first nor the last sample that an output takes ever decreases.
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

    /// Pillow adds the scale up from output to output; its rounding errors are part of the result.
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
