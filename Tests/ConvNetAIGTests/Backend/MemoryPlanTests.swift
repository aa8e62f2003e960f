import ConvNetAIGModels
import OpenCL
import Testing

@testable import ConvNetAIG
@testable import Operators

/// Nothing that is alive lies on something else that is.
@Suite struct MemoryPlanTests {
    private static func mostAlive(_ items: [MemoryPlan.Item], _ alignment: Int) -> Int {
        let steps = items.map(\.lifetime.upperBound).max() ?? 0
        return (0...steps).map { step in
            items.filter { $0.lifetime.contains(step) }
                .map { ($0.byteCount + alignment - 1) / alignment * alignment }.reduce(0, +)
        }.max() ?? 0
    }

    private static func expectSound(_ plan: MemoryPlan, alignment: Int, largestBuffer: Int) {
        #expect(plan.places.count == plan.items.count)
        for (item, place) in zip(plan.items, plan.places) {
            #expect(place.range.lowerBound % alignment == 0 && place.range.count >= item.byteCount)
            #expect(place.range.upperBound <= plan.buffers[place.buffer])
        }
        for first in plan.items.indices {
            for second in plan.items.indices where second > first {
                guard plan.items[first].lifetime.overlaps(plan.items[second].lifetime),
                    plan.places[first].buffer == plan.places[second].buffer
                else { continue }
                #expect(!plan.places[first].range.overlaps(plan.places[second].range))
            }
        }
        #expect(plan.byteCount <= plan.unsharedByteCount)
        #expect(plan.byteCount >= mostAlive(plan.items, alignment))
        #expect(plan.buffers.allSatisfy { $0 <= largestBuffer })
    }

    private static func randomItems(_ count: Int, seed: UInt64) -> [MemoryPlan.Item] {
        let generator = Philox4x32(seed: seed)
        return (0..<count).map { index in
            let words = generator(counter: (UInt32(index), 0, 0, 0))
            let first = Int(words.0 % 20)
            return MemoryPlan.Item(
                byteCount: 1 + Int(words.1 % 10_000), lifetime: first...first + Int(words.2 % 8))
        }
    }

    @Test(arguments: 0..<20 as Range<UInt64>)
    func randomLifetimes(_ seed: UInt64) {
        let items = Self.randomItems(1 + Int(seed) * 2, seed: seed)
        for (alignment, largest) in [(1, 1 << 40), (128, 1 << 40), (64, 16_384), (4096, 12_288)] {
            let plan = MemoryPlan(items, alignment: alignment, largestBuffer: largest)
            Self.expectSound(plan, alignment: alignment, largestBuffer: largest)
            let apart = MemoryPlan(items, alignment: alignment, largestBuffer: largest, minSaving: .max)
            Self.expectSound(apart, alignment: alignment, largestBuffer: largest)
            #expect(items.indices.allSatisfy { !apart.isShared($0) })
        }
    }

    @Test func whoSharesWithWhom() {
        let items = [(100, 0...1), (60, 1...2), (100, 2...3), (30, 0...3)].map {
            MemoryPlan.Item(byteCount: $0, lifetime: $1)
        }
        let plan = MemoryPlan(items, alignment: 10, largestBuffer: 1000)
        #expect(plan.byteCount == 190 && plan.unsharedByteCount == 290)
        #expect(items.indices.map { plan.isShared($0) } == [true, false, true, false])
        // Exactly what is saved is enough, and a byte more is not.
        #expect(MemoryPlan(items, alignment: 10, largestBuffer: 1000, minSaving: 100).byteCount == 190)
        #expect(MemoryPlan(items, alignment: 10, largestBuffer: 1000, minSaving: 101).byteCount == 290)
    }

    @Test func nothingNeedsNothing() {
        let plan = MemoryPlan([], alignment: 128, largestBuffer: 1)
        #expect(plan.byteCount == 0 && plan.places.isEmpty)
    }

    // MARK: Networks

    /// Feature maps alone, as OpenCL lays them out, without row sums.
    private static func plan(_ network: NetworkPlan, images: Int, minSaving: Int = 0) -> MemoryPlan {
        MemoryPlan(
            network.featureMaps.map { map in
                let layout: MapLayout
                switch map.purpose {
                case .input(let padding): layout = .planes(halo: padding)
                case .features: layout = .blocks
                }
                return MemoryPlan.Item(
                    byteCount: 4 * layout.count(map.shape) * images, lifetime: map.lifetime)
            }, alignment: 128, largestBuffer: 1 << 40, minSaving: minSaving)
    }

    /// At the first block of the second stage: its input 256 x 56 x 56, its output 512 x 28 x 28, and inside its branch
    /// 128 x 56 x 56 and 128 x 28 x 28 twice, each with a halo.
    @Test func bytesOfResNet50() throws {
        let network = NetworkPlan(try Architecture(named: "resnet-50"))
        let alive = (256 * 58 * 58 + 512 * 30 * 30 + 128 * 58 * 58 + 2 * 128 * 30 * 30) * 4
        for images in [1, 8, 64] {
            let plan = Self.plan(network, images: images)
            #expect(plan.byteCount == alive * images)
            #expect(plan.byteCount == 7_931_904 * images)
            // Apart from the input, whose size is no multiple of the alignment.
            let input = (3 * 230 * 230 * 4 * images + 127) / 128 * 128
            #expect(plan.unsharedByteCount == 17_856_512 * images + input)
        }
    }

    @Test(arguments: [
        "resnet-18", "resnet-34", "resnet-50", "resnet-101", "resnet-152", "resnet-cifar-20", "resnet-cifar-110",
        "convnet-aig-50", "convnet-aig-101", "convnet-aig-cifar-110",
    ])
    func networksTakeNoMoreThanIsAlive(_ name: String) throws {
        let plan = Self.plan(NetworkPlan(try Architecture(named: name)), images: 3)
        Self.expectSound(plan, alignment: 128, largestBuffer: 1 << 40)
        #expect(plan.byteCount == Self.mostAlive(plan.items, 128))
    }

    /// Walks the operators of a batch: everything read was written in this batch and not overwritten since, whatever
    /// the blocks that are skipped.
    @Test(arguments: ["convnet-aig-50", "convnet-aig-cifar-20", "resnet-18"])
    func lifetimesHoldForEveryRoute(_ name: String) throws {
        let architecture = try Architecture(named: name)
        let network = NetworkPlan(architecture)
        let memory = Self.plan(network, images: 1)
        let generator = Philox4x32(seed: 3)
        for route in 0..<8 {
            var intact: Set<Int> = []
            func write(_ map: Int) {
                intact = intact.filter {
                    $0 == map || !memory.places[$0].range.overlaps(memory.places[map].range)
                }
                intact.insert(map)
            }
            func read(_ map: Int, _ what: String) {
                #expect(intact.contains(map), "\(what) of route \(route)")
            }
            write(0)
            read(0, "stem")
            write(network.stemMap)
            if network.pooling != nil {
                read(network.stemMap, "pooling")
                write(network.pooledMap)
            }
            for (index, block) in network.blocks.enumerated() {
                read(block.maps.input, "\(block.name) or its gate")
                if case .identity = block.shortcut {
                    #expect(block.maps.input == block.maps.output)
                } else {
                    write(block.maps.output)
                    read(block.maps.input, "\(block.name), after its shortcut,")
                }
                let runs = [true, false, generator(counter: (UInt32(index), UInt32(route), 0, 0)).0 % 2 == 0]
                guard block.gate == nil || runs[min(route, 2)] else { continue }
                var source = block.maps.input
                for map in block.maps.branch {
                    read(source, "\(block.name)'s branch")
                    // The last convolution adds to what is there.
                    if map == block.maps.output { read(map, "\(block.name)'s shortcut") }
                    write(map)
                    source = map
                }
                #expect(source == block.maps.output)
            }
            read(network.blocks.last?.maps.output ?? network.pooledMap, "head")
        }
    }

    // MARK: On a device

    @Test(arguments: TestBackend.onOpenCL)
    func halosAreZeroedAndNothingElse(_ fitting: TestBackend) throws {
        let images = 3
        let backend = try OpenCLBackend(fitting.runtime, minSaving: 0)
        let shapes = [
            FeatureShape(channels: 40, height: 9, width: 5), FeatureShape(channels: 16, height: 1, width: 1),
            FeatureShape(channels: 17, height: 4, width: 1), FeatureShape(channels: 16, height: 2, width: 30),
        ]
        // One fills the memory at first, the others take its place together.
        let large = FeatureShape(channels: 128, height: 11, width: 11)
        let maps = try backend.makeFeatureMaps(
            [FeatureMapPlan(large, .features(pooled: false), lifetime: 0...0)]
                + shapes.map { FeatureMapPlan($0, .features(pooled: true), lifetime: 1...2) }, images: images)
        let arena = try #require(maps[0].values.parent)
        #expect(maps.allSatisfy { $0.values.parent === arena })
        try backend.queue.fill(arena, with: .nan)
        // The last image is not part of the batch.
        try backend.claimMaps(ofStep: 1, images: images - 1)
        for map in maps.dropFirst() {
            let values = try backend.queue.read(from: map.values, as: Float.self)
            let (rows, pitch) = (map.shape.height + 2, map.shape.width + 2)
            let isRight = values.indices.allSatisfy { index in
                let pixel = index / ChannelBlock.size % (rows * pitch)
                let isHalo =
                    [0, rows - 1].contains(pixel / pitch) || [0, pitch - 1].contains(pixel % pitch)
                let isInBatch = index / map.layout.count(map.shape) < images - 1
                return isHalo && isInBatch ? values[index] == 0 : values[index].isNaN
            }
            #expect(isRight, "\(map.shape)")
        }
    }

    /// Memory that is shared holds no numbers before each batch: results are those of a network that shares nothing.
    @Test(arguments: SchedulingTests.architectures, TestBackend.onOpenCL)
    func sharedMemoryChangesNoResult(_ name: String, _ fitting: TestBackend) throws {
        let architecture = try SchedulingTests.architecture(name)
        let weights = Weights.random(for: architecture, seed: 4)
        let images = 3
        let input = try SchedulingTests.input(architecture, images: images)
        let gates = architecture.gatedBlocks.count
        let apart = try Network(weights, on: OpenCLBackend(fitting.runtime, minSaving: .max), capacity: images)
        let backend = try OpenCLBackend(fitting.runtime, minSaving: 0)
        let shared = try Network(weights, on: backend, capacity: images)
        #expect(backend.memory.activations < backend.memory.activationsUnshared)
        #expect(apart.backend.memory.activations == apart.backend.memory.activationsUnshared)

        let maps =
            [shared.stem.output, shared.lastFeatures] + shared.blocks.flatMap { [$0.input] + $0.branch.map(\.output) }
        func bytes(_ map: OpenCLBackend.FeatureMaps) -> Range<Int> {
            map.values.parentOffset..<map.values.parentOffset + map.values.byteCount
        }
        let reused = maps.filter { map in maps.contains { $0 !== map && bytes($0).overlaps(bytes(map)) } }
        #expect(!reused.isEmpty)
        for decider in [Scheduling.host, .device] {
            for rate in [0, 0.5, 1] as [Float] {
                for map in reused { try backend.queue.fill(map.values, with: .nan) }
                let table = GateTable(.rate([rate], seed: 7), gates: gates, images: images, firstImage: 0)
                let deciders = [Scheduling](repeating: decider, count: gates)
                let (found, expected) = try input.withUnsafeFloats { values in
                    (
                        try Schedule(network: shared, deciders: deciders)(values, count: images, table),
                        try Schedule(network: apart, deciders: deciders)(values, count: images, table)
                    )
                }
                #expect(found.logits == expected.logits && found.decisions == expected.decisions)
            }
        }
    }

    @Test func sessionSaysWhatItTakes() throws {
        let weights = try EmbeddedModel.standard.weights()
        let session = try Session(weights: weights, backend: TestBackend.openCL.choice, batch: 2)
        let memory = session.memory
        // Weights are padded to whole blocks of channels, batch norm is folded into them, and Winograd convolution has
        // 36 values where direct convolution has 9.
        let bytes = 4 * session.cost.parameters
        #expect(memory.weights >= bytes * 9 / 10 && memory.weights < bytes * 4 * 6 / 5)
        // Too little to be worth sharing.
        #expect(memory.activations == memory.activationsUnshared)
        let maps = Self.plan(NetworkPlan(session.architecture), images: 2, minSaving: .max)
        #expect(memory.activations >= maps.byteCount && memory.activations < maps.byteCount * 11 / 10)
        #expect(memory.total == memory.weights + memory.activations + memory.scratch + memory.other)

        let reference = try Session(weights: weights, backend: .reference, batch: 2).memory
        #expect(reference.weights >= bytes * 9 / 10 && reference.weights <= bytes)
        #expect(reference.activations > 0 && reference.activations < memory.activations)
    }

    @Test func scratchIsOneGrowingBuffer() throws {
        let backend = try OpenCLBackend(TestBackend.openCL.runtime)
        let first = try backend.executor.scratch(byteCount: 1000, images: 3)
        #expect(first.byteCount == 3000 && backend.memory.scratch == 3000)
        #expect(try backend.executor.scratch(byteCount: 3000) === first)
        let second = try backend.executor.scratch(byteCount: 1001, images: 3)
        #expect(second.byteCount == 3004 && backend.memory.scratch == 3004)
        #expect(try backend.executor.scratch(byteCount: 10) === second)
        #expect(throws: BackendError.self) { try backend.executor.scratch(byteCount: 1 << 50, images: 1 << 20) }
        #expect(backend.memory.scratch == 3004)
    }
}
