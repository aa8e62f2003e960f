internal import CModels
import Foundation

/// A trained network that the library carries with it, so that an image can be classified at once.
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

    /// What is used where nothing else is asked for.
    public static let standard = EmbeddedModel.convNetAIGCIFAR20

    /// The name of the model's architecture.
    public var architectureName: String { rawValue }

    /// The weights.
    /// - Throws: ``SafetensorsError`` or ``WeightsError`` if the library was built with a damaged model.
    public func weights() throws -> Weights {
        let base64 =
            switch self {
            case .convNetAIGCIFAR20: convnet_aig_cifar_20_base64()
            case .resNetCIFAR20: resnet_cifar_20_base64()
            case .convNetAIGCIFAR38: convnet_aig_cifar_38_base64()
            case .resNetCIFAR38: resnet_cifar_38_base64()
            case .convNetAIGCIFAR56: convnet_aig_cifar_56_base64()
            case .resNetCIFAR56: resnet_cifar_56_base64()
            }
        let data = Data(base64Encoded: String(cString: base64)) ?? Data()
        return try Weights(file: SafetensorsFile(contents: [UInt8](data), name: "embedded model \(rawValue)"))
    }
}
