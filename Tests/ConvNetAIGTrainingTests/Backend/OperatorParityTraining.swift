import Testing

/// Every operator of the other backends against the reference, in all values.
@Suite struct OperatorParityTraining {
    @Test(arguments: ConvolutionCase.all, TestTrainingBackends.others)
    func convolution(_ example: ConvolutionCase, _ backend: TestTrainingBackend) throws {
        try example.expectReference(backend.make())
    }

    /// Drivers that end loops after 65,535 passes say nothing of it: no work-item may have that many pixels.
    @Test(arguments: TestTrainingBackends.withLanes)
    func weightGradientOfManyPixels(_ backend: TestTrainingBackend) throws {
        try ConvolutionCase(channels: (3, 5), kernel: 3, size: (200, 180), images: 5).expectReference(backend.make())
    }

    @Test(arguments: RectifiedCase.all, TestTrainingBackends.others)
    func normalizationAndReLU(_ example: RectifiedCase, _ backend: TestTrainingBackend) throws {
        try example.expectReference(backend.make())
    }

    @Test(arguments: BlockOutputCase.all, TestTrainingBackends.others)
    func blockOutputAndGate(_ example: BlockOutputCase, _ backend: TestTrainingBackend) throws {
        try example.expectReference(backend.make())
    }

    @Test(arguments: MaxPoolCase.all, TestTrainingBackends.others)
    func maxPooling(_ example: MaxPoolCase, _ backend: TestTrainingBackend) throws {
        try example.expectReference(backend.make())
    }

    @Test(arguments: ZeroPaddedCase.all, TestTrainingBackends.others)
    func zeroPaddedShortcut(_ example: ZeroPaddedCase, _ backend: TestTrainingBackend) throws {
        try example.expectReference(backend.make())
    }

    @Test(arguments: ClassifierCase.all, TestTrainingBackends.others)
    func classifier(_ example: ClassifierCase, _ backend: TestTrainingBackend) throws {
        try example.expectReference(backend.make())
    }

    @Test(arguments: UpdateCase.all, TestTrainingBackends.others)
    func update(_ example: UpdateCase, _ backend: TestTrainingBackend) throws {
        try example.expectReference(backend.make())
    }

    /// A step made again gives the same bits.
    @Test(arguments: BlockOutputCase.all, TestTrainingBackends.others)
    func repetition(_ example: BlockOutputCase, _ backend: TestTrainingBackend) throws {
        let (first, second) = (try example.run(backend.make()), try example.run(backend.make()))
        for name in first.keys.sorted() where first[name] != second[name] {
            Issue.record("\(name) differs when run again")
        }
    }
}
