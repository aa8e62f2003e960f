import ConvNetAIG
import ConvNetAIGTraining
import Testing

/// Batch norm and the ReLU behind it, forward and backward.
struct RectifiedCase: OperatorCase {
    let shape: FeatureShape
    let images: Int
    let capacity: Int
    /// The output is pooled, and the pooled features have a gradient.
    let isPooled: Bool
    let inPlace: Bool

    private static func make(
        _ channels: Int, _ height: Int, _ width: Int, images: Int, capacity: Int, isPooled: Bool = false,
        inPlace: Bool = false
    ) -> RectifiedCase {
        RectifiedCase(
            shape: FeatureShape(channels: channels, height: height, width: width), images: images,
            capacity: capacity, isPooled: isPooled, inPlace: inPlace)
    }

    static let all: [RectifiedCase] = [
        make(1, 3, 5, images: 1, capacity: 1),
        make(3, 5, 7, images: 2, capacity: 3, isPooled: true, inPlace: true),
        make(5, 1, 1, images: 5, capacity: 5, isPooled: true),
        make(17, 9, 7, images: 4, capacity: 5, inPlace: true),
        make(33, 5, 3, images: 3, capacity: 3, isPooled: true),
        make(16, 32, 32, images: 2, capacity: 2, isPooled: true, inPlace: true),
        make(64, 8, 8, images: 3, capacity: 4, inPlace: true),
    ]

    var testDescription: String {
        "\(shape.channels) x \(shape.height) x \(shape.width), \(images) of \(capacity) images"
            + (isPooled ? ", pooled" : "") + (inPlace ? ", in place" : "")
    }

    private var gamma: [Float] { TestValues.uniform(shape.channels, seed: 1) }
    private var beta: [Float] { TestValues.uniform(shape.channels, seed: 2).map { 0.5 * $0 } }
    private var gradientWeights: [Float] {
        TestValues.uniform(capacity * shape.channels, seed: 3).map { 20 * $0 }
    }
    private func y(_ images: Int, _ seed: UInt64) -> [Float] {
        TestValues.uniform(images * shape.count, seed: seed + 4).map { 2 * $0 + 0.5 }
    }
    private func gradient(_ images: Int, _ seed: UInt64) -> [Float] {
        TestValues.uniform(images * shape.count, seed: seed + 5)
    }

    func run<B: TrainingBackend>(_ backend: B) throws -> [String: [Float]] {
        let bench = try OperatorBench(backend, capacity: capacity)
        let (gammaOffset, betaOffset) = (bench.parameters(gamma), bench.parameters(beta))
        let meanOffset = bench.statistics(TestValues.uniform(shape.channels, seed: 6))
        let varianceOffset = bench.statistics([Float](repeating: 2, count: shape.channels))
        let normalization = try backend.makeNormalization(
            TrainingNormalizationSettings(
                features: shape, gamma: gammaOffset, beta: betaOffset, runningMean: meanOffset,
                runningVariance: varianceOffset), images: capacity)
        let y = try bench.source(shape)
        let gradient = try bench.source(shape)
        let output = try backend.makeFeatureMaps(shape, images: capacity)
        let result = try inPlace ? gradient.maps : backend.makeFeatureMaps(shape, images: capacity)
        let pooled = try isPooled ? backend.makeVectors(channels: shape.channels, images: capacity) : nil
        let pooledGradient =
            try isPooled ? bench.gradientSource(channels: shape.channels, weights: gradientWeights) : nil
        return try bench.run(images: images) { images, seed in
            try bench.fill(y, self.y(images, seed))
            try backend.measure(normalization, y.maps)
            try backend.activate(
                normalization, y.maps, factors: nil, shortcut: nil, to: output, pooled: pooled)
            var found = [
                "output": try backend.download(output),
                "running mean": try bench.read(.statistics, at: meanOffset, count: shape.channels),
                "running variance": try bench.read(.statistics, at: varianceOffset, count: shape.channels),
            ]
            if let pooled { found["pooled"] = try bench.read(pooled, channels: shape.channels) }
            if let pooledGradient { try bench.fill(pooledGradient) }
            try bench.fill(gradient, self.gradient(images, seed))
            try backend.sumGradient(
                normalization, y.maps, gradient: gradient.maps, pooledGradient: pooledGradient?.vectors)
            try backend.finishSums(normalization, factors: nil)
            try backend.backwardThroughNormalization(
                normalization, y.maps, gradient: gradient.maps, factors: nil, rectified: true,
                pooledGradient: pooledGradient?.vectors, to: result)
            found["gamma"] = try bench.read(.gradients, at: gammaOffset, count: shape.channels)
            found["beta"] = try bench.read(.gradients, at: betaOffset, count: shape.channels)
            found["y"] = try backend.download(result)
            return found
        }
    }

    func expected() -> [String: ExpectedValues] {
        let (gamma, beta) = (gamma.map(Double.init), beta.map(Double.init))
        let y = y(images, 0).map(Double.init)
        let gradient = gradient(images, 0).map(Double.init)
        let pooledGradient = OperatorBench<ReferenceTrainingBackend>.gradients(
            channels: shape.channels, weights: gradientWeights, images: images)
        func normalized(_ y: [Double], _ gamma: [Double], _ beta: [Double]) -> [Double] {
            DoubleOperators.normalization(
                y, gamma: gamma, beta: beta, channels: shape.channels, pixels: shape.pixels)
        }
        func output(_ y: [Double], _ gamma: [Double], _ beta: [Double]) -> [Double] {
            DoubleOperators.relu(normalized(y, gamma, beta))
        }
        func loss(_ output: [Double]) -> Double {
            DoubleOperators.dot(output, gradient)
                + (isPooled
                    ? DoubleOperators.dot(DoubleOperators.pooled(output, pixels: shape.pixels), pooledGradient) : 0)
        }
        let statistics = DoubleOperators.statistics(y, channels: shape.channels, pixels: shape.pixels)
        let count = Double(images * shape.pixels)
        let before = TestValues.uniform(shape.channels, seed: 6).map(Double.init)
        let out = output(y, gamma, beta)
        if !DoubleOperators.isSmooth(normalized(y, gamma, beta)) {
            Issue.record("\(testDescription): choose other values")
        }
        var expected: [String: ExpectedValues] = [
            "output": .all(out),
            "running mean": .all(zip(before, statistics).map { 0.9 * $0 + 0.1 * $1.mean }),
            "running variance": .all(statistics.map { 0.9 * 2 + 0.1 * $0.variance * count / (count - 1) }),
            "gamma": .some(DoubleOperators.derivatives(by: gamma) { loss(output(y, $0, beta)) }),
            "beta": .some(DoubleOperators.derivatives(by: beta) { loss(output(y, gamma, $0)) }),
            "y": .some(DoubleOperators.derivatives(by: y) { loss(output($0, gamma, beta)) }),
        ]
        if isPooled { expected["pooled"] = .all(DoubleOperators.pooled(out, pixels: shape.pixels)) }
        return expected
    }
}
