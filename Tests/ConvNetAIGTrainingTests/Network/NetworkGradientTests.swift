import ConvNetAIG
import Testing

@testable import ConvNetAIGTraining

/// All gradients of whole networks against central differences of the loss: that every block, with every kind of shortcut
/// and with and without a gate, hands its gradients on to the right place.
@Suite struct NetworkGradientTests {
    struct Example: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let json: String
        /// Of each gate.
        let targetRates: [Float]
        var stochasticDepth: Float = 0
    }

    static let examples: [Example] = [
        Example(
            testDescription: "basic blocks, projections",
            json: """
                {"blockKind": "basic", "classes": 3, "gateHidden": 5, "input": {"channels": 3, "height": 7, "width": 9},
                 "stages": [{"blocks": 2, "stride": 1, "width": 5}, {"blocks": 2, "stride": 2, "width": 9}],
                 "stem": {"channels": 5, "kernel": 3, "maxPooling": false, "padding": 1, "stride": 1}}
                """, targetRates: [0.5, 0.9, 0.3, 0.6]),
        Example(
            testDescription: "basic blocks, zero-padded shortcuts, blocks without a gate or a target",
            json: """
                {"blockKind": "basic", "classes": 2, "gateHidden": 3, "input": {"channels": 1, "height": 8, "width": 5},
                 "shortcut": "zeroPadded", "ungatedBlocks": [0, 3],
                 "stages": [{"blocks": 3, "stride": 1, "width": 3}, {"blocks": 2, "stride": 2, "width": 8}],
                 "stem": {"channels": 3, "kernel": 3, "maxPooling": false, "padding": 1, "stride": 1}}
                """, targetRates: [0.4, 1, 0.7]),
        Example(
            testDescription: "bottlenecks behind max pooling",
            json: """
                {"blockKind": "bottleneck", "classes": 5, "gateHidden": 16,
                 "input": {"channels": 3, "height": 17, "width": 15}, "ungatedBlocks": [1],
                 "stages": [{"blocks": 2, "stride": 1, "width": 3}, {"blocks": 1, "stride": 2, "width": 5}],
                 "stem": {"channels": 7, "kernel": 7, "maxPooling": true, "padding": 3, "stride": 2}}
                """, targetRates: [0.5, 0.5]),
        Example(
            testDescription: "max pooling before a block with an identity shortcut and no gate",
            json: """
                {"blockKind": "basic", "classes": 4, "gateHidden": 4, "input": {"channels": 3, "height": 12, "width": 12},
                 "ungatedBlocks": [0], "stages": [{"blocks": 2, "stride": 1, "width": 6}],
                 "stem": {"channels": 6, "kernel": 3, "maxPooling": true, "padding": 1, "stride": 1}}
                """, targetRates: [0.2]),
        Example(
            testDescription: "no gates",
            json: """
                {"blockKind": "basic", "classes": 3, "input": {"channels": 3, "height": 6, "width": 7},
                 "stages": [{"blocks": 1, "stride": 1, "width": 4}, {"blocks": 1, "stride": 2, "width": 6}],
                 "stem": {"channels": 4, "kernel": 3, "maxPooling": false, "padding": 1, "stride": 1}}
                """, targetRates: []),
        Example(
            testDescription: "stochastic depth, projections",
            json: """
                {"blockKind": "basic", "classes": 3, "input": {"channels": 3, "height": 7, "width": 9},
                 "stages": [{"blocks": 2, "stride": 1, "width": 5}, {"blocks": 2, "stride": 2, "width": 9}],
                 "stem": {"channels": 5, "kernel": 3, "maxPooling": false, "padding": 1, "stride": 1}}
                """, targetRates: [], stochasticDepth: 0.7),
        Example(
            testDescription: "stochastic depth, zero-padded shortcuts of bottlenecks",
            json: """
                {"blockKind": "bottleneck", "classes": 4, "input": {"channels": 3, "height": 9, "width": 8},
                 "shortcut": "zeroPadded",
                 "stages": [{"blocks": 2, "stride": 1, "width": 3}, {"blocks": 1, "stride": 2, "width": 4}],
                 "stem": {"channels": 6, "kernel": 3, "maxPooling": true, "padding": 1, "stride": 1}}
                """, targetRates: [], stochasticDepth: 0.9),
    ]

    @Test(arguments: examples, TestTrainingBackends.all)
    func gradients(_ example: Example, _ backend: TestTrainingBackend) throws {
        // The second step is smaller than what there is room for.
        let backend = try backend.make()
        try Self.check(example, backend)
    }

    private static func check<B: TrainingBackend>(_ example: Example, _ backend: B) throws {
        let architecture = try Architecture(json: example.json)
        let tensors = try parameters(of: architecture)
        let network = try TrainingNetwork(
            weights: Weights(architecture: architecture, tensors: tensors), backend: backend, batch: 5)
        // Nothing may be left of a larger batch.
        _ = try network.step(batch(architecture, images: 5, seed: 3), settings(example), noise: noise(network, 5, 4))
        try network.restore(TrainingState(weights: tensors))

        let images = 4
        let double = DoubleNetwork(
            architecture: architecture, batch: batch(architecture, images: images, seed: 1),
            settings: settings(example), noise: noise(network, images, 2))
        if let depth = StochasticDepth(double.settings, blocks: architecture.blockCount) {
            let factors = (0..<architecture.blockCount).flatMap { depth.factors(block: $0, images: images) }
            // Some are dropped, and others stay: or half of it would go untested.
            #expect(factors.contains(0) && factors.contains { $0 > 1 })
        }
        let result = try network.step(double.batch, double.settings, noise: double.noise)
        let outcome = try backend.result(network.classifier, gates: network.gates)
        let parameters = tensors.mapValues { $0.values.map(Double.init) }
        let frozen = double.decisions(parameters)
        #expect(outcome.decisions == frozen.map(\.hard))
        // Open for some and closed for others, or half of the schedule would go untested.
        if !frozen.isEmpty { #expect(Set(frozen.flatMap(\.hard)).count == 2) }
        expectClose([result.loss], [double.loss(parameters, frozen: frozen)], "loss", tolerance: 1e-5)

        let gradients = try network.gradients()
        for entry in network.layout.parameters {
            guard let values = parameters[entry.name] else { continue }
            // A weight moves many sums, and none may cross a ReLU's 0: the step is small.
            let indices = TestValues.sample(values.count, most: 6)
            let expected = DoubleOperators.derivatives(by: values, at: indices, step: 1e-7) {
                var moved = parameters
                moved[entry.name] = $0
                return double.loss(moved, frozen: frozen)
            }
            expectClose(
                indices.map { gradients[entry.name]?.values[$0] ?? .nan }, indices.map { expected[$0] ?? .nan },
                entry.name, smallest: entry.name.hasSuffix("fc1.bias") ? 1e-5 : 1e-6)
        }
    }

    /// Random weights, with every scale and shift different, and gates that decide by their input.
    private static func parameters(of architecture: Architecture) throws -> [String: Tensor] {
        var tensors = try Weights.random(for: architecture, seed: 11).tensors()
        for (index, (name, shape)) in Weights.layout(of: architecture).enumerated() where !name.contains(".running_") {
            let values = TestValues.uniform(shape.reduce(1, *), seed: UInt64(100 + index))
            if ParameterLayout.group(of: name) == .normalization {
                let mean: Float = name.hasSuffix(".weight") ? 1 : 0
                tensors[name] = try Tensor(shape: shape, values: values.map { mean + 0.5 * $0 })
            } else if name.contains(".fc2.") {
                tensors[name] = try Tensor(shape: shape, values: values)
            }
        }
        return tensors
    }

    private static func batch(_ architecture: Architecture, images: Int, seed: UInt64) -> Batch {
        Batch(
            images: TestValues.uniform(images * architecture.input.count, seed: seed),
            labels: (0..<images).map { Int32(($0 * 2 + 1) % architecture.classes) })
    }

    private static func settings(_ example: Example) -> StepSettings {
        let group = StepSettings.Group(learningRate: 0.1, weightDecay: 1e-3)
        return StepSettings(
            weights: group, normalization: group, gates: group, labelSmoothing: 0.1, temperature: 0.8,
            targetRateWeight: 2, targetRates: example.targetRates, stochasticDepth: example.stochasticDepth, seed: 3,
            step: 5)
    }

    private static func noise<B: TrainingBackend>(
        _ network: TrainingNetwork<B>, _ images: Int, _ seed: UInt64
    ) -> [[Float]] {
        network.gates.indices.map { TestValues.uniform(2 * images, seed: 50 * seed + UInt64($0)).map { 2 * $0 } }
    }
}
