import Testing

@testable import ConvNetAIGTraining

@Suite struct GateNoiseTests {
    @Test(
        arguments: [
            (GateNoise(), [1, 1, 1, 1, 1]), (GateNoise(end: 0), [1, 0.8, 0.6, 0.4, 0.2]),
            (GateNoise(end: 0, until: 0.6), [1, 2.0 / 3, 1.0 / 3, 0, 0]),
            (GateNoise(end: 0, until: 0), [0, 0, 0, 0, 0]),
            (GateNoise(start: 0.5, end: 2, until: 0.4), [0.5, 1.25, 2, 2, 2]),
        ] as [(GateNoise, [Float])])
    func goesStraightFromStartToEnd(_ noise: GateNoise, _ expected: [Float]) {
        for (step, factor) in expected.enumerated() {
            #expect(abs(noise.factor(step: step, steps: expected.count) - factor) < 1e-6)
        }
    }

    /// Throughout the run, not anew in every epoch.
    @Test func aConfigurationsSteps() {
        var configuration = TrainingConfiguration()
        configuration.epochs = 4
        #expect(configuration.settings(step: 9, stepsPerEpoch: 10, rates: []).gateNoise == 1)
        configuration.gateNoise = GateNoise(end: 0, until: 0.5)
        let factors = [0, 10, 19, 20, 39].map {
            configuration.settings(step: $0, stepsPerEpoch: 10, rates: []).gateNoise
        }
        #expect(factors == [1, 0.5, 0.05, 0, 0].map { (factor: Float) in factors.first { abs($0 - factor) < 1e-6 } })
    }

    @Test func factorOfTheNoise() {
        let (whole, half) = (GumbelNoise(seed: 3, step: 5), GumbelNoise(seed: 3, step: 5, factor: 0.5))
        #expect(half(gate: 2, images: 9) == whole(gate: 2, images: 9).map { 0.5 * $0 })
        #expect(Set(whole(gate: 2, images: 9)).count == 18)
    }
}
