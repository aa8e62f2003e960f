import Testing

@testable import ConvNetAIG
@testable import Operators

/// Every OpenCL kernel against the same operator in plain loops, at sizes that are no multiple of anything.
@Suite struct OperatorParityTests {
    /// Values from -1 to 1 that differ everywhere.
    static func values(_ count: Int, seed: UInt64) -> [Float] {
        let generator = Philox4x32(seed: seed)
        return (0..<count).map { index in
            2 * Philox4x32.uniform(generator(counter: (UInt32(index), 1, 2, 3)).0) - 1
        }
    }

    static func weights(_ settings: FusedConvolutionSettings, seed: UInt64) -> ConvolutionWeights {
        ConvolutionWeights(
            weights: values(
                settings.convolution.outputChannels * settings.convolution.input.channels * settings.convolution.kernel
                    * settings.convolution.kernel, seed: seed),
            bias: values(settings.convolution.outputChannels, seed: seed + 1))
    }

    static func expectClose(
        _ found: [Float], _ expected: [Float], _ comment: Comment? = nil, tolerance: Float = 1e-5,
        location: SourceLocation = #_sourceLocation
    ) {
        #expect(found.count == expected.count, comment, sourceLocation: location)
        let largest = max(expected.map(abs).max() ?? 0, 1)
        let error = zip(found, expected).map { abs($0 - $1) }.max() ?? 0
        #expect(error <= tolerance * largest, comment, sourceLocation: location)
    }

    /// Fills feature maps by way of a convolution that copies its input, the only way in there is.
    static func fill<B: Backend>(
        _ values: [Float], _ shape: FeatureShape, images: Int, pooled: Bool = false, on backend: B
    ) throws -> B.FeatureMaps {
        let input = try backend.makeInput(shape, padding: 0, images: images)
        let activations = try backend.makeFeatureMaps(shape, pooled: pooled, images: images)
        let settings = FusedConvolutionSettings(
            ConvolutionSettings(source: .image, input: shape, outputChannels: shape.channels, kernel: 1),
            sumsRows: pooled)
        var identity = [Float](repeating: 0, count: shape.channels * shape.channels)
        for channel in 0..<shape.channels { identity[channel * shape.channels + channel] = 1 }
        let copy = try backend.makeConvolution(
            settings,
            ConvolutionWeights(weights: identity, bias: [Float](repeating: 0, count: shape.channels)), images: images)
        try values.withUnsafeBufferPointer { try backend.upload($0, count: images, to: input) }
        try backend.convolve(
            copy, input, to: activations, on: .all(count: images),
            decisions: backend.makeDecisions(gates: 0, images: images), gate: nil)
        return activations
    }

    /// Sums of the rows of NCHW values: [image][height][channels], padded as the device pads them.
    static func rowSums(_ values: [Float], _ shape: FeatureShape, images: Int) -> [Float] {
        var sums = [Float](repeating: 0, count: images * shape.height * shape.paddedChannels)
        for image in 0..<images {
            for channel in 0..<shape.channels {
                for row in 0..<shape.height {
                    let start = ((image * shape.channels + channel) * shape.height + row) * shape.width
                    sums[(image * shape.height + row) * shape.paddedChannels + channel] =
                        values[start..<start + shape.width].reduce(0, +)
                }
            }
        }
        return sums
    }

    // MARK: Convolution

    static let convolutions: [FusedConvolutionSettings] = [
        // Pictures.
        FusedConvolutionSettings(
            ConvolutionSettings(
                source: .image, input: FeatureShape(channels: 3, height: 32, width: 32), outputChannels: 16, kernel: 3,
                padding: 1),
            activation: .relu, sumsRows: true),
        FusedConvolutionSettings(
            ConvolutionSettings(
                source: .image, input: FeatureShape(channels: 3, height: 37, width: 41), outputChannels: 64, kernel: 7,
                stride: 2, padding: 3),
            activation: .relu),
        FusedConvolutionSettings(
            ConvolutionSettings(
                source: .image, input: FeatureShape(channels: 1, height: 5, width: 1), outputChannels: 3, kernel: 5,
                stride: 3, padding: 2)),
        // Feature maps.
        FusedConvolutionSettings(
            ConvolutionSettings(
                input: FeatureShape(channels: 16, height: 8, width: 8), outputChannels: 32, kernel: 3, stride: 2,
                padding: 1),
            activation: .relu),
        FusedConvolutionSettings(
            ConvolutionSettings(
                input: FeatureShape(channels: 33, height: 9, width: 13), outputChannels: 17, kernel: 3, padding: 1),
            activation: .relu, addsToOutput: true, sumsRows: true),
        FusedConvolutionSettings(
            ConvolutionSettings(input: FeatureShape(channels: 64, height: 7, width: 7), outputChannels: 128, kernel: 1),
            activation: .relu, addsToOutput: true, sumsRows: true),
        FusedConvolutionSettings(
            ConvolutionSettings(
                input: FeatureShape(channels: 20, height: 15, width: 31), outputChannels: 48, kernel: 1, stride: 2),
            activation: .reluWhereClosed, sumsRows: true),
        FusedConvolutionSettings(
            ConvolutionSettings(
                input: FeatureShape(channels: 7, height: 1, width: 1), outputChannels: 5, kernel: 3, padding: 1)),
        FusedConvolutionSettings(
            ConvolutionSettings(
                input: FeatureShape(channels: 16, height: 3, width: 57), outputChannels: 64, kernel: 3, padding: 1),
            activation: .relu, sumsRows: true),
    ]

    /// A convolution over a part of the batch, onto an output that holds something already.
    private static func convolve<B: Backend>(
        _ settings: FusedConvolutionSettings, images: Int, active: [Int32], on backend: B,
        making make: ((B, ConvolutionWeights) throws -> B.Convolution)? = nil
    ) throws -> (backend: B, output: B.FeatureMaps, values: [Float]) {
        let input: B.FeatureMaps
        let values = values(images * settings.convolution.input.count, seed: 1)
        switch settings.convolution.source {
        case .image:
            input = try backend.makeInput(
                settings.convolution.input, padding: settings.convolution.padding, images: images)
            try values.withUnsafeBufferPointer { try backend.upload($0, count: images, to: input) }
        case .features:
            input = try fill(values, settings.convolution.input, images: images, on: backend)
        }
        let output = try fill(
            Self.values(images * settings.convolution.output.count, seed: 2), settings.convolution.output,
            images: images, pooled: true,
            on: backend)
        let decisions = try backend.makeDecisions(gates: 1, images: images)
        try backend.begin(decisions, open: (0..<images).map { active.contains(Int32($0)) }, images: images)
        let weights = weights(settings, seed: 3)
        let convolution =
            try make?(backend, weights) ?? backend.makeConvolution(settings, weights, images: images)
        // A shortcut runs for everyone, and asks who is closed; a branch runs for the active images.
        let set =
            settings.activation == .reluWhereClosed
            ? ActiveSet.all(count: images) : try backend.makeActiveSet(active, slot: 0, decisions: decisions)
        try backend.convolve(convolution, input, to: output, on: set, decisions: decisions, gate: 0)
        return (backend, output, try backend.download(output, images: images))
    }

    @Test(arguments: convolutions, TestBackend.onOpenCL)
    func convolution(_ settings: FusedConvolutionSettings, _ backend: TestBackend) throws {
        for (images, active) in [(1, [0]), (5, [1, 2, 4])] as [(Int, [Int32])] {
            let expected = try Self.convolve(
                settings, images: images, active: active, on: ReferenceBackend())
            let found = try Self.convolve(
                settings, images: images, active: active, on: OpenCLBackend(backend.runtime))
            Self.expectClose(found.values, expected.values, "images \(images)")
            if settings.sumsRows {
                let rowSums = try #require(found.output.rowSums)
                Self.expectClose(
                    try found.backend.queue.read(from: rowSums, as: Float.self),
                    Self.rowSums(expected.values, settings.convolution.output, images: images),
                    "row sums, images \(images)")
            }
        }
    }

    @Test(arguments: [
        (1, 1, 1), (1, 3, 2), (1, 5, 1), (1, 7, 4), (1, 14, 2), (1, 28, 1), (2, 29, 1), (3, 7, 1), (4, 3, 2),
        (3, 10, 1),
    ])
    func everyTileGivesTheSameConvolution(_ tile: (rows: Int, pixels: Int, vectors: Int)) throws {
        let settings = FusedConvolutionSettings(
            ConvolutionSettings(
                input: FeatureShape(channels: 24, height: 7, width: 29), outputChannels: 64, kernel: 3, padding: 1),
            activation: .relu, sumsRows: true)
        let runtime = try TestBackend.openCL.runtime
        // Four vectors have to divide the output channels on any device.
        let traits = DeviceTraits(
            vectorWidth: 16, vectorRegisters: 32, hasFMA: runtime.traits.hasFMA, groupSize: 1, localMemory: 0)
        let descriptor = DirectConvolution(
            settings, traits, .init(rows: tile.rows, pixels: tile.pixels, vectors: tile.vectors))
        let backend = try OpenCLBackend(OpenCLRuntime(device: runtime.device, traits: traits, cache: nil))
        let images = 2
        let input = Self.values(images * settings.convolution.input.count, seed: 1)
        let output = try backend.makeFeatureMaps(settings.convolution.output, pooled: true, images: images)
        let decisions = try backend.makeDecisions(gates: 0, images: images)
        try backend.convolve(
            try backend.makeConvolution(descriptor, Self.weights(settings, seed: 3), images: images),
            Self.fill(input, settings.convolution.input, images: images, on: backend), to: output,
            on: .all(count: images),
            decisions: decisions, gate: nil)

        let reference = ReferenceBackend()
        let expected = try reference.makeFeatureMaps(settings.convolution.output, pooled: true, images: images)
        reference.convolve(
            reference.makeConvolution(settings, Self.weights(settings, seed: 3), images: images),
            try Self.fill(input, settings.convolution.input, images: images, on: reference), to: expected,
            on: .all(count: images),
            decisions: reference.makeDecisions(gates: 0, images: images), gate: nil)
        Self.expectClose(
            try backend.download(output, images: images), reference.download(expected, images: images))
    }

    static let winogradTiles: [WinogradConvolution.Tile] = [2, 4].flatMap { side in
        [
            // Tiles that end within a row, rows that can be summed, all of an image, and several images at once.
            .init(outputTile: side, itemTiles: 3, itemImages: 1, registerTiles: 3, vectors: 1, shares: 1),
            .init(outputTile: side, itemTiles: 4, itemImages: 1, registerTiles: 3, vectors: 2, shares: 2),
            .init(outputTile: side, itemTiles: 10, itemImages: 1, registerTiles: 7, vectors: 1, shares: 3),
            .init(outputTile: side, itemTiles: 1000, itemImages: 1, registerTiles: 2, vectors: 1, shares: 1),
        ]
    }

    /// Shapes with whole tiles, with ragged ones, and smaller than a tile.
    static let winogradShapes = [
        FeatureShape(channels: 16, height: 8, width: 16), FeatureShape(channels: 40, height: 7, width: 15),
        FeatureShape(channels: 5, height: 1, width: 3),
    ]

    @Test(arguments: winogradTiles, winogradShapes)
    func winogradGivesTheSameConvolution(_ tile: WinogradConvolution.Tile, _ shape: FeatureShape) throws {
        let runtime = try TestBackend.openCL.runtime
        for (width, images, active) in [(16, 1, [0]), (8, 5, [1, 2, 4])] as [(Int, Int, [Int32])] {
            var traits = runtime.traits
            traits.vectorWidth = width
            traits.groupSize = 1
            let settings = FusedConvolutionSettings(
                ConvolutionSettings(input: shape, outputChannels: 64, kernel: 3, padding: 1),
                activation: .relu, addsToOutput: true, sumsRows: true)
            var tile = tile
            let columns = (shape.width + tile.outputTile - 1) / tile.outputTile
            let count = (shape.height + tile.outputTile - 1) / tile.outputTile * columns
            if tile.itemTiles >= count {
                tile.itemTiles = count
                // Not all images are active, and three do not fill two items.
                tile.itemImages = 2
            }
            let descriptor = WinogradConvolution(settings, traits, tile)
            let backend = try OpenCLBackend(OpenCLRuntime(device: runtime.device, traits: traits, cache: nil))
            guard descriptor.scratchBytes <= runtime.device.localMemory else { continue }
            let found = try Self.convolve(settings, images: images, active: active, on: backend) {
                try $0.makeConvolution(descriptor, $1, images: images)
            }
            let expected = try Self.convolve(settings, images: images, active: active, on: ReferenceBackend())
            Self.expectClose(found.values, expected.values, "images \(images), vectors of \(width)")
            let rowSums = try #require(found.output.rowSums)
            Self.expectClose(
                try backend.queue.read(from: rowSums, as: Float.self),
                Self.rowSums(expected.values, settings.convolution.output, images: images), "row sums, images \(images)"
            )
        }
    }

    /// For simulators: ragged tiles, places without a tile, several images of which one is not active, and row sums.
    @Test(arguments: [2, 4])
    func smallWinograd(_ outputTile: Int) throws {
        let runtime = try TestBackend.openCL.runtime
        let traits = DeviceTraits(
            vectorWidth: 8, vectorRegisters: 16, hasFMA: false, groupSize: 1, localMemory: runtime.device.localMemory)
        let settings = FusedConvolutionSettings(
            ConvolutionSettings(
                input: FeatureShape(channels: 5, height: 3, width: 5), outputChannels: 17, kernel: 3, padding: 1),
            activation: .relu, addsToOutput: true, sumsRows: true)
        let descriptor = WinogradConvolution(
            settings, traits,
            .init(
                outputTile: outputTile, itemTiles: outputTile == 2 ? 6 : 2, itemImages: 2, registerTiles: 5, vectors: 1,
                shares: 2))
        try #require(descriptor.scratchBytes <= traits.localMemory)
        let backend = try OpenCLBackend(OpenCLRuntime(device: runtime.device, traits: traits, cache: nil))
        let found = try Self.convolve(settings, images: 3, active: [0, 2], on: backend) {
            try $0.makeConvolution(descriptor, $1, images: 3)
        }
        let expected = try Self.convolve(settings, images: 3, active: [0, 2], on: ReferenceBackend())
        Self.expectClose(found.values, expected.values)
        let rowSums = try #require(found.output.rowSums)
        Self.expectClose(
            try backend.queue.read(from: rowSums, as: Float.self),
            Self.rowSums(expected.values, settings.convolution.output, images: 3))
    }

    @Test func winogradIsNotChosenWhereItDoesNotFit() throws {
        let settings = FusedConvolutionSettings(
            ConvolutionSettings(
                input: FeatureShape(channels: 64, height: 56, width: 56), outputChannels: 64, kernel: 3, padding: 1))
        var traits = DeviceTraits(
            vectorWidth: 16, vectorRegisters: 32, hasFMA: true, groupSize: 1, localMemory: 1 << 20, computeUnits: 2)
        guard case .winograd(let tile) = ConvolutionAlgorithm.standard(settings, traits, images: 1) else {
            Issue.record("direct convolution was chosen")
            return
        }
        #expect(WinogradConvolution(settings, traits, tile).scratchBytes <= traits.localMemory)
        var strided = settings
        strided.convolution.stride = 2
        traits.localMemory = 0
        for (settings, traits) in [(settings, traits), (strided, traits)] {
            guard case .direct = ConvolutionAlgorithm.standard(settings, traits, images: 1) else {
                Issue.record("Winograd was chosen for \(settings)")
                continue
            }
        }
    }

    @Test func paddingBeyondTheHaloIsRefused() throws {
        let backend = try OpenCLBackend(TestBackend.openCL.runtime)
        let settings = FusedConvolutionSettings(
            ConvolutionSettings(
                input: FeatureShape(channels: 16, height: 8, width: 8), outputChannels: 16, kernel: 5, padding: 2))
        #expect(throws: BackendError.paddingTooWide(padding: 2, halo: 1)) {
            _ = try backend.makeConvolution(settings, Self.weights(settings, seed: 1), images: 1)
        }
    }

    // MARK: The other layers

    @Test(
        arguments: [
            FeatureShape(channels: 64, height: 12, width: 12), FeatureShape(channels: 19, height: 7, width: 10),
            FeatureShape(channels: 1, height: 1, width: 1),
        ], TestBackend.onOpenCL)
    func maxPooling(_ shape: FeatureShape, _ backend: TestBackend) throws {
        let settings = PoolingSettings(input: shape, kernel: 3, stride: 2, padding: 1, sumsRows: true)
        let images = 3
        // Pooling follows a ReLU.
        let values = Self.values(images * shape.count, seed: 4).map { max($0, 0) }
        func pool<B: Backend>(_ backend: B) throws -> (B.FeatureMaps, [Float]) {
            let input = try Self.fill(values, shape, images: images, on: backend)
            let output = try backend.makeFeatureMaps(settings.output, pooled: true, images: images)
            try backend.maxPool(settings, input, to: output, images: images)
            return (output, try backend.download(output, images: images))
        }
        let expected = try pool(ReferenceBackend()).1
        let device = try OpenCLBackend(backend.runtime)
        let (output, found) = try pool(device)
        #expect(found == expected)
        Self.expectClose(
            try device.queue.read(from: #require(output.rowSums), as: Float.self),
            Self.rowSums(expected, settings.output, images: images))
    }

    @Test(
        arguments: [
            (FeatureShape(channels: 16, height: 8, width: 8), FeatureShape(channels: 32, height: 4, width: 4)),
            (FeatureShape(channels: 5, height: 7, width: 9), FeatureShape(channels: 40, height: 4, width: 5)),
            (FeatureShape(channels: 6, height: 3, width: 3), FeatureShape(channels: 6, height: 2, width: 2)),
        ], TestBackend.onOpenCL)
    func zeroPaddedShortcut(_ shapes: (input: FeatureShape, output: FeatureShape), _ backend: TestBackend) throws {
        let settings = ZeroPaddedShortcutSettings(
            input: shapes.input, output: shapes.output, stride: 2, sumsRows: true)
        let images = 2
        let values = Self.values(images * shapes.input.count, seed: 5)
        func shortcut<B: Backend>(_ backend: B) throws -> (B.FeatureMaps, [Float]) {
            let input = try Self.fill(values, shapes.input, images: images, on: backend)
            let output = try backend.makeFeatureMaps(shapes.output, pooled: true, images: images)
            try backend.zeroPaddedShortcut(settings, input, to: output, images: images)
            return (output, try backend.download(output, images: images))
        }
        let expected = try shortcut(ReferenceBackend()).1
        let device = try OpenCLBackend(backend.runtime)
        let (output, found) = try shortcut(device)
        #expect(found == expected)
        Self.expectClose(
            try device.queue.read(from: #require(output.rowSums), as: Float.self),
            Self.rowSums(expected, shapes.output, images: images))
    }

    @Test(arguments: [true, false], TestBackend.onOpenCL)
    func batchNormalization(_ rectifies: Bool, _ backend: TestBackend) throws {
        let shape = FeatureShape(channels: 21, height: 5, width: 6)
        let settings = BatchNormalizationSettings(features: shape, rectifies: rectifies, sumsRows: true)
        let images = 3
        let (scale, shift) = (Self.values(shape.channels, seed: 6), Self.values(shape.channels, seed: 7))
        let values = Self.values(images * shape.count, seed: 8)
        func normalize<B: Backend>(_ backend: B, inPlace: Bool) throws -> (B.FeatureMaps, [Float]) {
            let input = try Self.fill(values, shape, images: images, pooled: true, on: backend)
            let output = inPlace ? input : try backend.makeFeatureMaps(shape, pooled: true, images: images)
            try backend.normalize(
                backend.makeBatchNormalization(settings, scale: scale, shift: shift), input, to: output, images: images)
            return (output, try backend.download(output, images: images))
        }
        let expected = try normalize(ReferenceBackend(), inPlace: false).1
        let device = try OpenCLBackend(backend.runtime)
        for inPlace in [false, true] {
            let (output, found) = try normalize(device, inPlace: inPlace)
            Self.expectClose(found, expected)
            Self.expectClose(
                try device.queue.read(from: #require(output.rowSums), as: Float.self),
                Self.rowSums(expected, shape, images: images))
        }
    }

    @Test(arguments: [(10, 1), (10, 7), (1000, 2), (1, 3)], TestBackend.onOpenCL)
    func classifier(_ extent: (classes: Int, images: Int), _ backend: TestBackend) throws {
        let shape = FeatureShape(channels: 50, height: 3, width: 5)
        let settings = ClassifierSettings(features: shape, classes: extent.classes)
        let values = Self.values(extent.images * shape.count, seed: 9)
        let layer = LinearWeights(
            weights: Self.values(extent.classes * shape.channels, seed: 10),
            bias: Self.values(extent.classes, seed: 11))
        func classify<B: Backend>(_ backend: B) throws -> [Float] {
            let features = try Self.fill(values, shape, images: extent.images, pooled: true, on: backend)
            let classifier = try backend.makeClassifier(settings, layer, images: extent.images)
            let decisions = try backend.makeDecisions(gates: 0, images: extent.images)
            try backend.classify(classifier, features: features, images: extent.images)
            return try backend.finish(classifier, decisions, images: extent.images).logits
        }
        Self.expectClose(try classify(OpenCLBackend(backend.runtime)), try classify(ReferenceBackend()))
    }

    // MARK: Gates

    @Test(arguments: [(16, 16), (50, 5), (64, 32)], TestBackend.onOpenCL)
    func gates(_ extent: (channels: Int, hidden: Int), _ backend: TestBackend) throws {
        let shape = FeatureShape(channels: extent.channels, height: 6, width: 3)
        let settings = GateSettings(features: shape, hidden: extent.hidden)
        let (images, chain, first) = (4, 3, 2)
        let values = Self.values(images * shape.count, seed: 12)
        let gates = (0..<chain).map { gate in
            let seed = UInt64(20 + 4 * gate)
            return GateWeights(
                fc1: Self.values(extent.hidden * extent.channels, seed: seed),
                fc1Bias: Self.values(extent.hidden, seed: seed + 1), fc2: Self.values(extent.hidden, seed: seed + 2),
                fc2Bias: 0)
        }
        func decide<B: Backend>(_ backend: B, from gate: Int) throws -> (InferenceResult, [GateProgress]) {
            let features = try Self.fill(values, shape, images: images, pooled: true, on: backend)
            let decisions = try backend.makeDecisions(gates: first + chain, images: images)
            let gateChain = try backend.makeGateChain(settings, firstGate: first, gates, images: images)
            // The first image opens its first gate, the last never opens one.
            let thresholds = (0..<first + chain).flatMap { _ in [-Float.infinity, 0, 0.01, .infinity] }
            try backend.begin(decisions, thresholds: thresholds, images: images)
            try backend.decide(
                gateChain, from: gate, features: features, decisions: decisions, on: .all(count: images))
            // Asking again changes nothing: who has got there already is left alone.
            try backend.decide(
                gateChain, from: gate, features: features, decisions: decisions, on: .all(count: images))
            let progress = try backend.readProgress(decisions, images: images)
            let classifier = try backend.makeClassifier(
                ClassifierSettings(features: shape, classes: 1),
                LinearWeights(weights: [Float](repeating: 0, count: extent.channels), bias: [0]), images: images)
            return (try backend.finish(classifier, decisions, images: images), progress)
        }
        for gate in [first, first + 1] {
            let expected = try decide(ReferenceBackend(), from: gate)
            let found = try decide(OpenCLBackend(backend.runtime), from: gate)
            #expect(found.1 == expected.1)
            #expect(found.1[0] == GateProgress(decided: gate + 1, isOpen: true))
            #expect(found.1[3] == GateProgress(decided: first + chain, isOpen: false))
            for (image, progress) in expected.1.enumerated() {
                for asked in gate..<progress.decided {
                    let entry = image * (first + chain) + asked
                    #expect(found.0.decisions[entry] == expected.0.decisions[entry])
                    #expect(abs(found.0.logOdds[entry] - expected.0.logOdds[entry]) < 1e-4)
                }
            }
        }
    }
}
