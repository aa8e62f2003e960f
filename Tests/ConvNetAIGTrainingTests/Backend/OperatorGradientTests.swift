import ConvNetAIG
import ConvNetAIGTraining
import Testing

/// Every operator in Double, and every gradient by central differences of that, at sizes that are no multiple of anything.
@Suite struct OperatorGradientTests {
    @Test(arguments: ConvolutionCase.all, TestTrainingBackends.all)
    func convolution(_ example: ConvolutionCase, _ backend: TestTrainingBackend) throws {
        try example.expectDoubles(backend.make())
    }

    @Test(arguments: RectifiedCase.all, TestTrainingBackends.all)
    func normalizationAndReLU(_ example: RectifiedCase, _ backend: TestTrainingBackend) throws {
        try example.expectDoubles(backend.make())
    }

    @Test(arguments: BlockOutputCase.all, TestTrainingBackends.all)
    func blockOutputAndGate(_ example: BlockOutputCase, _ backend: TestTrainingBackend) throws {
        try example.expectDoubles(backend.make())
    }

    @Test(arguments: MaxPoolCase.all, TestTrainingBackends.all)
    func maxPooling(_ example: MaxPoolCase, _ backend: TestTrainingBackend) throws {
        try example.expectDoubles(backend.make())
    }

    @Test(arguments: ZeroPaddedCase.all, TestTrainingBackends.all)
    func zeroPaddedShortcut(_ example: ZeroPaddedCase, _ backend: TestTrainingBackend) throws {
        try example.expectDoubles(backend.make())
    }

    @Test(arguments: ClassifierCase.all, TestTrainingBackends.all)
    func classifier(_ example: ClassifierCase, _ backend: TestTrainingBackend) throws {
        try example.expectDoubles(backend.make())
    }

    @Test(arguments: UpdateCase.all, TestTrainingBackends.all)
    func update(_ example: UpdateCase, _ backend: TestTrainingBackend) throws {
        try example.expectDoubles(backend.make())
    }

    /// Equal pixels, which central differences cannot tell apart: behind a ReLU most of all zeros.
    @Test(arguments: TestTrainingBackends.all)
    func theFirstOfEqualPixelsHasTheGradient(_ backend: TestTrainingBackend) throws {
        func check<B: TrainingBackend>(_ backend: B) throws {
            let settings = PoolingSettings(
                input: FeatureShape(channels: 1, height: 3, width: 5), kernel: 3, stride: 2, padding: 1,
                sumsRows: false)
            let bench = try OperatorBench(backend, capacity: 1)
            let input = try bench.source(settings.input)
            let gradient = try bench.source(settings.output)
            let output = try backend.makeFeatureMaps(settings.output, images: 1)
            let result = try backend.makeFeatureMaps(settings.input, images: 1)
            let found = try bench.run(images: 1) { _, _ in
                try bench.fill(
                    input,
                    [
                        0, 0, 2, 2, 0,
                        0, 0, 0, 2, 0,
                        0, 0, 0, 0, 0,
                    ])
                try backend.maxPool(settings, input.maps, to: output, pooled: nil)
                try bench.fill(gradient, [1, 2, 3, 4, 5, 6])
                try backend.backwardThroughMaxPool(
                    settings, input: input.maps, output: output, gradient: gradient.maps, pooledGradient: nil,
                    to: result)
                return try backend.download(result)
            }
            // Windows begin at rows -1 and 1, and columns -1, 1 and 3.
            #expect(
                found == [
                    1, 0, 2, 3, 0,
                    4, 0, 0, 11, 0,
                    0, 0, 0, 0, 0,
                ])
        }
        try check(backend.make())
    }
}
