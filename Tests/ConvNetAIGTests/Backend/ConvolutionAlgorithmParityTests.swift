import OpenCL
import Testing

@testable import ConvNetAIG
@testable import Operators

/// Each algorithm of convolution against plain loops: at the layers of every architecture, with fewer channels, and at
/// sizes that are no multiple of anything.
@Suite struct ConvolutionAlgorithmParityTests {
    /// Which images of a batch a launch is for, and who says so.
    enum Activity {
        case all
        case listed([Int32])
        /// By decisions on the device: the launch covers the others as well.
        case decided([Int32])
    }

    // MARK: Problems

    /// Every kind of convolution in the architectures: fewer channels than theirs, and of pixels the same.
    static func layers() throws -> [FusedConvolutionSettings] {
        var problems: [FusedConvolutionSettings] = []
        for name in Architecture.knownNames {
            for case .convolution(var settings) in NetworkPlan(try Architecture(named: name)).operators {
                settings.convolution.input.channels = min(settings.convolution.input.channels, 20)
                settings.convolution.outputChannels = min(settings.convolution.outputChannels, 24)
                // Of those that differ in their epilogue only, the one that does most.
                if let known = problems.firstIndex(where: { $0.hasSameExtents(as: settings) }) {
                    if settings.addsToOutput || settings.sumsRows { problems[known] = settings }
                } else {
                    problems.append(settings)
                }
            }
        }
        return problems
    }

    static let awkward: [FusedConvolutionSettings] = [
        FusedConvolutionSettings(
            ConvolutionSettings(
                input: FeatureShape(channels: 24, height: 7, width: 29), outputChannels: 40, kernel: 3, padding: 1),
            activation: .relu, addsToOutput: true, sumsRows: true),
        FusedConvolutionSettings(
            ConvolutionSettings(input: FeatureShape(channels: 3, height: 1, width: 1), outputChannels: 24, kernel: 1),
            sumsRows: true),
        FusedConvolutionSettings(
            ConvolutionSettings(
                input: FeatureShape(channels: 40, height: 13, width: 5), outputChannels: 3, kernel: 3, stride: 2,
                padding: 1),
            activation: .reluWhereClosed),
        FusedConvolutionSettings(
            ConvolutionSettings(
                source: .image, input: FeatureShape(channels: 3, height: 9, width: 31), outputChannels: 24, kernel: 7,
                stride: 2, padding: 3),
            activation: .relu, sumsRows: true),
        FusedConvolutionSettings(
            ConvolutionSettings(
                input: FeatureShape(channels: 40, height: 3, width: 3), outputChannels: 100, kernel: 1, stride: 2),
            activation: .relu, addsToOutput: true),
        FusedConvolutionSettings(
            ConvolutionSettings(
                source: .image, input: FeatureShape(channels: 1, height: 5, width: 1), outputChannels: 3, kernel: 5,
                stride: 3, padding: 2)),
    ]

    // MARK: Algorithms

    /// What a device with groups of several items would take, and what the other algorithm is.
    ///
    /// Splits of the inner extent are what a device with many compute units would take.
    static func algorithms(
        _ settings: FusedConvolutionSettings, _ traits: DeviceTraits, images: Int
    ) -> [ConvolutionAlgorithm] {
        ImplicitGEMMConvolution.candidates(settings, traits, images: images).prefix(1)
            + ImplicitGEMMConvolution.candidates(settings, traits.with(computeUnits: 132), images: images).prefix(1)
            + Im2colConvolution.candidates(settings, traits, images: images)
    }

    static func convolve<B: Backend>(
        _ settings: FusedConvolutionSettings, _ convolution: B.Convolution, images: Int, _ activity: Activity,
        on backend: B,
        fill: ([Float], FeatureShape, Bool) throws -> B.FeatureMaps
    ) throws -> (output: B.FeatureMaps, values: [Float]) {
        let values = OperatorParityTests.values(images * settings.convolution.input.count, seed: 1)
        let input: B.FeatureMaps
        switch settings.convolution.source {
        case .image:
            input = try backend.makeInput(
                settings.convolution.input, padding: settings.convolution.padding, images: images)
            try values.withUnsafeBufferPointer { try backend.upload($0, count: images, to: input) }
        case .features: input = try fill(values, settings.convolution.input, false)
        }
        let output = try fill(
            OperatorParityTests.values(images * settings.convolution.output.count, seed: 2),
            settings.convolution.output, true)
        let decisions = try backend.makeDecisions(gates: 2, images: images)
        let open: [Bool] = (0..<images).map { image in
            switch activity {
            case .all: image % 2 == 0
            case .listed(let active), .decided(let active): active.contains(Int32(image))
            }
        }
        // The second gate is the one that is asked.
        try backend.begin(decisions, open: open.map { !$0 } + open, images: images)
        let set: ActiveSet
        switch activity {
        case .listed(let active) where settings.activation != .reluWhereClosed:
            set = try backend.makeActiveSet(active, slot: 1, decisions: decisions)
        case .decided where settings.activation != .reluWhereClosed: set = .decided(gate: 1, count: images)
        // A shortcut runs for everyone, and asks who is closed.
        default: set = .all(count: images)
        }
        try backend.convolve(convolution, input, to: output, on: set, decisions: decisions, gate: 1)
        return (output, try backend.download(output, images: images))
    }

    static func expectParity(
        _ settings: FusedConvolutionSettings, _ algorithms: [ConvolutionAlgorithm], images: Int, _ activity: Activity,
        on backend: OpenCLBackend, tolerance: Float = 1e-5, location: SourceLocation = #_sourceLocation
    ) throws {
        let weights = OperatorParityTests.weights(settings, seed: 3)
        let reference = ReferenceBackend()
        let expected = try convolve(
            settings, reference.makeConvolution(settings, weights, images: images), images: images, activity,
            on: reference
        ) { values, shape, pooled in
            try OperatorParityTests.fill(values, shape, images: images, pooled: pooled, on: reference)
        }.values
        for algorithm in algorithms {
            let convolution = try backend.makeConvolution(
                algorithm.descriptor(settings, backend.traits), weights, images: images)
            let found = try convolve(settings, convolution, images: images, activity, on: backend) {
                try backend.features($0, $1, pooled: $2, images: images)
            }
            let comment: Comment = "\(algorithm), \(settings), \(images) images, \(activity)"
            OperatorParityTests.expectClose(
                found.values, expected, comment, tolerance: tolerance, location: location)
            if settings.sumsRows {
                // Only those that ran have new sums.
                let rowSums = try #require(found.output.rowSums)
                let sums = try backend.queue.read(from: rowSums, as: Float.self)
                let all = OperatorParityTests.rowSums(expected, settings.convolution.output, images: images)
                let count = settings.convolution.output.height * settings.convolution.output.paddedChannels
                for image in 0..<images {
                    switch activity {
                    case .listed(let active), .decided(let active):
                        guard settings.activation == .reluWhereClosed || active.contains(Int32(image)) else { continue }
                    case .all: break
                    }
                    let range = image * count..<(image + 1) * count
                    OperatorParityTests.expectClose(
                        Array(sums[range]), Array(all[range]), comment, tolerance: tolerance, location: location)
                }
            }
        }
    }

    // MARK: Tests

    @Test func layersOfEveryArchitecture() throws {
        let backend = try OpenCLBackend(TestBackend.groups.runtime)
        let layers = try Self.layers()
        #expect(layers.count > 15)
        for settings in layers {
            try Self.expectParity(
                settings, Self.algorithms(settings, backend.traits, images: 2), images: 2, .decided([1]), on: backend)
        }
    }

    @Test(arguments: [TestBackend.groups, .wide])
    func awkwardSizes(_ fitting: TestBackend) throws {
        let backend = try OpenCLBackend(fitting.runtime)
        for settings in Self.awkward {
            try Self.expectParity(
                settings, Self.algorithms(settings, backend.traits, images: 3), images: 3, .listed([2, 0]), on: backend)
        }
    }

    @Test(arguments: [1, 2, 7, 32, 33])
    func batches(_ images: Int) throws {
        let settings = FusedConvolutionSettings(
            ConvolutionSettings(
                input: FeatureShape(channels: 24, height: 7, width: 5), outputChannels: 40, kernel: 3, padding: 1),
            activation: .relu, addsToOutput: true, sumsRows: true)
        let some = (0..<Int32(images)).filter { $0 % 3 != 1 }
        let backend = try OpenCLBackend(TestBackend.groups.runtime)
        let algorithms = Self.algorithms(settings, backend.traits, images: images) + [.im2col(.init(images: 5))]
        for activity in [Activity.all, .listed(some.reversed()), .decided(some)] {
            try Self.expectParity(settings, algorithms, images: images, activity, on: backend)
        }
    }

    /// Tiles that divide nothing, of one item and of many, in vectors of every width.
    @Test(arguments: [
        (
            4,
            ImplicitGEMMConvolution.Tile(groupPixels: 64, groupChannels: 64, depth: 16, itemPixels: 4, itemChannels: 4)
        ),
        (4, .init(groupPixels: 128, groupChannels: 64, depth: 8, itemPixels: 8, itemChannels: 8)),
        (4, .init(groupPixels: 35, groupChannels: 24, depth: 4, itemPixels: 7, itemChannels: 8)),
        (4, .init(groupPixels: 3, groupChannels: 4, depth: 16, itemPixels: 3, itemChannels: 4)),
        (8, .init(groupPixels: 24, groupChannels: 48, depth: 8, itemPixels: 3, itemChannels: 16)),
        (16, .init(groupPixels: 256, groupChannels: 16, depth: 16, itemPixels: 1, itemChannels: 16)),
        (16, .init(groupPixels: 20, groupChannels: 96, depth: 16, itemPixels: 5, itemChannels: 32)),
    ])
    func everyTileGivesTheSameConvolution(
        _ fitting: (width: Int, tile: ImplicitGEMMConvolution.Tile)
    ) throws {
        let device = try TestBackend.device.get()
        let traits = DeviceTraits(
            vectorWidth: fitting.width, vectorRegisters: 16, hasFMA: device.supportsFMA, groupSize: 4,
            localMemory: device.localMemory)
        let backend = try OpenCLBackend(OpenCLRuntime(device: device, traits: traits, cache: nil))
        for settings in [Self.awkward[0], Self.awkward[3]] {
            try Self.expectParity(settings, [.implicitGEMM(fitting.tile)], images: 2, .all, on: backend)
        }
    }

    /// Short enough for a simulator that looks at each memory access: pictures and maps, holes in the active set.
    @Test func smallImplicitGEMM() throws {
        let backend = try OpenCLBackend(TestBackend.groups.runtime)
        let picture = FusedConvolutionSettings(
            ConvolutionSettings(
                source: .image, input: FeatureShape(channels: 3, height: 5, width: 7), outputChannels: 16, kernel: 7,
                stride: 2, padding: 3))
        let features = FusedConvolutionSettings(
            ConvolutionSettings(
                input: FeatureShape(channels: 17, height: 5, width: 3), outputChannels: 24, kernel: 3, padding: 1),
            activation: .relu, addsToOutput: true, sumsRows: true)
        for (settings, tile) in [
            (
                picture,
                ImplicitGEMMConvolution.Tile(
                    groupPixels: 10, groupChannels: 16, depth: 8, itemPixels: 5, itemChannels: 4)
            ),
            (features, .init(groupPixels: 8, groupChannels: 32, depth: 4, itemPixels: 2, itemChannels: 8)),
        ] {
            try Self.expectParity(settings, [.implicitGEMM(tile)], images: 2, .decided([1]), on: backend)
        }
    }

    /// Two products for three images.
    @Test func smallIm2col() throws {
        let backend = try OpenCLBackend(TestBackend.groups.runtime)
        let settings = FusedConvolutionSettings(
            ConvolutionSettings(
                input: FeatureShape(channels: 17, height: 3, width: 5), outputChannels: 20, kernel: 3, stride: 2,
                padding: 1),
            activation: .relu, addsToOutput: true, sumsRows: true)
        try Self.expectParity(settings, [.im2col(.init(images: 2))], images: 3, .decided([0, 2]), on: backend)
    }

    @Test func groupsOfManyItemsTakeTheImplicitProduct() throws {
        let device = try TestBackend.device.get()
        let traits = DeviceTraits(
            vectorWidth: 4, vectorRegisters: 6, hasFMA: true, groupSize: 64, localMemory: 32768)
        for settings in try Self.layers() + Self.awkward {
            guard case .implicitGEMM(let tile) = ConvolutionAlgorithm.standard(settings, traits, images: 1) else {
                Issue.record("another algorithm for \(settings)")
                continue
            }
            #expect((32...256).contains(tile.groupSize))
            #expect(tile.localMemory <= traits.localMemory)
            #expect(tile.groupPixels % tile.itemPixels == 0 && tile.groupChannels % tile.itemChannels == 0)
            let cpu = try TestBackend.wide.runtime.traits
            switch ConvolutionAlgorithm.standard(settings, cpu, images: 1) {
            case .direct, .winograd: break
            case .implicitGEMM, .im2col: Issue.record("not for a CPU such as \(device): \(settings)")
            }
        }
        let none = DeviceTraits(vectorWidth: 4, vectorRegisters: 6, hasFMA: true, groupSize: 64, localMemory: 512)
        #expect(ImplicitGEMMConvolution.candidates(Self.awkward[0], none).isEmpty)
        guard case .direct = ConvolutionAlgorithm.standard(Self.awkward[0], none, images: 1) else {
            Issue.record("no local memory, and yet an algorithm that needs some")
            return
        }
    }

    @Test func aRefusedProductIsATypedError() throws {
        let backend = try OpenCLBackend(TestBackend.openCL.runtime)
        let small = try backend.executor.allocate(Float.self, perImage: 16, images: 1)
        let product = CLBlastProduct(rows: 16, columns: 16, inner: 16)
        let error = #expect(throws: CLBlastError.self) {
            try product.enqueue(small, small, to: small, temporary: nil, on: backend.queue)
        }
        #expect(try #require(error).description.contains("a matrix is larger than its buffer"))
    }
}

extension FusedConvolutionSettings {
    fileprivate func hasSameExtents(as other: FusedConvolutionSettings) -> Bool {
        var (own, others) = (convolution, other.convolution)
        (own.padding, others.padding) = (0, 0)
        return own == others
    }
}

extension OpenCLBackend {
    /// Feature maps with these values: images x channels x height x width.
    func features(_ values: [Float], _ shape: FeatureShape, pooled: Bool, images: Int) throws -> FeatureMaps {
        let activations = try makeFeatureMaps(shape, pooled: pooled, images: images)
        let (rows, pitch) = (shape.height + 2 * ChannelBlock.halo, shape.width + 2 * ChannelBlock.halo)
        var blocks = [Float](repeating: 0, count: activations.layout.count(activations.shape) * images)
        for (index, value) in values.enumerated() {
            let (x, row) = (index % shape.width, index / shape.width)
            let (y, plane) = (row % shape.height, row / shape.height)
            let (channel, image) = (plane % shape.channels, plane / shape.channels)
            let block = image * shape.paddedChannels / ChannelBlock.size + channel / ChannelBlock.size
            let pixel = (block * rows + y + ChannelBlock.halo) * pitch + x + ChannelBlock.halo
            blocks[pixel * ChannelBlock.size + channel % ChannelBlock.size] = value
        }
        switch traits.storage {
        case .float: try queue.write(to: activations.values, values: blocks)
        case .half: try queue.write(to: activations.values, values: blocks.map { Float16($0) })
        }
        return activations
    }
}
