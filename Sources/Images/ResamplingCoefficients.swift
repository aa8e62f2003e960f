/// The weights with which the input samples along one axis make each output sample: Pillow's
/// `precompute_coeffs` and `normalize_coeffs_8bpc` (src/libImaging/Resample.c) for the triangle filter
/// (`Image.Resampling.BILINEAR`), which is widened when shrinking so that every input sample counts.
struct ResamplingCoefficients {
    /// The fractional bits of a weight: 32, less 8 for the sample, less 2 for sums beyond the range.
    static let precisionBits: Int32 = 32 - 8 - 2

    /// The first input sample of each output sample. Never decreases.
    private(set) var starts: [Int] = []

    /// How many input samples each output sample takes: at least one.
    private(set) var counts: [Int] = []

    /// Where each output sample's weights start in ``weights``.
    private(set) var offsets: [Int] = []

    /// The weights, in units of 2^-``precisionBits``. They are not negative and add up to one.
    private(set) var weights: [Int32] = []

    /// Every input sample that is needed.
    private(set) var inputRange: Range<Int> = 0..<0

    /// - Parameters:
    ///   - inputSize: The number of input samples, at least one.
    ///   - outputSize: The number of output samples to which the whole input is scaled, at least one.
    ///   - outputs: The output samples wanted, within `0..<outputSize`. Each is computed by itself, so
    ///     leaving out others changes nothing.
    init(inputSize: Int, outputSize: Int, outputs: Range<Int>) {
        let scale = Double(inputSize) / Double(outputSize)
        let filterScale = max(scale, 1)
        let inverseFilterScale = 1 / filterScale
        // The triangle filter reaches one sample to either side.
        let support = filterScale
        starts.reserveCapacity(outputs.count)
        counts.reserveCapacity(outputs.count)
        offsets.reserveCapacity(outputs.count)
        var exact: [Double] = []
        for output in outputs {
            let center = (Double(output) + 0.5) * scale
            let start = max(Int(center - support + 0.5), 0)
            let end = min(Int(center + support + 0.5), inputSize)
            exact.removeAll(keepingCapacity: true)
            var sum = 0.0
            for input in start..<max(end, start) {
                let distance = abs((Double(input) - center + 0.5) * inverseFilterScale)
                let weight = distance < 1 ? 1 - distance : 0
                exact.append(weight)
                sum += weight
            }
            starts.append(start)
            counts.append(exact.count)
            offsets.append(weights.count)
            for weight in exact {
                let normalized = sum != 0 ? weight / sum : weight
                weights.append(Int32(0.5 + normalized * Double(1 << ResamplingCoefficients.precisionBits)))
            }
        }
        if let first = starts.first, let last = starts.last, let count = counts.last {
            inputRange = first..<(last + count)
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
