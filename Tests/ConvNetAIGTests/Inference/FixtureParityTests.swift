import TestSupport
import Testing

@testable import ConvNetAIG
@testable import Operators

/// A network with random weights, an input, and what an independent statement of the method in PyTorch makes of it.
enum ParityFixture: String, CaseIterable, CustomTestStringConvertible {
    case small = "aig-cifar-8"
    case deep = "aig-cifar-20"
    case plain = "resnet-cifar-8"
    case bottleneck = "aig-bottleneck-mini"

    var testDescription: String { rawValue }

    func load() throws -> (file: SafetensorsFile, weights: Weights) {
        let file = try SafetensorsFile(path: Fixtures.path("\(rawValue).safetensors"))
        let architecture =
            switch self {
            case .small: try Architecture(named: "convnet-aig-cifar-8")
            case .deep: try Architecture(named: "convnet-aig-cifar-20")
            case .plain: try Architecture(named: "resnet-cifar-8")
            case .bottleneck: try Architecture.load(Fixtures.path("aig-bottleneck-mini.json"))
            }
        return (file, try Weights(file: file, prefix: "weights.", architecture: architecture))
    }
}

@Suite struct FixtureParityTests {
    /// Logits may be off by this much of the largest logit.
    static let tolerance: Float = 1e-4

    @Test(arguments: ParityFixture.allCases, TestBackend.allCases)
    func logitsAndGatesEqualPyTorch(_ fixture: ParityFixture, _ backend: TestBackend) throws {
        let (file, weights) = try fixture.load()
        let input = try file.tensor("input")
        let expected = try file.tensor("expected.logits")
        let gates = file.names.contains("expected.gates") ? try file.tensor("expected.gates").values : []
        let gateLogits = file.names.contains("expected.gate_logits") ? try file.floats("expected.gate_logits") : []
        let largest = try #require(expected.values.map(abs).max())

        for scheduling in Scheduling.allCases {
            // Batch by batch, in batches that do not divide the input, and image by image.
            for batch in [input.shape[0], 4, 1] {
                let session = try Session(
                    weights: weights, backend: backend.choice, batch: batch, scheduling: scheduling)
                let output = try session.run(input)
                let logits = try output.logits
                #expect(logits.shape == expected.shape)
                let error = zip(logits.values, expected.values).map { abs($0 - $1) }.max() ?? .infinity
                #expect(error <= Self.tolerance * largest, "\(scheduling), batch \(batch)")
                #expect(try output.gates.values == gates, "\(scheduling), batch \(batch)")
                let probabilities = try output.gateProbabilities.values
                #expect(probabilities.count == gateLogits.count / 2)
                for (index, probability) in probabilities.enumerated() {
                    let expected = softmax([gateLogits[2 * index], gateLogits[2 * index + 1]])[1]
                    #expect(abs(probability - expected) < 1e-4)
                }
            }
        }
    }

    @Test(arguments: ParityFixture.allCases, TestBackend.onOpenCL)
    func schedulingChangesNoBit(_ fixture: ParityFixture, _ backend: TestBackend) throws {
        let (file, weights) = try fixture.load()
        let input = try file.tensor("input")
        for policy in [GatePolicy.argmax, .sample(seed: 7), .threshold(0.3), .rate([0.5], seed: 3), .always] {
            // What batches are planned for may change the algorithms, and with them the last bits.
            for batch in [1, 4, 6] {
                let outputs = try Scheduling.allCases.map { scheduling in
                    try Session(weights: weights, backend: backend.choice, batch: batch, scheduling: scheduling)
                        .run(input, policy: policy)
                }
                for output in outputs.dropFirst() {
                    #expect(try output.logits.values == outputs[0].logits.values, "\(policy), batch \(batch)")
                    #expect(output == outputs[0], "\(policy), batch \(batch)")
                }
            }
        }
    }

    @Test(arguments: ParityFixture.allCases, TestBackend.allCases)
    func featureMapsEqualPyTorch(_ fixture: ParityFixture, _ backend: TestBackend) throws {
        let (file, weights) = try fixture.load()
        switch try backend.choice {
        case .reference: try Self.compare(file, weights, on: ReferenceBackend())
        case .openCL(let runtime): try Self.compare(file, weights, on: OpenCLBackend(runtime))
        }
    }

    private static func compare<B: Backend>(_ file: SafetensorsFile, _ weights: Weights, on backend: B) throws {
        let input = try file.tensor("input")
        let images = input.shape[0]
        let network = try Network(weights, on: backend, capacity: images)
        let schedule = Schedule(
            network: network, deciders: [Scheduling](repeating: .host, count: network.gateCount))
        let table = GateTable(.argmax, gates: network.gateCount, images: images, firstImage: 0)
        _ = try input.withUnsafeFloats { try schedule($0, count: images, table) }

        // A stage's feature map is updated in place: it can be compared only where nothing has overwritten it.
        func check(_ name: String, _ activations: B.FeatureMaps, before block: Int) throws {
            let isOverwritten = network.blocks.dropFirst(block).contains {
                ObjectIdentifier($0.output as AnyObject) == ObjectIdentifier(activations as AnyObject)
            }
            guard !isOverwritten, file.names.contains(name) else { return }
            let expected = try file.floats(name)
            let found = try backend.download(activations, images: images)
            #expect(found.count == expected.count)
            let largest = try #require(expected.map(abs).max())
            let error = zip(found, expected).map { abs($0 - $1) }.max() ?? .infinity
            #expect(error <= tolerance * max(largest, 1), "\(name)")
            compared += 1
        }
        var compared = 0
        try check("expected.stem", network.stem.output, before: 0)
        for (index, block) in network.blocks.enumerated() {
            try check("expected.block.\(index)", block.output, before: index + 1)
        }
        #expect(compared >= 2)
    }
}
