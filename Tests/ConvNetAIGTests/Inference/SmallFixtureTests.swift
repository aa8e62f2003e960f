import TestSupport
import Testing

@testable import ConvNetAIG
@testable import Operators

/// The smallest network, one image, every kernel in every fitting: short enough to run under a simulator that looks at
/// each memory access (`Tests/run --all-runtimes`).
@Suite struct SmallFixtureTests {
    @Test(arguments: TestBackend.everyFitting)
    func oneImageInEveryMode(_ backend: TestBackend) throws {
        let (file, weights) = try ParityFixture.small.load()
        let input = try file.tensor("input")
        let image = try Tensor(
            shape: [1] + input.shape[1...], values: Array(input.values.prefix(input.count / input.shape[0])))
        let expected = try file.tensor("expected.logits").values.prefix(weights.architecture.classes)
        let largest = try #require(expected.map(abs).max())
        for scheduling in [Scheduling.host, .device] {
            let output = try Session(weights: weights, backend: backend.choice, scheduling: scheduling).run(image)
            let error = zip(output.logits(of: 0), expected).map { abs($0 - $1) }.max() ?? .infinity
            #expect(error <= FixtureParityTests.tolerance * largest, "\(scheduling)")
        }
    }

    /// Gates, zero-padded shortcut, pooling and the bottleneck, on the smallest feature maps there can be.
    @Test(arguments: TestBackend.everyFitting)
    func tinyNetwork(_ backend: TestBackend) throws {
        for (kind, shortcut) in [
            (Architecture.BlockKind.bottleneck, Architecture.ShortcutKind.projection), (.basic, .zeroPadded),
        ] {
            let architecture = try Architecture(
                name: "tiny", input: .init(height: 9, width: 11),
                stem: .init(channels: 16, kernel: 7, stride: 2, padding: 3, maxPooling: true),
                stages: [.init(width: 16, blocks: 1), .init(width: 32, blocks: 2, stride: 2)], blockKind: kind,
                shortcut: shortcut, gateHidden: 16, classes: 3)
            let weights = Weights.random(for: architecture, seed: 3)
            let input = try SchedulingTests.input(architecture, images: 2)
            for policy in [GatePolicy.rate([0.5], seed: 1), .always] {
                let expected = try Session(weights: weights, backend: .reference, batch: 2).run(input, policy: policy)
                for scheduling in [Scheduling.host, .device] {
                    let found = try Session(
                        weights: weights, backend: backend.choice, batch: 2, scheduling: scheduling
                    ).run(input, policy: policy)
                    #expect(try found.gates == expected.gates)
                    try OperatorParityTests.expectClose(found.logits.values, expected.logits.values)
                }
            }
        }
    }
}
