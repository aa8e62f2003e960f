import ConvNetAIG
import ConvNetAIGTraining

/// A convolution and both of its gradients.
struct ConvolutionCase: OperatorCase {
    let shape: ConvolutionSettings
    let images: Int
    let capacity: Int

    init(
        _ source: ConvolutionSettings.Source = .features, channels: (Int, Int), kernel: Int, stride: Int = 1,
        padding: Int? = nil, size: (Int, Int), images: Int, capacity: Int? = nil
    ) {
        shape = ConvolutionSettings(
            source: source, input: FeatureShape(channels: channels.0, height: size.0, width: size.1),
            outputChannels: channels.1, kernel: kernel, stride: stride, padding: padding ?? kernel / 2)
        self.images = images
        self.capacity = capacity ?? images
    }

    static let all: [ConvolutionCase] = [
        .init(.image, channels: (3, 16), kernel: 3, size: (9, 11), images: 3, capacity: 4),
        .init(.image, channels: (3, 17), kernel: 7, stride: 2, size: (13, 15), images: 2),
        .init(.image, channels: (1, 5), kernel: 3, stride: 2, size: (5, 7), images: 5),
        .init(.image, channels: (3, 33), kernel: 7, stride: 2, size: (3, 5), images: 1, capacity: 3),
        .init(.image, channels: (5, 3), kernel: 1, size: (5, 3), images: 2),
        .init(channels: (17, 33), kernel: 3, size: (7, 9), images: 5),
        .init(channels: (33, 17), kernel: 3, stride: 2, size: (9, 7), images: 2, capacity: 5),
        .init(channels: (16, 32), kernel: 3, stride: 2, size: (8, 8), images: 3),
        .init(channels: (64, 64), kernel: 3, size: (8, 8), images: 1),
        .init(channels: (16, 16), kernel: 3, size: (32, 32), images: 2),
        .init(channels: (5, 3), kernel: 1, size: (5, 5), images: 4),
        .init(channels: (5, 33), kernel: 1, stride: 2, size: (7, 9), images: 3),
        .init(channels: (32, 64), kernel: 1, stride: 2, size: (6, 8), images: 2, capacity: 3),
        .init(channels: (33, 48), kernel: 1, size: (5, 7), images: 5),
        .init(channels: (1, 1), kernel: 3, size: (1, 1), images: 1),
        .init(channels: (3, 1), kernel: 3, stride: 2, size: (2, 5), images: 4, capacity: 5),
        .init(channels: (7, 20), kernel: 3, size: (1, 57), images: 2),
    ]

    var testDescription: String {
        "\(shape.source) \(shape.input.channels) to \(shape.outputChannels) channels, kernel \(shape.kernel), stride "
            + "\(shape.stride), \(shape.input.height) x \(shape.input.width), \(images) of \(capacity) images"
    }

    private var settings: TrainingConvolutionSettings {
        TrainingConvolutionSettings(shape, weights: 0, hasInputGradient: true)
    }

    private var weights: [Float] { TestValues.uniform(shape.weightCount, seed: 1) }
    private func x(_ images: Int, _ seed: UInt64) -> [Float] {
        TestValues.uniform(images * settings.convolution.input.count, seed: seed + 2)
    }
    private func gradient(_ images: Int, _ seed: UInt64) -> [Float] {
        TestValues.uniform(images * settings.convolution.output.count, seed: seed + 3)
    }
    /// What gradients are added to.
    private func before(_ images: Int, _ seed: UInt64) -> [Float] {
        TestValues.uniform(images * settings.convolution.input.count, seed: seed + 4)
    }

    func run<B: TrainingBackend>(_ backend: B) throws -> [String: [Float]] {
        let bench = try OperatorBench(backend, capacity: capacity)
        var settings = settings
        settings.weights = bench.parameters(weights)
        let convolution = try backend.makeConvolution(settings, images: capacity)
        let picture = try backend.makeInput(settings.convolution.input, padding: shape.padding, images: capacity)
        let features = try bench.source(settings.convolution.input)
        let output = try backend.makeFeatureMaps(settings.convolution.output, images: capacity)
        let gradient = try bench.source(settings.convolution.output)
        let result = try backend.makeFeatureMaps(settings.convolution.input, images: capacity)
        let sum = try bench.source(settings.convolution.input)
        return try bench.run(images: images) { images, seed in
            var input = picture
            switch shape.source {
            case .image: try backend.upload(x(images, seed), to: picture)
            case .features:
                try bench.fill(features, x(images, seed))
                input = features.maps
            }
            try backend.convolve(convolution, input, to: output)
            try bench.fill(gradient, self.gradient(images, seed))
            try backend.backwardToWeights(convolution, input: input, gradient: gradient.maps)
            var found = [
                "output": try backend.download(output),
                "weights": try bench.read(.gradients, at: settings.weights, count: shape.weightCount),
            ]
            guard settings.hasInputGradient else { return found }
            try backend.backwardToInput(convolution, gradient: gradient.maps, to: result, adding: false)
            found["input"] = try backend.download(result)
            try bench.fill(sum, before(images, seed))
            try backend.backwardToInput(convolution, gradient: gradient.maps, to: sum.maps, adding: true)
            found["added"] = try backend.download(sum.maps)
            return found
        }
    }

    func expected() -> [String: ExpectedValues] {
        let (x, weights) = (x(images, 0).map(Double.init), weights.map(Double.init))
        let gradient = gradient(images, 0).map(Double.init)
        let output = DoubleOperators.convolution(x, weights, shape, images: images)
        let byWeights = DoubleOperators.derivatives(by: weights) {
            DoubleOperators.dot(DoubleOperators.convolution(x, $0, shape, images: images), gradient)
        }
        guard settings.hasInputGradient else { return ["output": .all(output), "weights": .some(byWeights)] }
        let byInput = DoubleOperators.derivatives(by: x) {
            DoubleOperators.dot(DoubleOperators.convolution($0, weights, shape, images: images), gradient)
        }
        let before = before(images, 0)
        var added: [Int: Double] = [:]
        for (index, derivative) in byInput { added[index] = derivative + Double(before[index]) }
        return [
            "output": .all(output), "weights": .some(byWeights), "input": .some(byInput), "added": .some(added),
        ]
    }
}
