import ConvNetAIG
import Testing

@testable import ConvNetAIGTraining

/// Training of a network small enough for the reference: the loss falls, and gates follow their targets.
@Suite struct SmallTrainingTests {
    private static let json = """
        {"blockKind": "basic", "classes": 2, "gateHidden": 8, "input": {"channels": 3, "height": 8, "width": 8},
         "stages": [{"blocks": 2, "stride": 1, "width": 6}, {"blocks": 2, "stride": 2, "width": 12}],
         "stem": {"channels": 6, "kernel": 3, "maxPooling": false, "padding": 1, "stride": 1}}
        """

    /// Stripes across or down, somewhere and of any colour, in noise.
    private static func batch(count: Int, seed: UInt64) -> Batch {
        var images: [Float] = []
        var labels: [Int32] = []
        let draws = TestValues.uniform(5 * count, seed: seed)
        let noise = TestValues.uniform(count * 192, seed: seed + 1_000_000)
        for image in 0..<count {
            let draw = Array(draws[5 * image..<5 * (image + 1)])
            let isUpright = draw[0] > 0
            labels.append(isUpright ? 1 : 0)
            let phase = draw[1] > 0 ? 1 : 0
            for index in 0..<192 {
                let (channel, row, column) = (index / 64, index / 8 % 8, index % 8)
                let stripe: Float = ((isUpright ? column : row) + phase) / 2 % 2 == 0 ? 1 : -1
                images.append(stripe * (0.6 + 0.4 * draw[2 + channel]) + 0.7 * noise[image * 192 + index])
            }
        }
        return Batch(images: images, labels: labels)
    }

    @Test(arguments: TestTrainingBackends.all)
    func lossFallsAndGatesFollowTheirTargets(_ backend: TestTrainingBackend) throws {
        func check<B: TrainingBackend>(_ backend: B) throws {
            let architecture = try Architecture(json: Self.json)
            let network = try TrainingNetwork(
                weights: Weights.random(for: architecture, seed: 1), backend: backend, batch: 16)
            let group = StepSettings.Group(learningRate: 0.1, weightDecay: 5e-4)
            let targetRates: [Float] = [0.5, 0.3, 0.7, 0.4]
            var settings = StepSettings(
                weights: group, normalization: group, gates: group, targetRateWeight: 2, targetRates: targetRates,
                seed: 5)
            var results: [StepResult] = []
            for step in 0..<150 {
                settings.step = step
                results.append(try network.step(Self.batch(count: 16, seed: UInt64(step)), settings))
            }
            func mean(_ results: some Collection<StepResult>, _ value: (StepResult) -> Float) -> Float {
                results.map(value).reduce(0, +) / Float(results.count)
            }
            let (first, last) = (results.prefix(5), results.suffix(30))
            #expect(mean(first) { $0.crossEntropy } > 0.3)
            #expect(mean(last) { $0.crossEntropy } < 0.1)
            #expect(mean(last) { Float($0.correct) / 16 } > 0.97)
            for (gate, target) in targetRates.enumerated() {
                // Gates begin at 85 %.
                let rate = mean(last) { $0.executionRates[gate] }
                #expect(mean(first) { $0.executionRates[gate] } > 0.7)
                #expect(abs(rate - target) < 0.15, "gate \(gate) at \(rate), not \(target)")
            }
        }
        try check(backend.make())
    }
}
