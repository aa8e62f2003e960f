/// Training in plain loops over NCHW arrays: easy to read, obviously right, and the measure of every other backend.
///
/// What is stored between operators is Float; sums, and the statistics of a batch, are Double.
package final class ReferenceTrainingBackend: TrainingBackend {
    package typealias FeatureMaps = ReferenceFeatureMaps

    /// images x channels
    package final class Vectors {
        let channels: Int
        private let array: ReferenceArray

        init(channels: Int, images: Int) {
            self.channels = channels
            array = ReferenceArray(count: channels * images, repeating: .nan)
        }

        var values: UnsafeMutableBufferPointer<Float> { array.values }
    }

    package struct Convolution {
        let settings: TrainingConvolutionSettings
        let loops: ReferenceConvolution
    }

    package final class Normalization {
        let settings: TrainingNormalizationSettings
        /// Of each channel of the last batch.
        var mean: [Double]
        /// 1 / sqrt(variance + epsilon)
        var inverseDeviation: [Double]
        /// Sums over pixels of g, [image][channel].
        var gradientSums: [Double]
        /// Sums over pixels of g y, [image][channel].
        var productSums: [Double]
        var gammaGradient: [Double]
        var betaGradient: [Double]

        init(settings: TrainingNormalizationSettings, images: Int) {
            self.settings = settings
            mean = [Double](repeating: .nan, count: settings.features.channels)
            inverseDeviation = mean
            gammaGradient = mean
            betaGradient = mean
            gradientSums = [Double](repeating: .nan, count: images * settings.features.channels)
            productSums = gradientSums
        }
    }

    package final class Gate {
        let settings: TrainingGateSettings
        /// (fc1 features - mean) / sqrt(variance + epsilon), [image][hidden].
        var normalized: [Double]
        /// Of each hidden unit: 1 / sqrt(variance + epsilon).
        var inverseDeviation: [Double]
        /// After batch norm and ReLU, [image][hidden].
        var hidden: [Double]
        /// Soft "execute" of each image; soft "skip" is the rest.
        var soft: [Double]
        /// The decision of each image: 1 where the branch runs, else 0.
        let decisions: BranchFactors
        var temperature: Double = 1
        var usesRunningStatistics = false

        init(settings: TrainingGateSettings, images: Int) {
            self.settings = settings
            normalized = [Double](repeating: .nan, count: images * settings.hidden)
            hidden = normalized
            inverseDeviation = [Double](repeating: .nan, count: settings.hidden)
            soft = [Double](repeating: .nan, count: images)
            decisions = BranchFactors(images: images)
        }
    }

    package final class BranchFactors {
        /// Of each image.
        var values: [Double]

        init(images: Int) { values = [Double](repeating: .nan, count: images) }
    }

    package final class Classifier {
        let settings: TrainingClassifierSettings
        /// [image][class]
        var logits: [Float] = []
        /// Of each image.
        var losses: [Float] = []
        /// With respect to the logits, [image][class].
        var gradient: [Double] = []

        init(settings: TrainingClassifierSettings) { self.settings = settings }
    }

    /// Those that ``ParameterArray`` names.
    private var arrays: [ParameterArray: ReferenceArray] = [:]
    private(set) var groups: [ParameterGroup: Range<Int>] = [:]
    /// Images of this step.
    private(set) var images = 0
    var gradientNorm: Float = 0
    private var mapMemory = ReferenceMemory()

    package init() {}

    package var deviceName: String { ReferenceMemory.deviceName }

    // MARK: Preparing

    package func makeParameters(_ sizes: ParameterSizes) {
        groups = sizes.groups
        for array in ParameterArray.allCases {
            arrays[array] = ReferenceArray(count: sizes.count(of: array), repeating: 0)
        }
    }

    /// Values are NaN until they are written, so that a mistake in what follows what is seen.
    package func makeFeatureMaps(_ shape: FeatureShape, images: Int) throws -> FeatureMaps {
        try mapMemory.reserve(shape, images: images)
        return ReferenceFeatureMaps(shape, images: images, repeating: .nan)
    }

    package func makeInput(_ shape: FeatureShape, padding: Int, images: Int) throws -> FeatureMaps {
        try makeFeatureMaps(shape, images: images)
    }

    package func makeInputGradient(_ shape: FeatureShape, images: Int) throws -> FeatureMaps {
        try makeFeatureMaps(shape, images: images)
    }

    package func makeVectors(channels: Int, images: Int) -> Vectors { Vectors(channels: channels, images: images) }

    package func makeConvolution(_ settings: TrainingConvolutionSettings, images: Int) -> Convolution {
        Convolution(settings: settings, loops: ReferenceConvolution(settings.convolution))
    }

    package func makeNormalization(_ settings: TrainingNormalizationSettings, images: Int) -> Normalization {
        Normalization(settings: settings, images: images)
    }

    package func makeGate(_ settings: TrainingGateSettings, images: Int) -> Gate {
        Gate(settings: settings, images: images)
    }

    package func makeBranchFactors(images: Int) -> BranchFactors { BranchFactors(images: images) }

    package func makeClassifier(_ settings: TrainingClassifierSettings, images: Int) -> Classifier {
        Classifier(settings: settings)
    }

    package func prepare() {}

    // MARK: Parameters

    package func write(_ values: [Float], to array: ParameterArray) {
        let target = self[array]
        precondition(values.count == target.count, "\(values.count) values for \(target.count) \(array.rawValue)")
        _ = target.update(from: values)
    }

    package func read(_ array: ParameterArray) -> [Float] { Array(self[array]) }

    subscript(array: ParameterArray) -> UnsafeMutableBufferPointer<Float> {
        guard let array = arrays[array] else { preconditionFailure("makeParameters comes first") }
        return array.values
    }

    // MARK: A step

    package func begin(images: Int) { self.images = images }

    package func upload(_ images: [Float], to input: FeatureMaps) {
        precondition(images.count == self.images * input.shape.count, "images of another size")
        _ = input.values.update(from: images)
    }

    package func upload(_ values: [Float], to factors: BranchFactors) {
        precondition(values.count == images, "\(values.count) factors for \(images) images")
        for (image, value) in values.enumerated() { factors.values[image] = Double(value) }
    }

    package func decisions(of gate: Gate) -> BranchFactors { gate.decisions }

    package func result(_ classifier: Classifier, gates: [Gate]) -> StepOutcome {
        StepOutcome(
            logits: classifier.logits, losses: classifier.losses,
            decisions: gates.map { $0.decisions.values[0..<images].map { $0 != 0 } }, gradientNorm: gradientNorm)
    }

    package func download(_ maps: FeatureMaps) -> [Float] { Array(maps.values[0..<images * maps.shape.count]) }
}

// MARK: Convolution and pooling

extension ReferenceTrainingBackend {
    package func convolve(_ convolution: Convolution, _ input: FeatureMaps, to output: FeatureMaps) {
        convolution.loops.forward(weights(convolution), input, to: output, images: images)
    }

    package func backwardToWeights(_ convolution: Convolution, input: FeatureMaps, gradient: FeatureMaps) {
        convolution.loops.weightGradient(
            input, gradient, to: part(of: .gradients, convolution.settings), images: images)
    }

    package func backwardToInput(
        _ convolution: Convolution, gradient: FeatureMaps, to result: FeatureMaps, adding: Bool
    ) {
        convolution.loops.inputGradient(
            weights(convolution), gradient, to: result, adding: adding, images: images)
    }

    private func weights(_ convolution: Convolution) -> UnsafeBufferPointer<Float> {
        UnsafeBufferPointer(part(of: .parameters, convolution.settings))
    }

    /// What an array holds of a convolution's weights.
    private func part(
        of array: ParameterArray, _ settings: TrainingConvolutionSettings
    ) -> UnsafeMutableBufferPointer<Float> {
        let range = settings.weights..<settings.weights + settings.convolution.weightCount
        return UnsafeMutableBufferPointer(rebasing: self[array][range])
    }

    package func maxPool(_ settings: PoolingSettings, _ input: FeatureMaps, to output: FeatureMaps, pooled: Vectors?) {
        settings.forward(input, to: output, images: images)
        if let pooled { pool(output, to: pooled) }
    }

    package func backwardThroughMaxPool(
        _ settings: PoolingSettings, input: FeatureMaps, output: FeatureMaps, gradient: FeatureMaps,
        pooledGradient: Vectors?, to result: FeatureMaps
    ) {
        let g = gradient.values
        let (pixels, channels) = (settings.output.pixels, settings.output.channels)
        settings.gradient(input, to: result, images: images) { pixel in
            let (image, channel) = (pixel / pixels / channels, pixel / pixels % channels)
            return Double(g[pixel]) + share(pooledGradient, gradient.shape, image: image, channel: channel)
        }
    }

    package func zeroPaddedShortcut(
        _ settings: ZeroPaddedShortcutSettings, _ input: FeatureMaps, to output: FeatureMaps
    ) {
        settings.forward(input, to: output, images: images)
    }

    package func backwardThroughZeroPaddedShortcut(
        _ settings: ZeroPaddedShortcutSettings, gradient: FeatureMaps, to result: FeatureMaps
    ) {
        settings.gradient(gradient, to: result, images: images)
    }
}
