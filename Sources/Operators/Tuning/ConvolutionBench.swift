import OpenCL

/// A convolution's input, weights and output on a device, on which algorithms are tried: what each computes, and in what
/// time.
///
/// Input, weights and what the output holds before are random and the same for every algorithm, and neighbouring images
/// differ, so that values which are left out, added twice or another image's show.
final class ConvolutionBench {
    private let settings: FusedConvolutionSettings
    private let images: Int
    // A backend of its own: what it allocates is gone afterwards.
    private let backend: OpenCLBackend
    private let input: OpenCLBackend.FeatureMaps
    private let output: OpenCLBackend.FeatureMaps
    private let decisions: OpenCLBackend.Decisions
    private let weights: ConvolutionWeights
    /// An image's output before a launch, as it lies on the device: the shortcut, where there is one, and else what has to
    /// be overwritten.
    private let before: [Float]

    /// A prime, as images are mixed up by multiples of what kernels take at once.
    private static let distinctImages = 7
    /// Outputs that are looked at: all of a large batch would take too much of the host's memory.
    private static let maxImagesRead = 8

    /// - Throws: `OpenCLError`, or ``BackendError`` where the device has too little memory.
    init(_ settings: FusedConvolutionSettings, on runtime: OpenCLRuntime, images: Int) throws {
        self.settings = settings
        self.images = images
        backend = try OpenCLBackend(runtime)
        input =
            settings.convolution.source == .image
            ? try backend.makeInput(settings.convolution.input, padding: settings.convolution.padding, images: images)
            : try backend.makeFeatureMaps(settings.convolution.input, pooled: false, images: images)
        output = try backend.makeFeatureMaps(settings.convolution.output, pooled: settings.sumsRows, images: images)
        decisions = try backend.makeDecisions(gates: 1, images: images)
        try backend.begin(decisions, open: [Bool](repeating: true, count: images), images: images)
        weights = Self.weights(settings)

        func values(_ shape: FeatureShape, stream: UInt32) -> [Float] {
            RandomStream(seed: 1, stream: stream).uniform(count: shape.count, in: -1..<1)
        }
        before = output.layout.stored(values(settings.convolution.output, stream: 0), of: settings.convolution.output)
        let inputs = (0..<min(images, Self.distinctImages)).map {
            input.layout.stored(
                values(settings.convolution.input, stream: UInt32($0) + 1), of: settings.convolution.input)
        }
        for image in 0..<images {
            let values = inputs[image % inputs.count]
            try backend.queue.write(
                to: input.values, offset: image * values.count * MemoryLayout<Float>.stride, values: values)
        }
    }

    /// A way to compute the convolution, with the weights in its layout.
    func convolution(_ descriptor: any ConvolutionDescriptor) throws -> OpenCLBackend.Convolution {
        try backend.makeConvolution(descriptor, weights, images: images)
    }

    /// Seconds of a launch, as the mean of several in a row.
    func time(_ convolution: OpenCLBackend.Convolution, launches: Int) throws -> Double {
        let start = ContinuousClock.now
        for _ in 0..<launches { try launch(convolution) }
        try backend.synchronize()
        return (ContinuousClock.now - start) / .seconds(1) / Double(launches)
    }

    /// What a launch makes of the output.
    func output(of convolution: OpenCLBackend.Convolution) throws -> ConvolutionOutput {
        let queue = backend.queue
        let stride = MemoryLayout<Float>.stride
        for image in 0..<images {
            try queue.write(to: output.values, offset: image * before.count * stride, values: before)
        }
        if let sums = output.rowSums { try queue.fill(sums, with: 0) }
        try launch(convolution)
        try backend.synchronize()

        let sumCount = settings.convolution.output.height * settings.convolution.output.paddedChannels
        var result = ConvolutionOutput()
        for image in imagesRead {
            result.values += try queue.read(
                from: output.values, offset: image * before.count * stride, as: Float.self, count: before.count)
            if let sums = output.rowSums {
                result.rowSums += try queue.read(
                    from: sums, offset: image * sumCount * stride, as: Float.self, count: sumCount)
            }
        }
        return result
    }

    /// Evenly over the batch, the first and the last among them.
    private var imagesRead: [Int] {
        guard images > Self.maxImagesRead else { return Array(0..<images) }
        return (0..<Self.maxImagesRead).map { $0 * (images - 1) / (Self.maxImagesRead - 1) }
    }

    private func launch(_ convolution: OpenCLBackend.Convolution) throws {
        try backend.convolve(
            convolution, input, to: output, on: .all(count: images), decisions: decisions, gate: 0)
    }

    /// Weights for which sums over inputs between -1 and 1 are between -1 and 1, most of them.
    private static func weights(_ settings: FusedConvolutionSettings) -> ConvolutionWeights {
        let inputs = settings.convolution.input.channels * settings.convolution.kernel * settings.convolution.kernel
        let bound = 1 / Float(inputs).squareRoot()
        func values(_ count: Int, stream: UInt32) -> [Float] {
            RandomStream(seed: 2, stream: stream).uniform(count: count, in: -bound..<bound)
        }
        return ConvolutionWeights(
            weights: values(settings.convolution.outputChannels * inputs, stream: 0),
            bias: values(settings.convolution.outputChannels, stream: 1)
        )
    }
}

/// What a convolution wrote, as it lies on the device, halos and padded channels included: nothing may be written there.
struct ConvolutionOutput {
    var values: [Float] = []
    /// Empty where none are wanted.
    var rowSums: [Float] = []

    /// How far the output is from what it should be: the largest difference of a value over the largest magnitude of the
    /// expected values (the maximum norm of the error relative to that of the result), or the same of the row sums,
    /// whichever is larger. NaN and infinity, where one of them is wrong, are infinitely far.
    func deviation(from expected: ConvolutionOutput) -> Double {
        max(
            Self.deviation(of: values, from: expected.values),
            Self.deviation(of: rowSums, from: expected.rowSums))
    }

    var isFinite: Bool { values.allSatisfy(\.isFinite) && rowSums.allSatisfy(\.isFinite) }

    private static func deviation(of values: [Float], from expected: [Float]) -> Double {
        guard values.count == expected.count else { return .infinity }
        var (difference, magnitude) = (Float(0), Float(0))
        for (value, wanted) in zip(values, expected) where value != wanted {
            let distance = abs(value - wanted)
            guard distance.isFinite else { return .infinity }
            difference = max(difference, distance)
        }
        guard difference > 0 else { return 0 }
        for wanted in expected { magnitude = max(magnitude, abs(wanted)) }
        return magnitude > 0 ? Double(difference) / Double(magnitude) : .infinity
    }
}
