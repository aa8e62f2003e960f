import Foundation

/// The network in plain loops over NCHW arrays: easy to read, obviously right, and the measure of every other backend.
package final class ReferenceBackend: Backend {
    /// Feature maps: images x channels x height x width.
    package final class FeatureMaps {
        let shape: FeatureShape
        var values: [Float]

        init(shape: FeatureShape, images: Int) {
            self.shape = shape
            values = [Float](repeating: 0, count: shape.count * images)
        }
    }

    package struct Convolution {
        let settings: FusedConvolutionSettings
        let weights: ConvolutionWeights
    }

    package struct GateChain {
        let settings: GateSettings
        let firstGate: Int
        let gates: [GateWeights]
    }

    package final class Classifier {
        let settings: ClassifierSettings
        let weights: LinearWeights
        var logits: [Float] = []

        init(settings: ClassifierSettings, weights: LinearWeights) {
            self.settings = settings
            self.weights = weights
        }
    }

    package struct BatchNormalization {
        let settings: BatchNormalizationSettings
        let scale: [Float]
        let shift: [Float]
    }

    /// Every array is [gate][image], of the planned number of images.
    package final class Decisions {
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

    package internal(set) var launches = 0
    package private(set) var memory = MemoryUse()

    package init() {}

    package var deviceName: String { "CPU reference" }

    package func prepare(_ operators: [OperatorSettings], images: Int) {}

    package func makeInput(_ shape: FeatureShape, padding: Int, images: Int) throws -> FeatureMaps {
        try reserve(shape, images: images)
        return FeatureMaps(shape: shape, images: images)
    }

    package func makeFeatureMaps(_ shape: FeatureShape, pooled: Bool, images: Int) throws -> FeatureMaps {
        try reserve(shape, images: images)
        return FeatureMaps(shape: shape, images: images)
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

    package func makeConvolution(_ settings: FusedConvolutionSettings, _ weights: ConvolutionWeights, images: Int)
        -> Convolution
    {
        count(weights.weights, weights.bias)
        return Convolution(settings: settings, weights: weights)
    }

    package func makeGateChain(
        _ settings: GateSettings, firstGate: Int, _ gates: [GateWeights], images: Int
    ) -> GateChain {
        for gate in gates { count(gate.fc1, gate.fc1Bias, gate.fc2, [gate.fc2Bias]) }
        return GateChain(settings: settings, firstGate: firstGate, gates: gates)
    }

    package func makeClassifier(_ settings: ClassifierSettings, _ weights: LinearWeights, images: Int) -> Classifier {
        count(weights.weights, weights.bias)
        return Classifier(settings: settings, weights: weights)
    }

    package func makeBatchNormalization(
        _ settings: BatchNormalizationSettings, scale: [Float], shift: [Float]
    ) -> BatchNormalization {
        count(scale, shift)
        return BatchNormalization(settings: settings, scale: scale, shift: shift)
    }

    package func makeDecisions(gates: Int, images: Int) -> Decisions {
        Decisions(gates: gates, images: images)
    }

    package func synchronize() {}

    package func schedulingCosts() -> SchedulingCosts? { nil }

    package func groups(_ convolution: Convolution) -> Int { 1 }

    package func upload(_ images: UnsafeBufferPointer<Float>, count: Int, to input: FeatureMaps) {
        input.values.replaceSubrange(0..<images.count, with: images)
    }

    package func download(_ activations: FeatureMaps, images: Int) -> [Float] {
        Array(activations.values[0..<images * activations.shape.count])
    }

    package func makeActiveSet(_ images: [Int32], slot: Int, decisions: Decisions) -> ActiveSet {
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
