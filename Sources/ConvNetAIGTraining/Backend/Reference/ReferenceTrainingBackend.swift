import ConvNetAIG
import Foundation

/// Training in plain loops over NCHW arrays: easy to read, obviously right, and the measure of every other backend.
///
/// What is stored between operators is Float; sums, and the statistics of a batch, are Double.
public final class ReferenceTrainingBackend: TrainingBackend {
    /// images x channels x height x width
    public final class Maps {
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
    public final class Vectors {
        let channels: Int
        private let array: ReferenceArray

        init(channels: Int, images: Int) {
            self.channels = channels
            array = ReferenceArray(count: channels * images, repeating: .nan)
        }

        var values: UnsafeMutableBufferPointer<Float> { array.values }
    }

    public struct Convolution {
        let problem: TrainingConvolutionProblem
        let taps: [ReferenceTap]

        init(problem: TrainingConvolutionProblem) {
            self.problem = problem
            taps = ReferenceTap.all(problem.shape)
        }

        /// Of the first weight between two channels, among the parameters.
        func weightIndex(_ outputChannel: Int, _ inputChannel: Int) -> Int {
            problem.weights + (outputChannel * problem.shape.inputChannels + inputChannel) * taps.count
        }
    }

    public final class Normalization {
        let problem: TrainingNormalizationProblem
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

        init(problem: TrainingNormalizationProblem, images: Int) {
            self.problem = problem
            mean = [Double](repeating: .nan, count: problem.shape.channels)
            inverseDeviation = mean
            gammaGradient = mean
            betaGradient = mean
            gradientSums = [Double](repeating: .nan, count: images * problem.shape.channels)
            productSums = gradientSums
        }
    }

    public final class Gate {
        let problem: TrainingGateProblem
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

        init(problem: TrainingGateProblem, images: Int) {
            self.problem = problem
            normalized = [Double](repeating: .nan, count: images * problem.hidden)
            hidden = normalized
            inverseDeviation = [Double](repeating: .nan, count: problem.hidden)
            soft = [Double](repeating: .nan, count: images)
            decisions = BranchFactors(images: images)
        }
    }

    public final class BranchFactors {
        /// Of each image.
        var values: [Double]

        init(images: Int) { values = [Double](repeating: .nan, count: images) }
    }

    public final class Classifier {
        let problem: TrainingClassifierProblem
        /// [image][class]
        var logits: [Float] = []
        /// Of each image.
        var losses: [Float] = []
        /// With respect to the logits, [image][class].
        var gradient: [Double] = []

        init(problem: TrainingClassifierProblem) { self.problem = problem }
    }

    /// Those that ``ParameterArray`` names.
    private var arrays: [ParameterArray: ReferenceArray] = [:]
    private(set) var groups: [ParameterGroup: Range<Int>] = [:]
    /// Images of this step.
    private(set) var images = 0
    var gradientNorm: Float = 0
    private var reserved = 0

    public init() {}

    public var deviceName: String { "CPU reference" }

    // MARK: Preparing

    public func makeParameters(_ layout: ParameterLayout) {
        groups = layout.groups
        for array in ParameterArray.allCases {
            let count = array == .statistics ? layout.statisticsCount : layout.parameterCount
            arrays[array] = ReferenceArray(count: count, repeating: 0)
        }
    }

    public func makeMaps(_ shape: FeatureShape, images: Int) throws -> Maps {
        try reserve(shape, images: images)
        return Maps(shape: shape, images: images)
    }

    public func makeInput(_ shape: FeatureShape, padding: Int, images: Int) throws -> Maps {
        try makeMaps(shape, images: images)
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

    public func makeInputGradient(_ shape: FeatureShape, images: Int) throws -> Maps {
        try makeMaps(shape, images: images)
    }

    public func makeVectors(channels: Int, images: Int) -> Vectors { Vectors(channels: channels, images: images) }

    public func makeConvolution(_ problem: TrainingConvolutionProblem, images: Int) -> Convolution {
        Convolution(problem: problem)
    }

    public func makeNormalization(_ problem: TrainingNormalizationProblem, images: Int) -> Normalization {
        Normalization(problem: problem, images: images)
    }

    public func makeGate(_ problem: TrainingGateProblem, images: Int) -> Gate {
        Gate(problem: problem, images: images)
    }

    public func makeBranchFactors(images: Int) -> BranchFactors { BranchFactors(images: images) }

    public func makeClassifier(_ problem: TrainingClassifierProblem, images: Int) -> Classifier {
        Classifier(problem: problem)
    }

    public func prepare() {}

    // MARK: Parameters

    public func write(_ values: [Float], to array: ParameterArray) {
        let target = self[array]
        precondition(values.count == target.count, "\(values.count) values for \(target.count) \(array.rawValue)")
        _ = target.update(from: values)
    }

    public func read(_ array: ParameterArray) -> [Float] { Array(self[array]) }

    subscript(array: ParameterArray) -> UnsafeMutableBufferPointer<Float> {
        guard let array = arrays[array] else { preconditionFailure("makeParameters comes first") }
        return array.values
    }

    // MARK: A step

    public func begin(images: Int) { self.images = images }

    public func upload(_ images: [Float], to input: Maps) {
        precondition(images.count == self.images * input.shape.count, "pictures of another size")
        _ = input.values.update(from: images)
    }

    public func upload(_ values: [Float], to factors: BranchFactors) {
        precondition(values.count == images, "\(values.count) factors for \(images) images")
        for (image, value) in values.enumerated() { factors.values[image] = Double(value) }
    }

    public func decisions(of gate: Gate) -> BranchFactors { gate.decisions }

    public func result(_ classifier: Classifier, gates: [Gate]) -> StepOutcome {
        StepOutcome(
            logits: classifier.logits, losses: classifier.losses,
            decisions: gates.map { $0.decisions.values[0..<images].map { $0 != 0 } }, gradientNorm: gradientNorm)
    }

    public func download(_ maps: Maps) -> [Float] { Array(maps.values[0..<images * maps.shape.count]) }
}
