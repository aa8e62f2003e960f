/// Inference in plain loops over NCHW arrays: easy to read, obviously right, and the measure of every other backend.
package final class ReferenceBackend: Backend {
    package typealias FeatureMaps = ReferenceFeatureMaps

    package struct Convolution {
        let settings: FusedConvolutionSettings
        let loops: ReferenceConvolution
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
    private var mapMemory = ReferenceMemory()
    private var weightBytes = 0

    package init() {}

    package var deviceName: String { ReferenceMemory.deviceName }

    package var memory: MemoryUse {
        var memory = MemoryUse()
        memory.weights = weightBytes
        memory.activations = mapMemory.byteCount
        memory.activationsUnshared = mapMemory.byteCount
        return memory
    }

    package func prepare(_ operators: [OperatorSettings], images: Int) {}

    package func makeInput(_ shape: FeatureShape, padding: Int, images: Int) throws -> FeatureMaps {
        try makeFeatureMaps(shape, pooled: false, images: images)
    }

    package func makeFeatureMaps(_ shape: FeatureShape, pooled: Bool, images: Int) throws -> FeatureMaps {
        try mapMemory.reserve(shape, images: images)
        return ReferenceFeatureMaps(shape, images: images, repeating: 0)
    }

    private func count(_ weights: [Float]...) {
        weightBytes += weights.reduce(0) { $0 + $1.count } * MemoryLayout<Float>.stride
    }

    package func makeConvolution(_ settings: FusedConvolutionSettings, _ weights: ConvolutionWeights, images: Int)
        -> Convolution
    {
        count(weights.weights, weights.bias)
        return Convolution(
            settings: settings, loops: ReferenceConvolution(settings.convolution), weights: weights)
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
        _ = input.values.update(from: images)
    }

    package func download(_ maps: FeatureMaps, images: Int) -> [Float] {
        Array(maps.values[0..<images * maps.shape.count])
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

// MARK: Operators

extension ReferenceBackend {
    package func convolve(
        _ convolution: Convolution, _ input: FeatureMaps, to output: FeatureMaps, on active: ActiveSet,
        decisions: Decisions, gate: Int?
    ) {
        let (settings, y) = (convolution.settings, output.values)
        let images = images(active, decisions: decisions)
        withUnsafeTemporaryAllocation(of: Float.self, capacity: output.shape.pixels) { sums in
            for image in images {
                let rectifies =
                    switch settings.activation {
                    case .none: false
                    case .relu: true
                    case .reluWhereClosed: gate.map { !decisions.open[$0 * decisions.capacity + image] } ?? false
                    }
                for channel in 0..<output.shape.channels {
                    sums.initialize(repeating: convolution.weights.bias[channel])
                    convolution.weights.weights.withUnsafeBufferPointer { weights in
                        convolution.loops.add(weights, input, image: image, outputChannel: channel, to: sums)
                    }
                    let start = output.start(image: image, channel: channel)
                    for (pixel, sum) in sums.enumerated() {
                        let value = settings.addsToOutput ? sum + y[start + pixel] : sum
                        y[start + pixel] = rectifies ? max(value, 0) : value
                    }
                }
            }
        }
    }

    package func maxPool(_ settings: PoolingSettings, _ input: FeatureMaps, to output: FeatureMaps, images: Int) {
        launches += 1
        settings.forward(input, to: output, images: images)
    }

    package func zeroPaddedShortcut(
        _ settings: ZeroPaddedShortcutSettings, _ input: FeatureMaps, to output: FeatureMaps, images: Int
    ) {
        launches += 1
        settings.forward(input, to: output, images: images)
    }

    package func normalize(
        _ normalization: BatchNormalization, _ input: FeatureMaps, to output: FeatureMaps, images: Int
    ) {
        let shape = normalization.settings.features
        launches += 1
        for image in 0..<images {
            for channel in 0..<shape.channels {
                for pixel in output.range(image: image, channel: channel) {
                    let value = input.values[pixel] * normalization.scale[channel] + normalization.shift[channel]
                    output.values[pixel] = normalization.settings.rectifies ? max(value, 0) : value
                }
            }
        }
    }

    /// Global average pooling: the mean of each channel.
    static func pooled(_ maps: FeatureMaps, image: Int) -> [Float] {
        let shape = maps.shape
        return (0..<shape.channels).map { channel in
            var sum: Float = 0
            for pixel in maps.range(image: image, channel: channel) { sum += maps.values[pixel] }
            return sum / Float(shape.pixels)
        }
    }

    package func classify(_ classifier: Classifier, features: FeatureMaps, images count: Int) {
        let settings = classifier.settings
        classifier.logits.removeAll(keepingCapacity: true)
        launches += 1
        for image in 0..<count {
            let means = Self.pooled(features, image: image)
            for row in 0..<settings.classes {
                var sum = classifier.weights.bias[row]
                for channel in 0..<settings.features.channels {
                    sum += means[channel] * classifier.weights.weights[row * settings.features.channels + channel]
                }
                classifier.logits.append(sum)
            }
        }
    }
}

// MARK: Gates

extension ReferenceBackend {
    package func begin(_ decisions: Decisions, thresholds: [Float], images: Int) {
        for image in 0..<images {
            decisions.progress[image] = GateProgress(decided: 0, isOpen: false)
            for gate in 0..<decisions.gates {
                decisions.thresholds[gate * decisions.capacity + image] = thresholds[gate * images + image]
                decisions.open[gate * decisions.capacity + image] = false
            }
        }
    }

    package func begin(_ decisions: Decisions, open: [Bool], images: Int) {
        for image in 0..<images {
            for gate in 0..<decisions.gates {
                decisions.open[gate * decisions.capacity + image] = open[gate * images + image]
            }
        }
    }

    package func decide(
        _ chain: GateChain, from gate: Int, features: FeatureMaps, decisions: Decisions, on active: ActiveSet
    ) {
        for image in images(active, decisions: decisions) {
            guard decisions.progress[image].decided <= gate else { continue }
            let means = Self.pooled(features, image: image)
            for next in gate..<chain.firstGate + chain.gates.count {
                let logOdds = Self.logOdds(chain.settings, chain.gates[next - chain.firstGate], means)
                let entry = next * decisions.capacity + image
                let isOpen = logOdds > decisions.thresholds[entry]
                decisions.logOdds[entry] = logOdds
                decisions.open[entry] = isOpen
                decisions.progress[image] = GateProgress(decided: next + 1, isOpen: isOpen)
                if isOpen { break }
            }
        }
    }

    private static func logOdds(_ settings: GateSettings, _ gate: GateWeights, _ features: [Float]) -> Float {
        let channels = settings.features.channels
        var logOdds = gate.fc2Bias
        for unit in 0..<settings.hidden {
            var sum = gate.fc1Bias[unit]
            for channel in 0..<channels { sum += features[channel] * gate.fc1[unit * channels + channel] }
            logOdds += max(sum, 0) * gate.fc2[unit]
        }
        return logOdds
    }

    package func requestProgress(_ decisions: Decisions, images: Int) {}

    package func readProgress(_ decisions: Decisions, images: Int) -> [GateProgress] {
        Array(decisions.progress[0..<images])
    }

    package func finish(_ classifier: Classifier, _ decisions: Decisions, images: Int) -> InferenceResult {
        let entries = (0..<images).flatMap { image in
            (0..<decisions.gates).map { $0 * decisions.capacity + image }
        }
        return InferenceResult(
            logits: classifier.logits,
            decisions: entries.map { decisions.open[$0] },
            logOdds: entries.map { decisions.logOdds[$0] })
    }
}
