import ConvNetAIG
import Operators
import Foundation

/// Training in plain loops over NCHW arrays: easy to read, obviously right, and the measure of every other backend.
///
/// What is stored between operators is Float; sums, and the statistics of a batch, are Double.
package final class ReferenceTrainingBackend: TrainingBackend {
    /// images x channels x height x width
    package final class FeatureMaps {
        let shape: FeatureShape
        private let array: ReferenceArray

        /// Values are NaN until they are written, so that a mistake in what follows what is seen.
        init(shape: FeatureShape, images: Int) {
            self.shape = shape
            array = ReferenceArray(count: shape.count * images, repeating: .nan)
        }

        var values: UnsafeMutableBufferPointer<Float> { array.values }

        /// The first pixel of a channel.
        func start(image: Int, channel: Int) -> Int { (image * shape.channels + channel) * shape.pixels }

        /// The pixels of a channel.
        func range(image: Int, channel: Int) -> Range<Int> {
            let start = start(image: image, channel: channel)
            return start..<start + shape.pixels
        }
    }

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
        let taps: [ReferenceTap]

        init(settings: TrainingConvolutionSettings) {
            self.settings = settings
            taps = ReferenceTap.all(settings.convolution)
        }

        /// Of the first weight between two channels, among the parameters.
        func weightIndex(_ outputChannel: Int, _ inputChannel: Int) -> Int {
            settings.weights + (outputChannel * settings.convolution.input.channels + inputChannel) * taps.count
        }
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
    private var reserved = 0

    package init() {}

    package var deviceName: String { "CPU reference" }

    // MARK: Preparing

    package func makeParameters(_ layout: ParameterLayout) {
        groups = layout.groups
        for array in ParameterArray.allCases {
            let count = array == .statistics ? layout.statisticsCount : layout.parameterCount
            arrays[array] = ReferenceArray(count: count, repeating: 0)
        }
    }

    package func makeFeatureMaps(_ shape: FeatureShape, images: Int) throws -> FeatureMaps {
        try reserve(shape, images: images)
        return FeatureMaps(shape: shape, images: images)
    }

    package func makeInput(_ shape: FeatureShape, padding: Int, images: Int) throws -> FeatureMaps {
        try makeFeatureMaps(shape, images: images)
    }

    /// Counts the memory that feature maps take: more than there is would end the process, not in an error.
    ///
    /// - Throws: ``BackendError/batchTooLarge(images:bytes:limit:device:)``.
    private func reserve(_ shape: FeatureShape, images: Int) throws {
        let limit = Int(clamping: ProcessInfo.processInfo.physicalMemory)
        let (bytes, overflows) = (shape.count * MemoryLayout<Float>.stride).multipliedReportingOverflow(by: images)
        let (total, exceeds) = reserved.addingReportingOverflow(bytes)
        guard !overflows, !exceeds, total <= limit else {
            throw BackendError.batchTooLarge(
                images: images, bytes: overflows || exceeds ? .max : total, limit: limit, device: deviceName)
        }
        reserved = total
    }

    package func makeInputGradient(_ shape: FeatureShape, images: Int) throws -> FeatureMaps {
        try makeFeatureMaps(shape, images: images)
    }

    package func makeVectors(channels: Int, images: Int) -> Vectors { Vectors(channels: channels, images: images) }

    package func makeConvolution(_ settings: TrainingConvolutionSettings, images: Int) -> Convolution {
        Convolution(settings: settings)
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
        precondition(images.count == self.images * input.shape.count, "pictures of another size")
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
