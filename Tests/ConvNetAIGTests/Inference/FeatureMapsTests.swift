import TestSupport
import Testing

@testable import ConvNetAIG
@testable import Operators

/// Feature maps that a caller asks a session for.
@Suite struct FeatureMapsTests {
    /// Two blocks of two channels with identity shortcuts, where every weight but the middle of a window is 0 and batch norm
    /// does nothing but add to the last convolution's output: from features x >= 0, a block that runs makes
    /// x + 0.5 (2 x) + 0.25.
    private static func handMade() throws -> Weights {
        let architecture = try Architecture(
            name: "hand-made", input: .init(channels: 1, height: 2, width: 2), stem: .init(channels: 2, kernel: 1),
            stages: [.init(width: 2, blocks: 2)], blockKind: .basic, gateHidden: 1, classes: 2)
        var tensors: [String: Tensor] = [:]
        for (name, shape) in Weights.layout(of: architecture) {
            let isNorm = name.split(separator: ".").dropLast().last?.contains("bn") == true
            let value: Float =
                isNorm && name.hasSuffix("running_var") ? 1 - 1e-5 : isNorm && name.hasSuffix("weight") ? 1 : 0
            tensors[name] = try Tensor(shape: shape, repeating: value)
        }
        tensors["conv1.weight"] = try Tensor(shape: [2, 1, 1, 1], values: [1, -1])
        for block in ["layer1.0", "layer1.1"] {
            for (convolution, factor) in [("conv1", 2), ("conv2", 0.5)] as [(String, Float)] {
                var values = [Float](repeating: 0, count: 2 * 2 * 9)
                for channel in 0..<2 { values[(channel * 2 + channel) * 9 + 4] = factor }
                tensors["\(block).\(convolution).weight"] = try Tensor(shape: [2, 2, 3, 3], values: values)
            }
            tensors["\(block).bn2.bias"] = try Tensor(shape: [2], repeating: 0.25)
        }
        return try Weights(architecture: architecture, tensors: tensors)
    }

    @Test(arguments: TestBackend.allCases)
    func handComputed(_ backend: TestBackend) throws {
        let session = try Session(weights: Self.handMade(), backend: backend.choice)
        let input = try Tensor(shape: [1, 1, 2, 2], values: [1, 2, -3, 4])
        let stem: [Float] = [1, 2, 0, 4, 0, 0, 3, 0]
        let once: [Float] = [2.25, 4.25, 0.25, 8.25, 0.25, 0.25, 6.25, 0.25]
        let twice: [Float] = [4.75, 8.75, 0.75, 16.75, 0.75, 0.75, 12.75, 0.75]
        for (policy, expected) in [
            (GatePolicy.always, (once, twice)), (.mask([true, false]), (once, once)),
            (.mask([false, true]), (stem, once)), (.mask([false, false]), (stem, stem)),
        ] {
            let first = try session.featureMaps(input, ofBlock: 0, policy: policy)
            let second = try session.featureMaps(input, ofBlock: "layer1.1", policy: policy)
            #expect(first.shape == [1, 2, 2, 2] && second.shape == [1, 2, 2, 2])
            for (found, expected) in zip(first.values + second.values, expected.0 + expected.1) {
                #expect(abs(found - expected) < 1e-4, "\(policy)")
            }
        }
    }

    @Test(arguments: SchedulingTests.architectures, TestBackend.onOpenCL)
    func backendsAgree(_ name: String, _ backend: TestBackend) throws {
        let architecture = try SchedulingTests.architecture(name)
        let weights = Weights.random(for: architecture, seed: 6)
        let input = try SchedulingTests.input(architecture, images: 3)
        let policy = GatePolicy.rate([0.5], seed: 2)
        let reference = try Session(weights: weights, backend: .reference, batch: 2)
        for scheduling in [Scheduling.host, .device] {
            let session = try Session(weights: weights, backend: backend.choice, batch: 2, scheduling: scheduling)
            let output = try session.run(input, policy: policy)
            var before: Tensor?
            for block in architecture.blocks {
                let found = try session.featureMaps(input, ofBlock: block.index, policy: policy)
                #expect(found.shape == [3, block.outputChannels, block.outputHeight, block.outputWidth])
                let expected = try reference.featureMaps(input, ofBlock: block.index, policy: policy)
                OperatorParityTests.expectClose(found.values, expected.values)
                // An image that skips a block with an identity shortcut has the block's input.
                if let before, block.shortcut == .identity,
                    let gate = architecture.gatedBlocks.firstIndex(of: block.index)
                {
                    let count = block.output.count
                    for image in 0..<3 where !output.gates(of: image)[gate] {
                        let range = image * count..<(image + 1) * count
                        #expect(found.values[range] == before.values[range])
                    }
                }
                before = found
            }
            // Nothing is left behind for the next batch.
            #expect(try session.run(input, policy: policy) == output)
        }
    }

    @Test(arguments: ParityFixture.allCases, [TestBackend.reference, .openCL])
    func everyBlockEqualsPyTorch(_ fixture: ParityFixture, _ backend: TestBackend) throws {
        let (file, weights) = try fixture.load()
        let input = try file.tensor("input")
        let session = try Session(weights: weights, backend: backend.choice, batch: input.shape[0])
        var compared = 0
        for block in weights.architecture.blocks where file.names.contains("expected.block.\(block.index)") {
            let expected = try file.floats("expected.block.\(block.index)")
            let found = try session.featureMaps(input, ofBlock: block.name).values
            let largest = try #require(expected.map(abs).max())
            let error = zip(found, expected).map { abs($0 - $1) }.max() ?? .infinity
            #expect(found.count == expected.count)
            #expect(error <= FixtureParityTests.tolerance * max(largest, 1), "\(block.name)")
            compared += 1
        }
        #expect(compared > 0)
    }

    @Test func blocksThatAreNotThere() async throws {
        let session = try Session(weights: Self.handMade(), backend: .reference)
        let input = try Tensor(shape: [1, 1, 2, 2])
        let known = ["layer1.0", "layer1.1"]
        #expect(throws: SessionError.unknownBlock("2", known: known)) {
            try session.featureMaps(input, ofBlock: 2)
        }
        #expect(throws: SessionError.unknownBlock("-1", known: known)) {
            try session.featureMaps(input, ofBlock: -1)
        }
        await #expect(throws: SessionError.unknownBlock("layer2.0", known: known)) {
            try await session.featureMaps(input, ofBlock: "layer2.0")
        }
        #expect(
            SessionError.unknownBlock("layer2.0", known: known).description
                == "the network has no block layer2.0; its 2 blocks are layer1.0 to layer1.1, or 0 to 1")
        #expect(throws: SessionError.wrongInputShape(found: [1, 1, 3, 3], expected: [1, 2, 2])) {
            try session.featureMaps(Tensor(shape: [1, 1, 3, 3]), ofBlock: 0)
        }
    }
}
