import Foundation

/// The network in plain loops over NCHW arrays: easy to read, obviously right, and the measure of every other backend.
public final class ReferenceBackend: Backend {
    /// Feature maps: images x channels x height x width.
    public final class Activations {
        let shape: FeatureShape
        var values: [Float]

        init(shape: FeatureShape, images: Int) {
            self.shape = shape
            values = [Float](repeating: 0, count: shape.count * images)
        }
    }

    public struct Convolution {
        let problem: ConvolutionProblem
        let weights: ConvolutionWeights
    }

    public struct GateChain {
        let problem: GateProblem
        let firstGate: Int
        let gates: [GateWeights]
    }

    public final class Classifier {
        let problem: ClassifierProblem
        let weights: LinearWeights
        var logits: [Float] = []

        init(problem: ClassifierProblem, weights: LinearWeights) {
            self.problem = problem
            self.weights = weights
        }
    }

    public struct BatchNormalization {
        let problem: BatchNormalizationProblem
        let scale: [Float]
        let shift: [Float]
    }

    /// Every array is [gate][image], of the planned number of images.
    public final class Decisions {
        let gates: Int
        let capacity: Int
        var thresholds: [Float]
        var open: [Bool]
        var logOdds: [Float]
        var progress: [GateProgress]

        init(gates: Int, images: Int) {
            self.gates = gates
            capacity = images
            thresholds = [Float](repeating: 0, count: gates * images)
            open = [Bool](repeating: false, count: gates * images)
            logOdds = thresholds
            progress = [GateProgress](repeating: GateProgress(decided: 0, isOpen: false), count: images)
        }
    }

    public internal(set) var launches = 0
    public private(set) var memory = MemoryUse()

    public init() {}

    public var deviceName: String { "CPU reference" }

    public func prepare(_ problems: [OperatorProblem], images: Int) {}

    public func makeInput(_ shape: FeatureShape, padding: Int, images: Int) throws -> Activations {
        try reserve(shape, images: images)
        return Activations(shape: shape, images: images)
    }

    public func makeActivations(_ shape: FeatureShape, pooled: Bool, images: Int) throws -> Activations {
        try reserve(shape, images: images)
        return Activations(shape: shape, images: images)
    }

    /// Counts the memory that feature maps take: more than there is would end the process, not in an error.
    ///
    /// - Throws: ``BackendError/batchTooLarge(images:bytes:limit:device:)``.
    private func reserve(_ shape: FeatureShape, images: Int) throws {
        let limit =
            memory.activations + (SystemMemory.available ?? Int(clamping: ProcessInfo.processInfo.physicalMemory))
        // An image's values fit an Int by the limits of architectures, but those of many images need not.
        let (bytes, overflows) = (shape.count * MemoryLayout<Float>.stride).multipliedReportingOverflow(by: images)
        let (total, exceeds) = memory.activations.addingReportingOverflow(bytes)
        guard !overflows, !exceeds, total <= limit else {
            throw BackendError.batchTooLarge(
                images: images, bytes: overflows || exceeds ? .max : total, limit: limit, device: deviceName)
        }
        memory.activations = total
        memory.activationsUnshared = total
    }

    private func count(_ weights: [Float]...) {
        memory.weights += weights.reduce(0) { $0 + $1.count } * MemoryLayout<Float>.stride
    }

    public func makeConvolution(_ problem: ConvolutionProblem, _ weights: ConvolutionWeights, images: Int)
        -> Convolution
    {
        count(weights.weights, weights.bias)
        return Convolution(problem: problem, weights: weights)
    }

    public func makeGateChain(
        _ problem: GateProblem, firstGate: Int, _ gates: [GateWeights], images: Int
    ) -> GateChain {
        for gate in gates { count(gate.fc1, gate.fc1Bias, gate.fc2, [gate.fc2Bias]) }
        return GateChain(problem: problem, firstGate: firstGate, gates: gates)
    }

    public func makeClassifier(_ problem: ClassifierProblem, _ weights: LinearWeights, images: Int) -> Classifier {
        count(weights.weights, weights.bias)
        return Classifier(problem: problem, weights: weights)
    }

    public func makeBatchNormalization(
        _ problem: BatchNormalizationProblem, scale: [Float], shift: [Float]
    ) -> BatchNormalization {
        count(scale, shift)
        return BatchNormalization(problem: problem, scale: scale, shift: shift)
    }

    public func makeDecisions(gates: Int, images: Int) -> Decisions {
        Decisions(gates: gates, images: images)
    }

    public func synchronize() {}

    public func schedulingCosts() -> SchedulingCosts? { nil }

    public func groups(_ convolution: Convolution) -> Int { 1 }

    public func upload(_ images: UnsafeBufferPointer<Float>, count: Int, to input: Activations) {
        input.values.replaceSubrange(0..<images.count, with: images)
    }

    public func download(_ activations: Activations, images: Int) -> [Float] {
        Array(activations.values[0..<images * activations.shape.count])
    }

    public func makeActiveSet(_ images: [Int32], slot: Int, decisions: Decisions) -> ActiveSet {
        .listed(images, slot: slot)
    }

    /// The images of an active set, and that a launch was made for them.
    func images(_ active: ActiveSet, decisions: Decisions) -> [Int] {
        launches += 1
        switch active {
        case .all(let count): return Array(0..<count)
        case .listed(let images, _): return images.map(Int.init)
        case .decided(let gate, let count):
            return (0..<count).filter { decisions.open[gate * decisions.capacity + $0] }
        }
    }
}
