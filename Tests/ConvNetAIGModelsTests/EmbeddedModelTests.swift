import ConvNetAIG
import ConvNetAIGModels
import Testing

@Suite struct EmbeddedModelTests {
    @Test(arguments: EmbeddedModel.allCases)
    func embeddedModelsAreWhatTheySay(_ model: EmbeddedModel) throws {
        let weights = try model.weights()
        #expect(weights.architecture.name == model.architectureName)
        #expect(weights.classNames?.count == 10)
        #expect(weights.normalization != nil)
        #expect(EmbeddedModel(architecture: weights.architecture) == model)
    }

    /// Values are where the program has them, whoever asks.
    @Test func weightsAreNotCopied() throws {
        func address(_ weights: Weights) throws -> UnsafePointer<Float>? {
            try weights.withUnsafeFloats("layer1.0.conv1.weight") { $0.baseAddress }
        }
        let first = try EmbeddedModel.standard.weights()
        let second = try EmbeddedModel.standard.weights()
        #expect(try address(first) == address(second))
    }

    @Test func otherArchitecturesHaveNoModel() throws {
        #expect(EmbeddedModel(architecture: try Architecture(named: "resnet-50")) == nil)
    }
}
