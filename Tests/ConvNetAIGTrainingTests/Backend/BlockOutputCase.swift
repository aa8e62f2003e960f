import ConvNetAIG
import Testing

@testable import ConvNetAIGTraining

/// The end of a block, ReLU(z BN(y) + shortcut), with the gate that decides z, or with factors z that are given: forward and
/// backward.
struct BlockOutputCase: OperatorCase {
    enum Shortcut: String, Sendable, CaseIterable {
        case none
        case maps
        case normalized
    }

    let shape: FeatureShape
    let images: Int
    let capacity: Int
    let shortcut: Shortcut
    /// Input channels and hidden units of the gate.
    let gate: (channels: Int, hidden: Int)?
    /// Without a gate: z is given.
    var hasFactors = false
    /// The output is pooled, and the pooled features have a gradient.
    let isPooled: Bool
    /// There is no gradient but that of the pooled features.
    let isEmpty: Bool

    private static func make(
        _ shape: (Int, Int, Int), _ shortcut: Shortcut, gate: (Int, Int)?, hasFactors: Bool = false, images: Int,
        capacity: Int, isPooled: Bool, isEmpty: Bool
    ) -> BlockOutputCase {
        BlockOutputCase(
            shape: FeatureShape(channels: shape.0, height: shape.1, width: shape.2), images: images,
            capacity: capacity, shortcut: shortcut, gate: gate, hasFactors: hasFactors, isPooled: isPooled,
            isEmpty: isEmpty)
    }

    /// Dropped, and scaled up; the numbers repeat.
    private static let factors: [Float] = [1.25, 0, 1.0 / 0.3, 1]

    private func factors(_ images: Int) -> [Float] { (0..<images).map { Self.factors[$0 % Self.factors.count] } }

    /// There is no gate without a shortcut: no gradient would reach it where it is closed, the output being 0 then.
    static let all: [BlockOutputCase] =
        Shortcut.allCases.flatMap { shortcut in
            [false, true].filter { shortcut != .none || !$0 }.flatMap { isGated in
                [
                    make(
                        (3, 5, 7), shortcut, gate: isGated ? (5, 16) : nil, images: 2, capacity: 3, isPooled: false,
                        isEmpty: false),
                    make(
                        (17, 7, 3), shortcut, gate: isGated ? (17, 16) : nil, images: 5, capacity: 5,
                        isPooled: true, isEmpty: false),
                    make(
                        (33, 3, 5), shortcut, gate: isGated ? (33, 7) : nil, images: 3, capacity: 4, isPooled: true,
                        isEmpty: true),
                ]
            }
        } + [
            make((1, 3, 1), .maps, gate: (1, 3), images: 1, capacity: 1, isPooled: true, isEmpty: false),
            make((16, 32, 32), .maps, gate: (16, 16), images: 3, capacity: 3, isPooled: true, isEmpty: false),
            make((64, 7, 7), .normalized, gate: (32, 16), images: 5, capacity: 8, isPooled: true, isEmpty: true),
            make(
                (17, 5, 3), .maps, gate: nil, hasFactors: true, images: 5, capacity: 6, isPooled: true, isEmpty: false),
            make(
                (33, 3, 5), .normalized, gate: nil, hasFactors: true, images: 4, capacity: 4, isPooled: false,
                isEmpty: false),
        ]

    var testDescription: String {
        "\(shape.channels) x \(shape.height) x \(shape.width), shortcut \(shortcut), \(images) of \(capacity) images"
            + (gate.map { ", gate \($0.channels) to \($0.hidden)" } ?? "") + (hasFactors ? ", factors" : "")
            + (isPooled ? ", pooled" : "")
            + (isEmpty ? ", empty" : "")
    }

    // MARK: Values

    private static let temperature: Float = 0.7
    private static let targetRate: Float = 0.3
    private static let rateGradient: Float = 0.8

    private func perChannel(_ seed: UInt64) -> [Float] { TestValues.uniform(shape.channels, seed: seed) }
    private func maps(_ images: Int, _ seed: UInt64) -> [Float] {
        TestValues.uniform(images * shape.count, seed: seed).map { 2 * $0 + 0.5 }
    }
    private func gradient(_ images: Int, _ seed: UInt64) -> [Float] {
        TestValues.uniform(images * shape.count, seed: seed)
    }
    private var gradientWeights: [Float] {
        TestValues.uniform(capacity * shape.channels, seed: 3).map { 20 * $0 }
    }

    /// The tensors of a gate in the order of ``TrainingGateSettings``.
    private func gateParameters(_ gate: (channels: Int, hidden: Int)) -> [(name: String, values: [Float])] {
        [
            ("fc1.weight", TestValues.uniform(gate.hidden * gate.channels, seed: 21)),
            ("fc1.bias", TestValues.uniform(gate.hidden, seed: 22)),
            ("fc1bn.weight", TestValues.uniform(gate.hidden, seed: 23)),
            ("fc1bn.bias", TestValues.uniform(gate.hidden, seed: 24)),
            ("fc2.weight", TestValues.uniform(2 * gate.hidden, seed: 25)),
            ("fc2.bias", [0.1, 0.4]),
        ]
    }
    private func features(_ images: Int, _ seed: UInt64) -> [Float] {
        TestValues.uniform(images * (gate?.channels ?? 0), seed: seed + 26).map { abs($0) }
    }
    private func noise(_ images: Int, _ seed: UInt64) -> [Float] {
        TestValues.uniform(2 * images, seed: seed + 27).map { 2 * $0 }
    }

    // MARK: On a backend

    private struct MadeGate<B: TrainingBackend> {
        let settings: TrainingGateSettings
        let gate: B.Gate
        let features: OperatorBench<B>.FeatureSource
        let gradient: B.Vectors
    }

    private func makeGate<B: TrainingBackend>(_ bench: OperatorBench<B>) throws -> MadeGate<B>? {
        guard let gate else { return nil }
        let offsets = gateParameters(gate).map { bench.parameters($0.values) }
        let settings = TrainingGateSettings(
            GateSettings(features: FeatureShape(channels: gate.channels, height: 1, width: 1), hidden: gate.hidden),
            fc1Weight: offsets[0], fc1Bias: offsets[1],
            gamma: offsets[2], beta: offsets[3],
            runningMean: bench.statistics([Float](repeating: 0.2, count: gate.hidden)),
            runningVariance: bench.statistics([Float](repeating: 1.5, count: gate.hidden)), fc2Weight: offsets[4],
            fc2Bias: offsets[5])
        return MadeGate(
            settings: settings, gate: try bench.backend.makeGate(settings, images: capacity),
            features: try bench.featureSource(channels: gate.channels),
            gradient: try bench.backend.makeVectors(channels: gate.channels, images: capacity))
    }

    func run<B: TrainingBackend>(_ backend: B) throws -> [String: [Float]] {
        let bench = try OperatorBench(backend, capacity: capacity)
        let offsets = (11...14).map { bench.parameters(perChannel($0)) }
        func normalization(_ gamma: Int, _ beta: Int) throws -> B.Normalization {
            let zeros = [Float](repeating: 0, count: shape.channels)
            return try backend.makeNormalization(
                TrainingNormalizationSettings(
                    features: shape, gamma: gamma, beta: beta, runningMean: bench.statistics(zeros),
                    runningVariance: bench.statistics(zeros)), images: capacity)
        }
        let branch = try normalization(offsets[0], offsets[1])
        let projection = try normalization(offsets[2], offsets[3])
        let y = try bench.source(shape)
        let other = try bench.source(shape)
        let gradient = try bench.source(shape)
        let output = try backend.makeFeatureMaps(shape, images: capacity)
        let result = try backend.makeFeatureMaps(shape, images: capacity)
        let pooled = try isPooled ? backend.makeVectors(channels: shape.channels, images: capacity) : nil
        let pooledGradient =
            try isPooled ? bench.gradientSource(channels: shape.channels, weights: gradientWeights) : nil
        let gate = try makeGate(bench)
        let given = try hasFactors ? backend.makeBranchFactors(images: capacity) : nil
        try bench.addReader(channels: shape.channels)

        return try bench.run(images: images) { images, seed in
            var found: [String: [Float]] = [:]
            try bench.fill(y, maps(images, seed + 15))
            try backend.measure(branch, y.maps)
            var added: TrainingShortcut<B.FeatureMaps, B.Normalization>?
            if shortcut != .none { try bench.fill(other, maps(images, seed + 16)) }
            switch shortcut {
            case .none: break
            case .maps: added = .maps(other.maps)
            case .normalized:
                try backend.measure(projection, other.maps)
                added = .normalized(projection, other.maps)
            }
            if let gate {
                try bench.fill(gate.features, features(images, seed))
                try backend.decide(
                    gate.gate, features: gate.features.vectors, noise: noise(images, seed),
                    temperature: Self.temperature)
            }
            if let given { try backend.upload(factors(images), to: given) }
            let z = given ?? gate.map { backend.decisions(of: $0.gate) }
            try backend.activate(branch, y.maps, factors: z, shortcut: added, to: output, pooled: pooled)
            found["output"] = try backend.download(output)
            if let pooled { found["pooled"] = try bench.read(pooled, channels: shape.channels) }

            if let pooledGradient { try bench.fill(pooledGradient) }
            // Whatever an empty gradient holds is taken to be 0.
            try bench.fill(gradient, self.gradient(images, seed + 17))
            try backend.backwardThroughOutput(
                gradient.maps, isEmpty: isEmpty, pooledGradient: pooledGradient?.vectors, output: output,
                branch: (branch, y.maps), shortcut: shortcut == .normalized ? (projection, other.maps) : nil)
            found["behind"] = try backend.download(gradient.maps)
            if let gate { try backward(gate, branch: branch, bench, &found) }
            try backend.finishSums(branch, factors: z)
            try backend.backwardThroughNormalization(
                branch, y.maps, gradient: gradient.maps, factors: z, rectified: false, pooledGradient: nil,
                to: result)
            found["y"] = try backend.download(result)
            found["gamma"] = try bench.read(.gradients, at: offsets[0], count: shape.channels)
            found["beta"] = try bench.read(.gradients, at: offsets[1], count: shape.channels)
            guard shortcut == .normalized else { return found }
            try backend.finishSums(projection, factors: nil)
            try backend.backwardThroughNormalization(
                projection, other.maps, gradient: gradient.maps, factors: nil, rectified: false, pooledGradient: nil,
                to: gradient.maps)
            found["shortcut"] = try backend.download(gradient.maps)
            found["shortcut gamma"] = try bench.read(.gradients, at: offsets[2], count: shape.channels)
            found["shortcut beta"] = try bench.read(.gradients, at: offsets[3], count: shape.channels)
            return found
        }
    }

    private func backward<B: TrainingBackend>(
        _ made: MadeGate<B>, branch: B.Normalization, _ bench: OperatorBench<B>, _ found: inout [String: [Float]]
    ) throws {
        let settings = made.settings
        try bench.backend.backward(
            made.gate, normalization: branch, targetRate: Self.targetRate, rateGradient: Self.rateGradient,
            features: made.features.vectors, to: made.gradient)
        let offsets = [
            settings.fc1Weight, settings.fc1Bias, settings.gamma, settings.beta, settings.fc2Weight, settings.fc2Bias,
        ]
        let gradients = try bench.backend.read(.gradients)
        for (offset, tensor) in zip(offsets, gateParameters((settings.channels, settings.hidden))) {
            found[tensor.name] = Array(gradients[offset..<offset + tensor.values.count])
        }
        found["gate mean"] = try bench.read(.statistics, at: settings.runningMean, count: settings.hidden)
        found["gate variance"] = try bench.read(.statistics, at: settings.runningVariance, count: settings.hidden)
        found["features"] = try bench.read(made.gradient, channels: settings.channels)
        let outcome = try bench.outcome(made.features.vectors, channels: settings.channels, gates: [made.gate])
        found["decisions"] = outcome.decisions.flatMap { $0.map { $0 ? 1 : 0 } }
    }

    // MARK: In Double

    /// Everything that the loss depends on, by the names of the gradients.
    private func inputs() -> [String: [Double]] {
        var inputs: [String: [Float]] = [
            "y": maps(images, 15), "gamma": perChannel(11), "beta": perChannel(12),
        ]
        switch shortcut {
        case .none: break
        case .maps: inputs["behind"] = maps(images, 16)
        case .normalized:
            inputs["shortcut"] = maps(images, 16)
            inputs["shortcut gamma"] = perChannel(13)
            inputs["shortcut beta"] = perChannel(14)
        }
        if let gate {
            for (name, values) in gateParameters(gate) { inputs[name] = values }
            inputs["features"] = features(images, 0)
        }
        return inputs.mapValues { $0.map(Double.init) }
    }

    private func doubleGate(_ inputs: [String: [Double]]) -> DoubleGate {
        func tensor(_ name: String) -> [Double] { inputs[name] ?? [] }
        return DoubleGate(
            fc1Weight: tensor("fc1.weight"), fc1Bias: tensor("fc1.bias"), gamma: tensor("fc1bn.weight"),
            beta: tensor("fc1bn.bias"), fc2Weight: tensor("fc2.weight"), fc2Bias: tensor("fc2.bias"))
    }

    private func beforeReLU(_ inputs: [String: [Double]], _ z: [Double]) -> [Double] {
        func normalized(_ name: String, _ prefix: String) -> [Double] {
            DoubleOperators.normalization(
                inputs[name] ?? [], gamma: inputs[prefix + "gamma"] ?? [], beta: inputs[prefix + "beta"] ?? [],
                channels: shape.channels, pixels: shape.pixels)
        }
        let added =
            switch shortcut {
            case .none: [Double]?.none
            case .maps: inputs["behind"]
            case .normalized: normalized("shortcut", "shortcut ")
            }
        return DoubleOperators.gated(z, normalized("y", ""), added)
    }

    func expected() -> [String: ExpectedValues] {
        let inputs = inputs()
        let noise = noise(images, 0).map(Double.init)
        let gradient = isEmpty ? [] : gradient(images, 17).map(Double.init)
        let pooledGradient = OperatorBench<ReferenceTrainingBackend>.gradients(
            channels: shape.channels, weights: gradientWeights, images: images)
        let (temperature, features) = (Double(Self.temperature), inputs["features"] ?? [])
        let hard =
            gate == nil
            ? [Bool](repeating: true, count: images) : doubleGate(inputs).open(features, noise: noise)
        let constant =
            gate == nil ? [] : doubleGate(inputs).soft(features, noise: noise, temperature: temperature)

        let ungated = hasFactors ? factors(images).map(Double.init) : [Double](repeating: 1, count: images)

        func loss(_ inputs: [String: [Double]]) -> Double {
            var z = ungated
            if gate != nil {
                z = doubleGate(inputs).decisions(
                    inputs["features"] ?? [], noise: noise, temperature: temperature, hard: hard,
                    constant: constant)
            }
            let output = DoubleOperators.relu(beforeReLU(inputs, z))
            var loss = isEmpty ? 0 : DoubleOperators.dot(output, gradient)
            if isPooled {
                loss += DoubleOperators.dot(DoubleOperators.pooled(output, pixels: shape.pixels), pooledGradient)
            }
            if gate != nil {
                let miss = Double(Self.targetRate) - z.reduce(0, +) / Double(images)
                loss += Double(Self.rateGradient) * miss * miss
            }
            return loss
        }

        var expected: [String: ExpectedValues] = [:]
        for (name, values) in inputs {
            expected[name] = .some(
                DoubleOperators.derivatives(by: values) { moved in
                    var inputs = inputs
                    inputs[name] = moved
                    return loss(inputs)
                })
        }
        let before = beforeReLU(inputs, gate == nil ? ungated : hard.map { $0 ? 1 : 0 })
        if !DoubleOperators.isSmooth(before) { Issue.record("\(testDescription): choose other values") }
        let output = DoubleOperators.relu(before)
        expected["output"] = .all(output)
        if isPooled { expected["pooled"] = .all(DoubleOperators.pooled(output, pixels: shape.pixels)) }
        if shortcut != .maps {
            // What a shortcut's gradient would be.
            expected["behind"] = .all(
                output.indices.map { index in
                    guard output[index] > 0 else { return 0 }
                    return (isEmpty ? 0 : gradient[index])
                        + (isPooled ? pooledGradient[index / shape.pixels] / Double(shape.pixels) : 0)
                })
        }
        if let gate {
            expected["decisions"] = .all(hard.map { $0 ? 1 : 0 })
            let statistics = DoubleOperators.statistics(
                doubleGate(inputs).beforeNormalization(features), channels: gate.hidden, pixels: 1)
            let unbiased = Double(images) / Double(max(images - 1, 1))
            expected["gate mean"] = .all(statistics.map { 0.9 * Double(Float(0.2)) + 0.1 * $0.mean })
            expected["gate variance"] = .all(statistics.map { 0.9 * 1.5 + 0.1 * $0.variance * unbiased })
        }
        return expected
    }
}
