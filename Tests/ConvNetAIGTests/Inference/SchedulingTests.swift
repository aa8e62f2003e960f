import TestSupport
import Testing

@testable import ConvNetAIG
@testable import Operators

/// Closed gates launch nothing, and what was spent is counted exactly.
@Suite struct SchedulingTests {
    /// Kernels that a batch launches for the layers if each image runs the given blocks and the host decides.
    static func expectedLaunches(
        _ architecture: Architecture, _ images: [[Bool]], on backend: TestBackend = .openCL
    ) -> Int {
        // The head is a mean over the last feature map and a linear layer, which the reference does as one.
        let head = backend == .reference ? 1 : 2
        var launches = 1 + (architecture.stem.maxPooling ? 1 : 0) + head
        var gate = 0
        for block in architecture.blocks {
            if block.shortcut != .identity { launches += 1 }
            let runs = !block.isGated || images.contains { $0[gate] }
            if runs { launches += block.convolutions.count }
            if block.isGated { gate += 1 }
        }
        return launches
    }

    static func input(_ architecture: Architecture, images: Int) throws -> Tensor {
        let shape = [images, architecture.input.channels, architecture.input.height, architecture.input.width]
        return try Tensor(
            shape: shape, values: OperatorParityTests.values(images * architecture.input.count, seed: 30))
    }

    static let architectures = ["convnet-aig-cifar-20", "resnet-cifar-8", "aig-bottleneck-mini.json"]

    static func architecture(_ name: String) throws -> Architecture {
        try Architecture.load(name.hasSuffix(".json") ? Fixtures.path(name) : name)
    }

    @Test(arguments: architectures, [TestBackend.reference, .openCL, .narrow])
    func hostLaunchesWhatTheMaskRuns(_ name: String, _ backend: TestBackend) throws {
        let architecture = try Self.architecture(name)
        let gates = architecture.gatedBlocks.count
        let weights = Weights.random(for: architecture, seed: 1)
        let session = try Session(weights: weights, backend: backend.choice, batch: 3, scheduling: .host)
        let generator = Philox4x32(seed: 5)
        let masks =
            [[Bool](repeating: true, count: gates), [Bool](repeating: false, count: gates)]
            + (0..<6).map { trial in
                (0..<gates).map { generator.uniforms(gate: $0, image: trial).0 < 0.5 }
            }
        let cost = architecture.cost
        for mask in masks {
            for images in [1, 3] {
                let before = session.kernelLaunches
                let predictions = try session.predict(Self.input(architecture, images: images), policy: .mask(mask))
                #expect(
                    session.kernelLaunches - before
                        == Self.expectedLaunches(
                            architecture, [[Bool]](repeating: mask, count: images), on: backend))
                for prediction in predictions {
                    #expect(prediction.graph.gates == mask)
                    #expect(prediction.graph.macs == cost.executedMACs(open: mask, gatesEvaluated: false))
                    #expect(prediction.graph.gateProbabilities == mask.map { $0 ? 1 : 0 })
                }
            }
        }
    }

    @Test(arguments: architectures, [TestBackend.reference, .openCL, .narrow])
    func hostLaunchesWhatAMixedBatchRuns(_ name: String, _ backend: TestBackend) throws {
        let architecture = try Self.architecture(name)
        let gates = architecture.gatedBlocks.count
        let session = try Session(
            weights: .random(for: architecture, seed: 1), backend: backend.choice, batch: 4, scheduling: .host)
        for rate in [0, 0.2, 0.5, 1] as [Float] {
            let before = session.kernelLaunches
            let predictions = try session.predict(
                Self.input(architecture, images: 4), policy: .rate([rate], seed: 9))
            let open = predictions.map(\.graph.gates)
            let launched = session.kernelLaunches - before
            let forBlocks = Self.expectedLaunches(architecture, open, on: backend)
            // Beyond the layers, a launch for each time that some image has a gate ahead to ask: never more than gates,
            // and none where nobody is left to ask.
            #expect(launched == forBlocks + Self.gateLaunches(architecture, open))
            #expect(launched <= forBlocks + gates)
            for prediction in predictions {
                #expect(prediction.graph.macs == architecture.cost.executedMACs(open: prediction.graph.gates))
            }
        }
    }

    /// A mask of its own for each image: launches and results are exactly those of the images by themselves.
    @Test(arguments: [TestBackend.reference, .openCL])
    func hostLaunchesWhatAMixedMaskRuns(_ backend: TestBackend) throws {
        let architecture = try Architecture(named: "convnet-aig-cifar-20")
        let weights = Weights.random(for: architecture, seed: 1)
        let masks = ["110010011", "000000000", "111111111", "010010001"].map { $0.map { $0 == "1" } }
        let input = try Self.input(architecture, images: masks.count)
        // Planned for as many images: the algorithms depend on it.
        let alone = try Session(weights: weights, backend: backend.choice, batch: masks.count)
        let expected = try masks.indices.flatMap { image in
            let size = architecture.input.count
            let one = try Tensor(
                shape: [1, 3, 32, 32], values: Array(input.values[image * size..<(image + 1) * size]))
            return try alone.run(one, policy: .mask(masks[image])).logits.values
        }
        // [gate][image]
        let table = GateTable.known(masks[0].indices.flatMap { gate in masks.map { $0[gate] } })
        func run(_ engine: some Engine) throws {
            let before = engine.launches
            let result = try input.withUnsafeFloats { try engine.run($0, count: masks.count, table) }
            #expect(engine.launches - before == Self.expectedLaunches(architecture, masks, on: backend))
            #expect(result.logits == expected)
            #expect(result.decisions == masks.flatMap { $0 })
        }
        switch try backend.choice {
        case .reference:
            try run(NetworkEngine(weights, on: ReferenceBackend(), capacity: masks.count, scheduling: .host))
        case .openCL(let runtime):
            try run(NetworkEngine(weights, on: OpenCLBackend(runtime), capacity: masks.count, scheduling: .host))
        }
    }

    /// Gate launches of a batch: at each gate, one if any image has not decided it. An image decides from where it stands
    /// up to the first gate that opens, or the end of the chain of gates that see the same features.
    static func gateLaunches(_ architecture: Architecture, _ images: [[Bool]]) -> Int {
        var chainEnds: [Int] = []
        let blocks = architecture.blocks
        for (gate, block) in architecture.gatedBlocks.enumerated() {
            let endsChain =
                blocks[block].shortcut != .identity || block + 1 == blocks.count || !blocks[block + 1].isGated
            if endsChain { chainEnds.append(gate + 1) }
        }
        var decided = [Int](repeating: 0, count: images.count)
        var launches = 0
        for gate in 0..<architecture.gatedBlocks.count {
            let undecided = decided.indices.filter { decided[$0] <= gate }
            if !undecided.isEmpty { launches += 1 }
            for image in undecided {
                let end = chainEnds.first { $0 > gate } ?? gate + 1
                decided[image] = (gate..<end).first { images[image][$0] }.map { $0 + 1 } ?? end
            }
        }
        return launches
    }

    @Test func jumpsOverClosedBlocksWithOneDecision() throws {
        let architecture = try Architecture(named: "convnet-aig-cifar-110")
        let session = try Session(
            weights: .random(for: architecture, seed: 1), backend: TestBackend.openCL.choice, scheduling: .host)
        let before = session.kernelLaunches
        _ = try session.predict(Self.input(architecture, images: 1), policy: .rate([0], seed: 1))
        // Stem, two shortcuts, two kernels of the head, and one decision for each of the three stages' features.
        #expect(session.kernelLaunches - before == 1 + 2 + 2 + 3)
    }

    @Test func deviceLaunchesTheSameWhateverTheGatesSay() throws {
        let architecture = try Architecture(named: "convnet-aig-cifar-20")
        let session = try Session(
            weights: .random(for: architecture, seed: 1), backend: TestBackend.openCL.choice, scheduling: .device)
        let launches = try [0, 0.5, 1].map { (rate: Float) in
            let before = session.kernelLaunches
            _ = try session.predict(Self.input(architecture, images: 1), policy: .rate([rate], seed: 4))
            return session.kernelLaunches - before
        }
        let everything = [[Bool](repeating: true, count: architecture.gatedBlocks.count)]
        let expected = Self.expectedLaunches(architecture, everything) + architecture.gatedBlocks.count
        #expect(launches == [expected, expected, expected])
    }

    @Test func maskLeavesSkippedBlocksWithoutInfluence() throws {
        // What a closed block's weights are cannot matter.
        let architecture = try Architecture(named: "convnet-aig-cifar-8")
        let weights = Weights.random(for: architecture, seed: 1)
        var tensors = try weights.tensors()
        let name = "layer2.0.conv1.weight"
        tensors[name] = try Tensor(shape: #require(tensors[name]).shape, repeating: 100)
        let changed = try Weights(architecture: architecture, tensors: tensors)
        let input = try Self.input(architecture, images: 2)
        func logits(_ weights: Weights, _ mask: [Bool]) throws -> [Float] {
            try Session(weights: weights, backend: TestBackend.openCL.choice, batch: 2)
                .run(input, policy: .mask(mask)).logits.values
        }
        #expect(try logits(weights, [true, false, true]) == logits(changed, [true, false, true]))
        #expect(try logits(weights, [true, true, true]) != logits(changed, [true, true, true]))
    }

    @Test func costsChooseWhoDecides() {
        let costs = SchedulingCosts(launch: 4e-6, idleGroup: 1e-8, read: 50e-6)
        // A small block is cheaper to launch in vain than to ask about; a large one is not.
        #expect(costs.prefersDevice(launches: 2, groups: 32, images: 1, rate: 0.5))
        #expect(!costs.prefersDevice(launches: 3, groups: 20_000, images: 1, rate: 0.5))
        // What always runs is never launched in vain.
        #expect(costs.prefersDevice(launches: 3, groups: 20_000, images: 1, rate: 1))
    }

    @Test func costsAreMeasuredOnTheDevice() throws {
        let costs = try #require(OpenCLBackend(TestBackend.openCL.runtime).schedulingCosts())
        #expect(costs.launch >= 0 && costs.launch < 0.1)
        #expect(costs.idleGroup >= 0 && costs.idleGroup < 0.01)
        #expect(costs.read >= 0 && costs.read < 1)
    }
}
