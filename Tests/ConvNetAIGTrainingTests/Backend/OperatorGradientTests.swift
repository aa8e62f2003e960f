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
}
