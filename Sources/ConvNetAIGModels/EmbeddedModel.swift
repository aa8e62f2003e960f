internal import CModels
public import ConvNetAIG

/// A trained network that comes with the package, so that an image can be classified at once.
///
///     let session = try Session(weights: EmbeddedModel.standard.weights(), backend: .openCL())
public enum EmbeddedModel: String, Sendable, Hashable, CaseIterable {
    /// ConvNet-AIG of depth 20, trained on CIFAR-10.
    case convNetAIGCIFAR20 = "convnet-aig-cifar-20"
    /// ResNet of depth 20, trained on CIFAR-10 by the same recipe.
    case resNetCIFAR20 = "resnet-cifar-20"
    /// ConvNet-AIG of depth 38, trained on CIFAR-10.
    case convNetAIGCIFAR38 = "convnet-aig-cifar-38"
    /// ResNet of depth 38, trained on CIFAR-10 by the same recipe.
    case resNetCIFAR38 = "resnet-cifar-38"
    /// ConvNet-AIG of depth 56, trained on CIFAR-10.
    case convNetAIGCIFAR56 = "convnet-aig-cifar-56"
    /// ResNet of depth 56, trained on CIFAR-10 by the same recipe.
    case resNetCIFAR56 = "resnet-cifar-56"

    /// The model to use where no other is asked for.
    public static let standard = EmbeddedModel.convNetAIGCIFAR20

    /// The trained model of an architecture, or nil if none of that name comes with the package.
    public init?(architecture: Architecture) { self.init(rawValue: architecture.name) }

    /// The name of the model's architecture, as `Architecture(named:)` takes it.
    public var architectureName: String { rawValue }

    /// The weights, which stay in the program's read-only memory: nothing is copied.
    ///
    /// - Throws: `SafetensorsError` or `WeightsError` if the package was built with a damaged model.
    public func weights() throws -> Weights {
        let model =
            switch self {
            case .convNetAIGCIFAR20: convnet_aig_cifar_20()
            case .resNetCIFAR20: resnet_cifar_20()
            case .convNetAIGCIFAR38: convnet_aig_cifar_38()
            case .resNetCIFAR38: resnet_cifar_38()
            case .convNetAIGCIFAR56: convnet_aig_cifar_56()
            case .resNetCIFAR56: resnet_cifar_56()
            }
        let bytes = UnsafeRawBufferPointer(start: model.bytes, count: model.count)
        return try Weights(file: SafetensorsFile(bytesNoCopy: bytes, name: "embedded model \(rawValue)"))
    }
}
