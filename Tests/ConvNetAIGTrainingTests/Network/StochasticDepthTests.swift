import ConvNetAIG
import Testing

@testable import ConvNetAIGTraining

/// See ``NetworkGradientTests`` for gradients, and ``BlockOutputCase`` for the operators.
@Suite struct StochasticDepthTests {
    private static func architecture(gateHidden: Int? = nil) throws -> Architecture {
        try Architecture(
            name: "small", input: .init(height: 6, width: 5), stem: .init(channels: 4, kernel: 3),
            stages: [.init(width: 4, blocks: 2), .init(width: 6, blocks: 2, stride: 2)], blockKind: .basic,
            gateHidden: gateHidden, classes: 3)
    }

    private static func settings(_ rate: Float, seed: UInt64 = 5, step: Int = 0) -> StepSettings {
        let group = StepSettings.Group(learningRate: 0.1, weightDecay: 1e-3)
        return StepSettings(
            weights: group, normalization: group, gates: group, stochasticDepth: rate, seed: seed, step: step)
    }

    private static func batch(_ images: Int, seed: UInt64 = 1) throws -> Batch {
        Batch(
            images: TestValues.uniform(images * (try architecture().input.count), seed: seed),
            labels: (0..<images).map { Int32($0 % 3) })
    }

    @Test func survivalFallsLinearly() throws {
        let depth = try #require(StochasticDepth(Self.settings(0.5), blocks: 4))
        #expect((0..<4).map { depth.survival(block: $0) } == [0.875, 0.75, 0.625, 0.5])
        #expect(StochasticDepth(Self.settings(0), blocks: 4) == nil)
    }

    /// As often as they should be, and scaled so that the mean stays what it is: 0.02 is some four standard deviations.
    @Test func branchesAreDroppedAtTheirRates() throws {
        let images = 10_000
        let depth = try #require(StochasticDepth(Self.settings(0.6), blocks: 3))
        for block in 0..<3 {
            let survival = depth.survival(block: block)
            let factors = depth.factors(block: block, images: images)
            #expect(Set(factors) == [0, 1 / survival])
            #expect(abs(Float(factors.count { $0 > 0 }) / Float(images) - survival) < 0.02)
        }
    }

    @Test func drawsDependOnSeedStepBlockAndImage() throws {
        func dropped(_ seed: UInt64, _ step: Int, _ block: Int, _ images: Int = 64) throws -> [Bool] {
            let depth = try #require(StochasticDepth(Self.settings(0.5, seed: seed, step: step), blocks: 4))
            return depth.factors(block: block, images: images).map { $0 == 0 }
        }
        let first = try dropped(1, 1, 2)
        #expect(try dropped(1, 1, 2) == first)
        // An image's draw has nothing to do with how many there are.
        #expect(try dropped(1, 1, 2, 10) == Array(first.prefix(10)))
        for other in [try dropped(2, 1, 2), try dropped(1, 2, 2), try dropped(1, 1, 3), try dropped(1, 1 << 40 | 1, 2)]
        {
            #expect(other != first)
        }
    }

    @Test(arguments: TestTrainingBackends.others)
    func stepsEqualTheReferences(_ backend: TestTrainingBackend) throws {
        func run(_ backend: some TrainingBackend) throws -> (results: [StepResult], weights: [String: Tensor]) {
            let network = try TrainingNetwork(
                weights: Weights.random(for: Self.architecture(), seed: 3), backend: backend, batch: 6)
            let results = try (0..<3).map { step in
                // The last one leaves out nothing, and must not be told what was left out before.
                try network.step(
                    Self.batch(6 - step, seed: UInt64(step)), Self.settings(step == 2 ? 0 : 0.7, step: step))
            }
            return (results, try network.state().weights)
        }
        let (expected, found) = (try run(ReferenceTrainingBackend()), try run(backend.make()))
        expectClose(found.results.map(\.loss), expected.results.map(\.loss), "loss", tolerance: 1e-4)
        for (name, tensor) in expected.weights.sorted(by: { $0.key < $1.key }) {
            expectClose(found.weights[name]?.values ?? [], tensor.values, name, tolerance: 1e-3)
        }
        let again = try run(backend.make())
        #expect(again.results == found.results && again.weights == found.weights)
    }

    /// Without it, a step is what it was before there was any.
    @Test(arguments: TestTrainingBackends.all)
    func itMakesADifference(_ backend: TestTrainingBackend) throws {
        func loss(_ rate: Float, seed: UInt64 = 5) throws -> Float {
            func step(_ backend: some TrainingBackend) throws -> Float {
                let network = try TrainingNetwork(
                    weights: Weights.random(for: Self.architecture(), seed: 3), backend: backend, batch: 6)
                return try network.step(Self.batch(6), Self.settings(rate, seed: seed)).loss
            }
            return try step(backend.make())
        }
        #expect(try loss(0) == loss(0, seed: 6))
        #expect(try loss(0.7) != loss(0))
        #expect(try loss(0.7) != loss(0.7, seed: 6))
    }

    @Test func networksWithGatesAreRefused() throws {
        let gated = try TrainingNetwork(
            weights: Weights.random(for: Self.architecture(gateHidden: 3), seed: 3),
            backend: ReferenceTrainingBackend(), batch: 6)
        #expect(throws: TrainingStepError.stochasticDepth(gates: 4)) {
            try gated.step(Self.batch(6), Self.settings(0.5))
        }
        let plain = try TrainingNetwork(
            weights: Weights.random(for: Self.architecture(), seed: 3), backend: ReferenceTrainingBackend(), batch: 6)
        for rate: Float in [-0.1, 1] {
            #expect(throws: TrainingStepError.dropRate(rate)) { try plain.step(Self.batch(6), Self.settings(rate)) }
        }
        var configuration = TrainingConfiguration()
        configuration.stochasticDepth = 0.5
        try configuration.validate(for: Self.architecture())
        #expect(throws: TrainingConfigurationError.self) {
            try configuration.validate(for: Self.architecture(gateHidden: 3))
        }
    }
}
