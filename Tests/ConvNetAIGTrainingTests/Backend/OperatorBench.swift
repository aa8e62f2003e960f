import ConvNetAIG

@testable import ConvNetAIGTraining

/// A backend with room for the parameters of single operators, and ways to get values into feature maps and vectors, for
/// which backends offer only what networks need.
final class OperatorBench<B: TrainingBackend> {
    /// Feature maps that can be filled.
    struct Source {
        let maps: B.FeatureMaps
        let input: B.FeatureMaps
        /// Copies the input to the maps.
        let copy: B.Convolution
    }

    /// Vectors that can be filled with values that are not negative.
    struct FeatureSource {
        let vectors: B.Vectors
        let source: Source
        /// Scale and shift are 0, so that only the shortcut is left of ReLU(BN(y) + shortcut).
        let zero: B.Normalization
        let output: B.FeatureMaps
    }

    /// Vectors that can be filled with any values: gradients of a classifier's features.
    struct GradientSource {
        let vectors: B.Vectors
        let features: FeatureSource
        let channels: Int
        /// Of as many classes as images. Features are 0, so that all classes are equally likely.
        let classifier: B.Classifier
    }

    let backend: B
    /// Images, at most.
    let capacity: Int
    private(set) var images = 0
    private var parameters: [Float] = []
    private var statistics: [Float] = []
    private let layout: ParameterLayout
    private var readers: [Int: B.Classifier] = [:]

    init(_ backend: B, capacity: Int) throws {
        self.backend = backend
        self.capacity = capacity
        // Any network with many parameters.
        layout = ParameterLayout(try Architecture(named: "convnet-aig-cifar-20"))
        try backend.makeParameters(layout.sizes)
    }

    // MARK: Making

    /// Where the values lie among the parameters.
    func parameters(_ values: [Float]) -> Int { Self.place(values, in: &parameters) }

    /// Where the values lie among the statistics.
    func statistics(_ values: [Float]) -> Int { Self.place(values, in: &statistics) }

    private static func place(_ values: [Float], in array: inout [Float]) -> Int {
        let start = array.count
        array += values
        let alignment = ParameterSizes.alignment
        array += [Float](repeating: 0, count: (alignment - array.count % alignment) % alignment)
        return start
    }

    func source(_ shape: FeatureShape) throws -> Source {
        var identity = [Float](repeating: 0, count: shape.channels * shape.channels)
        for channel in 0..<shape.channels { identity[channel * shape.channels + channel] = 1 }
        let settings = TrainingConvolutionSettings(
            ConvolutionSettings(source: .image, input: shape, outputChannels: shape.channels, kernel: 1),
            weights: parameters(identity), hasInputGradient: false)
        return Source(
            maps: try backend.makeFeatureMaps(shape, images: capacity),
            input: try backend.makeInput(shape, padding: 0, images: capacity),
            copy: try backend.makeConvolution(settings, images: capacity))
    }

    func normalization(_ shape: FeatureShape, gamma: [Float], beta: [Float]) throws -> B.Normalization {
        try backend.makeNormalization(
            TrainingNormalizationSettings(
                features: shape, gamma: parameters(gamma), beta: parameters(beta),
                runningMean: statistics([Float](repeating: 0, count: shape.channels)),
                runningVariance: statistics([Float](repeating: 1, count: shape.channels))), images: capacity)
    }

    func featureSource(channels: Int) throws -> FeatureSource {
        let shape = FeatureShape(channels: channels, height: 1, width: 1)
        let zeros = [Float](repeating: 0, count: channels)
        try addReader(channels: channels)
        return FeatureSource(
            vectors: try backend.makeVectors(channels: channels, images: capacity), source: try source(shape),
            zero: try normalization(shape, gamma: zeros, beta: zeros),
            output: try backend.makeFeatureMaps(shape, images: capacity))
    }

    /// - Parameter weights: [image][channel]
    func gradientSource(channels: Int, weights: [Float]) throws -> GradientSource {
        GradientSource(
            vectors: try backend.makeVectors(channels: channels, images: capacity),
            features: try featureSource(channels: channels), channels: channels,
            classifier: try backend.makeClassifier(
                TrainingClassifierSettings(
                    ClassifierSettings(
                        features: FeatureShape(channels: channels, height: 1, width: 1), classes: capacity),
                    weight: parameters(weights),
                    bias: parameters([Float](repeating: 0, count: capacity))), images: capacity))
    }

    /// What a gradient source is filled with: classes are likely by 1 / classes, and image i is of class i.
    static func gradients(channels: Int, weights: [Float], images: Int) -> [Double] {
        let classes = weights.count / channels
        return (0..<images * channels).map { index in
            let mean = (0..<classes).reduce(0) { $0 + Double(weights[$1 * channels + index % channels]) }
            return (mean / Double(classes) - Double(weights[index])) / Double(images)
        }
    }

    /// Vectors of this many channels can be read.
    func addReader(channels: Int) throws {
        guard readers[channels] == nil else { return }
        var identity = [Float](repeating: 0, count: channels * channels)
        for channel in 0..<channels { identity[channel * channels + channel] = 1 }
        readers[channels] = try backend.makeClassifier(
            TrainingClassifierSettings(
                ClassifierSettings(features: FeatureShape(channels: channels, height: 1, width: 1), classes: channels),
                weight: parameters(identity),
                bias: parameters([Float](repeating: 0, count: channels))), images: capacity)
    }

    // MARK: Running

    /// Begins a step with all parameters as they were given, and statistics.
    func begin(images: Int) throws {
        self.images = images
        func padded(_ values: [Float], _ count: Int) -> [Float] {
            precondition(values.count <= count, "more values than the network has")
            return values + [Float](repeating: 0, count: count - values.count)
        }
        try backend.write(padded(parameters, layout.sizes.parameters), to: .parameters)
        try backend.write(padded(statistics, layout.sizes.statistics), to: .statistics)
        try backend.begin(images: images)
    }

    /// Runs a step, after one with more images and other values if there is room: nothing may be left of that.
    /// - Parameter body: is given the images, and a seed for what is to differ.
    func run<Result>(images: Int, _ body: (_ images: Int, _ seed: UInt64) throws -> Result) throws -> Result {
        try backend.prepare()
        if images < capacity {
            try begin(images: capacity)
            _ = try body(capacity, 1000)
        }
        try begin(images: images)
        return try body(images, 0)
    }

    func fill(_ source: Source, _ values: [Float]) throws {
        try backend.upload(values, to: source.input)
        try backend.convolve(source.copy, source.input, to: source.maps)
    }

    func fill(_ features: FeatureSource, _ values: [Float]) throws {
        precondition(values.allSatisfy { $0 >= 0 })
        try fill(features.source, values)
        try backend.measure(features.zero, features.source.maps)
        try backend.activate(
            features.zero, features.source.maps, factors: nil, shortcut: .maps(features.source.maps),
            to: features.output, pooled: features.vectors)
    }

    func fill(_ gradients: GradientSource) throws {
        try fill(gradients.features, [Float](repeating: 0, count: images * gradients.channels))
        try backend.classify(
            gradients.classifier, features: gradients.features.vectors,
            targets: LossTargets(labels: (0..<images).map(Int32.init)))
        try backend.backward(gradients.classifier, features: gradients.features.vectors, to: gradients.vectors)
    }

    func read(_ vectors: B.Vectors, channels: Int) throws -> [Float] {
        try outcome(vectors, channels: channels, gates: []).logits
    }

    /// What a step comes to whose logits are these vectors.
    func outcome(_ vectors: B.Vectors, channels: Int, gates: [B.Gate]) throws -> StepOutcome {
        guard let reader = readers[channels] else { preconditionFailure("no reader of \(channels) channels") }
        try backend.classify(
            reader, features: vectors, targets: LossTargets(labels: [Int32](repeating: 0, count: images)))
        return try backend.result(reader, gates: gates)
    }

    func read(_ array: ParameterArray, at offset: Int, count: Int) throws -> [Float] {
        Array(try backend.read(array)[offset..<offset + count])
    }
}
