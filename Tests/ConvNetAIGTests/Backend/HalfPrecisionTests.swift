import OpenCL
import TestSupport
import Testing

@testable import ConvNetAIG
@testable import Operators

/// Feature maps and weights kept as halves, computed with as floats. Loading and storing halves is a part of OpenCL C, so
/// that this runs on devices without cl_khr_fp16 as well.
@Suite struct HalfPrecisionTests {
    /// A half has 11 significant bits: values are off by 5e-4 at most, sums of many by less.
    static let tolerance: Float = 2e-3

    /// Kernels as a GPU runs them, and as a CPU does.
    static func runtime(groupSize: Int) throws -> OpenCLRuntime {
        let device = try TestBackend.device.get()
        return try OpenCLRuntime(
            device: device,
            traits: DeviceTraits(
                vectorWidth: groupSize == 1 ? 16 : 4, vectorRegisters: groupSize == 1 ? 32 : 6,
                hasFMA: device.supportsFMA, groupSize: groupSize, localMemory: device.localMemory),
            cache: nil)
    }

    // MARK: Operators

    @Test(arguments: [1, 8])
    func convolutions(groupSize: Int) throws {
        let backend = try OpenCLBackend(Self.runtime(groupSize: groupSize), precision: .half)
        for settings in ConvolutionAlgorithmParityTests.awkward {
            let algorithms =
                ConvolutionAlgorithmParityTests.algorithms(settings, backend.traits, images: 3)
                + DirectTileCost.candidates(settings, backend.traits).sorted().prefix(1).map { .direct($0.tile) }
                + WinogradCost.candidates(settings, backend.traits, images: 3).prefix(1).map { .winograd($0.tile) }
            try ConvolutionAlgorithmParityTests.expectParity(
                settings, algorithms, images: 3, .listed([2, 0]), on: backend, tolerance: Self.tolerance)
        }
    }

    /// Pooling and the zero-padded shortcut round nothing; batch norm does.
    @Test(arguments: [1, 8])
    func otherLayers(groupSize: Int) throws {
        let images = 2
        let shape = FeatureShape(channels: 19, height: 7, width: 10)
        let values = OperatorParityTests.values(images * shape.count, seed: 4).map { Float(Float16(max($0, 0))) }
        let pooling = PoolingSettings(input: shape, kernel: 3, stride: 2, padding: 1, sumsRows: true)
        let shortcut = ZeroPaddedShortcutSettings(
            input: shape, output: FeatureShape(channels: 40, height: 4, width: 5), stride: 2, sumsRows: true)
        let normalization = BatchNormalizationSettings(features: shape, rectifies: true, sumsRows: true)
        let (scale, shift) = (
            OperatorParityTests.values(shape.channels, seed: 6), OperatorParityTests.values(shape.channels, seed: 7)
        )
        func run<B: Backend>(
            _ backend: B, fill: () throws -> B.FeatureMaps
        ) throws -> [(features: B.FeatureMaps, values: [Float])] {
            let input = try fill()
            let outputs = try [pooling.output, shortcut.output, shape].map {
                try backend.makeFeatureMaps($0, pooled: true, images: images)
            }
            try backend.maxPool(pooling, input, to: outputs[0], images: images)
            try backend.zeroPaddedShortcut(shortcut, input, to: outputs[1], images: images)
            try backend.normalize(
                backend.makeBatchNormalization(normalization, scale: scale, shift: shift), input, to: outputs[2],
                images: images)
            return try outputs.map { ($0, try backend.download($0, images: images)) }
        }
        let reference = ReferenceBackend()
        let expected = try run(reference) {
            try OperatorParityTests.fill(values, shape, images: images, on: reference)
        }
        let backend = try OpenCLBackend(Self.runtime(groupSize: groupSize), precision: .half)
        let found = try run(backend) { try backend.features(values, shape, pooled: false, images: images) }
        #expect(found[0].values == expected[0].values)
        #expect(found[1].values == expected[1].values)
        OperatorParityTests.expectClose(found[2].values, expected[2].values, tolerance: Self.tolerance)
        for (index, output) in [pooling.output, shortcut.output, shape].enumerated() {
            // Where work-items have a pixel each, a launch of its own sums what is stored: halves.
            let summed = groupSize > 1 ? found[index].values : expected[index].values
            OperatorParityTests.expectClose(
                try backend.queue.read(from: #require(found[index].features.rowSums), as: Float.self),
                OperatorParityTests.rowSums(summed, output, images: images))
        }
    }

    @Test func featureMapsAndWeightsTakeHalfTheMemory() throws {
        let runtime = try Self.runtime(groupSize: 8)
        let shape = FeatureShape(channels: 20, height: 5, width: 6)
        let bytes = try [Precision.float, .half].map { precision in
            let backend = try OpenCLBackend(runtime, precision: precision)
            return [
                try backend.makeFeatureMaps(shape, pooled: true, images: 3).values.byteCount,
                try backend.executor.stored(count: 4) { _ in }.byteCount,
            ]
        }
        #expect(bytes[0] == [3 * 32 * 7 * 8 * 4, 16])
        #expect(bytes[1] == [3 * 32 * 7 * 8 * 2, 8])
    }

    // MARK: Networks

    @Test(arguments: [ParityFixture.small, .bottleneck], [1, 8])
    func fixturesAgree(_ fixture: ParityFixture, groupSize: Int) throws {
        let (file, weights) = try fixture.load()
        let input = try file.tensor("input")
        let runtime = try Self.runtime(groupSize: groupSize)
        for policy in [GatePolicy.always, .rate([0.5], seed: 1)] {
            let expected = try Session(weights: weights, backend: .reference, batch: 3).run(input, policy: policy)
            for scheduling in [Scheduling.host, .device] {
                let session = try Session(
                    weights: weights, backend: .openCL(runtime), batch: 3, scheduling: scheduling, precision: .half)
                let found = try session.run(input, policy: policy)
                #expect(session.precision == .half)
                #expect(try found.gates == expected.gates)
                try OperatorParityTests.expectClose(
                    found.logits.values, expected.logits.values, "\(policy), \(scheduling)", tolerance: 1e-2)
                // What was computed in floats would agree to the last digits.
                #expect(try found.logits.values != expected.logits.values)
            }
        }
    }

    /// Short enough for a simulator that looks at each memory access.
    @Test(arguments: [1, 8])
    func smallNetworkOfHalves(groupSize: Int) throws {
        for (kind, shortcut) in [
            (Architecture.BlockKind.bottleneck, Architecture.ShortcutKind.projection), (.basic, .zeroPadded),
        ] {
            let architecture = try Architecture(
                name: "tiny", input: .init(height: 9, width: 11),
                stem: .init(channels: 16, kernel: 7, stride: 2, padding: 3, maxPooling: true),
                stages: [.init(width: 16, blocks: 1), .init(width: 32, blocks: 1, stride: 2)], blockKind: kind,
                shortcut: shortcut, gateHidden: 16, classes: 3)
            let weights = Weights.random(for: architecture, seed: 3)
            let input = try SchedulingTests.input(architecture, images: 1)
            let expected = try Session(weights: weights, backend: .reference).run(input, policy: .always)
            let found = try Session(
                weights: weights, backend: .openCL(Self.runtime(groupSize: groupSize)), scheduling: .device,
                precision: .half
            ).run(input, policy: .always)
            try OperatorParityTests.expectClose(found.logits.values, expected.logits.values, tolerance: 1e-2)
        }
    }

    // MARK: Errors

    @Test func theReferenceHasNoHalves() throws {
        let weights = try ParityFixture.small.load().weights
        #expect(throws: BackendError.halfPrecisionUnsupported(device: "CPU reference")) {
            _ = try Session(weights: weights, backend: .reference, precision: .half)
        }
    }
}
