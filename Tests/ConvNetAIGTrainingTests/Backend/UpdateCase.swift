import ConvNetAIG

@testable import ConvNetAIGTraining

/// Two updates of all parameters of a network, whose groups have settings of their own.
struct UpdateCase: OperatorCase {
    var testDescription: String
    var nesterov = false
    var clipNorm: Float?
    var averageDecay: Float?
    /// Put among the gradients.
    var spoiled: Float?

    static let all: [UpdateCase] = [
        UpdateCase(testDescription: "momentum"),
        UpdateCase(testDescription: "nesterov", nesterov: true),
        UpdateCase(testDescription: "clipped", clipNorm: 3),
        UpdateCase(testDescription: "not clipped, as the norm is less", clipNorm: 1e4),
        UpdateCase(testDescription: "average", averageDecay: 0.9),
        UpdateCase(testDescription: "all", nesterov: true, clipNorm: 10, averageDecay: 0.75),
        UpdateCase(testDescription: "not a number", clipNorm: 3, averageDecay: 0.9, spoiled: .nan),
        UpdateCase(testDescription: "infinite", averageDecay: 0.9, spoiled: -.infinity),
    ]

    private var settings: StepSettings {
        StepSettings(
            weights: .init(learningRate: 0.1, weightDecay: 0.05),
            normalization: .init(learningRate: 0.3, weightDecay: 0), gates: .init(learningRate: 0.02, weightDecay: 0.2),
            momentum: 0.8, nesterov: nesterov, clipNorm: clipNorm, averageDecay: averageDecay)
    }

    private func layout() throws -> ParameterLayout {
        ParameterLayout(try Architecture(named: "convnet-aig-cifar-8"))
    }

    /// Values of the tensors, and the zeros between them that stay zero.
    private func values(_ layout: ParameterLayout, seed: UInt64) -> [Float] {
        let values = TestValues.uniform(layout.sizes.parameters, seed: seed)
        var array = [Float](repeating: 0, count: layout.sizes.parameters)
        for entry in layout.parameters { array.replaceSubrange(entry.range, with: values[entry.range]) }
        return array
    }

    private func gradients(_ layout: ParameterLayout, step: Int) -> [Float] {
        var gradients = values(layout, seed: UInt64(10 + step))
        // Somewhere in the middle, of the second step only.
        if step == 1, let spoiled { gradients[layout.parameters[7].offset + 3] = spoiled }
        return gradients
    }

    private static let arrays: [ParameterArray] = [.parameters, .momentum, .average]

    func run<B: TrainingBackend>(_ backend: B) throws -> [String: [Float]] {
        let layout = try layout()
        try backend.makeParameters(layout.sizes)
        let classifier = try backend.makeClassifier(
            TrainingClassifierSettings(
                ClassifierSettings(features: FeatureShape(channels: 64, height: 1, width: 1), classes: 10),
                weight: layout.offset("linear.weight"), bias: layout.offset("linear.bias")),
            images: 1)
        let features = try backend.makeVectors(channels: 64, images: 1)
        try backend.prepare()
        for (seed, array) in Self.arrays.enumerated() {
            try backend.write(values(layout, seed: UInt64(seed)), to: array)
        }
        var found: [String: [Float]] = [:]
        for step in 0..<2 {
            try backend.begin(images: 1)
            // There is no result without logits, whatever they are.
            try backend.classify(classifier, features: features, targets: LossTargets(labels: [0]))
            try backend.write(gradients(layout, step: step), to: .gradients)
            try backend.update(settings.optimizer)
            let norm = try backend.result(classifier, gates: []).gradientNorm
            found["norm \(step)"] = norm.isFinite ? [norm] : []
            for array in Self.arrays { found["\(array.rawValue) \(step)"] = try backend.read(array) }
        }
        return found
    }

    func expected() -> [String: ExpectedValues] {
        guard let layout = try? layout() else { return [:] }
        var arrays = Self.arrays.indices.map { values(layout, seed: UInt64($0)).map(Double.init) }
        let momentum = Double(settings.momentum)
        var expected: [String: ExpectedValues] = [:]
        for step in 0..<2 {
            let gradients = gradients(layout, step: step).map(Double.init)
            let norm = DoubleOperators.dot(gradients, gradients).squareRoot()
            expected["norm \(step)"] = .all(norm.isFinite ? [norm] : [])
            let scale = clipNorm.map { min(1, Double($0) / norm) } ?? 1
            for entry in layout.parameters where norm.isFinite {
                let group =
                    switch ParameterLayout.group(of: entry.name) {
                    case .weights: settings.weights
                    case .normalization: settings.normalization
                    case .gates: settings.gates
                    }
                for index in entry.range {
                    let gradient = scale * gradients[index] + Double(group.weightDecay) * arrays[0][index]
                    arrays[1][index] = momentum * arrays[1][index] + gradient
                    let direction = nesterov ? gradient + momentum * arrays[1][index] : arrays[1][index]
                    arrays[0][index] -= Double(group.learningRate) * direction
                    guard let decay = averageDecay.map(Double.init) else { continue }
                    arrays[2][index] = decay * arrays[2][index] + (1 - decay) * arrays[0][index]
                }
            }
            for (array, values) in zip(Self.arrays, arrays) { expected["\(array.rawValue) \(step)"] = .all(values) }
        }
        return expected
    }
}
