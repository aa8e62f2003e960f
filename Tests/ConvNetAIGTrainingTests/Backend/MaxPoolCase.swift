import ConvNetAIG
import ConvNetAIGTraining

/// Max pooling, forward and backward.
struct MaxPoolCase: OperatorCase {
    let settings: PoolingSettings
    let images: Int
    let capacity: Int
    /// The output is pooled, and the pooled features have a gradient.
    let isPooled: Bool

    private static func make(
        _ channels: Int, _ height: Int, _ width: Int, images: Int, capacity: Int, isPooled: Bool
    ) -> MaxPoolCase {
        MaxPoolCase(
            settings: PoolingSettings(
                input: FeatureShape(channels: channels, height: height, width: width), kernel: 3, stride: 2,
                padding: 1, sumsRows: false), images: images, capacity: capacity, isPooled: isPooled)
    }

    static let all: [MaxPoolCase] = [
        make(1, 1, 1, images: 1, capacity: 1, isPooled: true),
        make(3, 5, 7, images: 2, capacity: 2, isPooled: false),
        make(5, 8, 3, images: 5, capacity: 5, isPooled: true),
        make(17, 7, 10, images: 3, capacity: 4, isPooled: true),
        make(33, 9, 5, images: 2, capacity: 5, isPooled: false),
        make(64, 12, 12, images: 3, capacity: 3, isPooled: true),
    ]

    var testDescription: String {
        "\(settings.input.channels) x \(settings.input.height) x \(settings.input.width), \(images) of \(capacity) images"
            + (isPooled ? ", pooled" : "")
    }

    private var channels: Int { settings.input.channels }
    /// Pooling follows a ReLU, but central differences have to tell which pixel is the largest.
    private func x(_ images: Int, _ seed: UInt64) -> [Float] {
        TestValues.uniform(images * settings.input.count, seed: seed + 1).map { 1 + $0 }
    }
    private func gradient(_ images: Int, _ seed: UInt64) -> [Float] {
        TestValues.uniform(images * settings.output.count, seed: seed + 2)
    }
    private var gradientWeights: [Float] { TestValues.uniform(capacity * channels, seed: 3).map { 20 * $0 } }

    func run<B: TrainingBackend>(_ backend: B) throws -> [String: [Float]] {
        let bench = try OperatorBench(backend, capacity: capacity)
        let input = try bench.source(settings.input)
        let gradient = try bench.source(settings.output)
        let output = try backend.makeFeatureMaps(settings.output, images: capacity)
        let result = try backend.makeFeatureMaps(settings.input, images: capacity)
        let pooled = try isPooled ? backend.makeVectors(channels: channels, images: capacity) : nil
        let pooledGradient = try isPooled ? bench.gradientSource(channels: channels, weights: gradientWeights) : nil
        return try bench.run(images: images) { images, seed in
            try bench.fill(input, x(images, seed))
            try backend.maxPool(settings, input.maps, to: output, pooled: pooled)
            var found = ["output": try backend.download(output)]
            if let pooled { found["pooled"] = try bench.read(pooled, channels: channels) }
            if let pooledGradient { try bench.fill(pooledGradient) }
            try bench.fill(gradient, self.gradient(images, seed))
            try backend.backwardThroughMaxPool(
                settings, input: input.maps, output: output, gradient: gradient.maps,
                pooledGradient: pooledGradient?.vectors, to: result)
            found["input"] = try backend.download(result)
            return found
        }
    }

    func expected() -> [String: ExpectedValues] {
        let x = x(images, 0).map(Double.init)
        let gradient = gradient(images, 0).map(Double.init)
        let pooledGradient = OperatorBench<ReferenceTrainingBackend>.gradients(
            channels: channels, weights: gradientWeights, images: images)
        let pixels = settings.output.pixels
        let output = DoubleOperators.maxPool(x, settings, images: images)
        let byInput = DoubleOperators.derivatives(by: x) { x in
            let output = DoubleOperators.maxPool(x, settings, images: images)
            let loss = DoubleOperators.dot(output, gradient)
            guard isPooled else { return loss }
            return loss + DoubleOperators.dot(DoubleOperators.pooled(output, pixels: pixels), pooledGradient)
        }
        var expected: [String: ExpectedValues] = ["output": .all(output), "input": .some(byInput)]
        if isPooled { expected["pooled"] = .all(DoubleOperators.pooled(output, pixels: pixels)) }
        return expected
    }
}
