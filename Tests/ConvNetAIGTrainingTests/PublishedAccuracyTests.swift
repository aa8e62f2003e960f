import ConvNetAIG
import ConvNetAIGModels
import Foundation
import OpenCL
import TestSupport
import Testing

@testable import ConvNetAIGTraining

/// Material that is not part of the project: `AIG_DATA` names a folder with `data/cifar10-images.tar` (CIFAR-10 as
/// train/ and test/ folders of JPEGs) and `weights/resnet20-cifar10-torch.th` (a published CIFAR ResNet-20).
enum ExternalData {
    static let archive = file("data/cifar10-images.tar")
    static let checkpoint = file("weights/resnet20-cifar10-torch.th")

    static let missing =
        "AIG_DATA does not name a folder with data/cifar10-images.tar and weights/resnet20-cifar10-torch.th"

    private static func file(_ name: String) -> String? {
        guard let folder = ProcessInfo.processInfo.environment["AIG_DATA"], !folder.isEmpty else { return nil }
        let path = folder + "/" + name
        return FileManager.default.fileExists(atPath: path) ? path : nil
    }
}

@Suite struct PublishedAccuracyTests {
    /// 81.03 % is what PyTorch reaches with this checkpoint on the same JPEGs; its predictions are the fixture.
    @Test(
        .enabled(
            if: ExternalData.archive != nil && ExternalData.checkpoint != nil, "\(ExternalData.missing)"))
    func publishedResNet20() throws {
        let archive = try #require(ExternalData.archive)
        let folder = try TemporaryFolder()
        let said = folder.file("resnet20.safetensors")
        // The checkpoint does not say what its pictures were normalised with.
        try Weights(path: try #require(ExternalData.checkpoint)).write(
            to: said, metadata: ["mean": "0.485,0.456,0.406", "std": "0.229,0.224,0.225"])
        let weights = try Weights(path: said)
        #expect(weights.architecture.name == "resnet-cifar-20")
        #expect(weights.architecture.shortcut == .zeroPadded)
        let session = try Session(weights: weights, backend: .openCL(), batch: 64)
        let evaluation = try Evaluation(of: session, on: PictureSet(path: archive, split: "test"))
        #expect(evaluation.failures.isEmpty)
        #expect(evaluation.predictions.count == 10_000)
        #expect(abs(evaluation.top1 - 0.8103) < 0.0003, "\(evaluation.top1)")

        let expected = try String(
            contentsOfFile: Fixtures.path("resnet20-cifar10-predictions.txt"), encoding: .utf8
        ).compactMap(\.wholeNumberValue)
        let different = zip(evaluation.predictions, expected).count { $0 != $1 }
        #expect(different <= 2)
        print("published ResNet-20: top-1 \(evaluation.top1), \(different) predictions differ from PyTorch's")
    }

    /// The figures that are told of the shipped models.
    @Test(
        .enabled(if: ExternalData.archive != nil, "\(ExternalData.missing)"),
        arguments: [
            (EmbeddedModel.convNetAIGCIFAR20, 0.8899), (.resNetCIFAR20, 0.8992), (.convNetAIGCIFAR38, 0.9075),
            (.resNetCIFAR38, 0.9113), (.convNetAIGCIFAR56, 0.9110), (.resNetCIFAR56, 0.9101),
        ])
    func shippedModels(_ model: EmbeddedModel, _ top1: Double) throws {
        let session = try Session(weights: model.weights(), backend: .openCL(), batch: 64)
        let evaluation = try Evaluation(
            of: session, on: PictureSet(path: #require(ExternalData.archive), split: "test"))
        #expect(abs(evaluation.top1 - top1) < 0.0003, "\(evaluation.top1)")
        print("\(model.rawValue): top-1 \(evaluation.top1), mean MACs \(evaluation.meanMACs) of \(session.cost.macs)")
    }

    /// What pictures cost on average that the calibration has not seen, from the smallest budget that a network can keep.
    @Test(
        .enabled(if: ExternalData.archive != nil, "\(ExternalData.missing)"),
        arguments: [(EmbeddedModel.convNetAIGCIFAR20, 0.6), (.convNetAIGCIFAR38, 0.6), (.convNetAIGCIFAR56, 0.7)])
    func shippedBudgets(_ model: EmbeddedModel, _ least: Double) throws {
        let session = try Session(weights: model.weights(), backend: .openCL(), batch: 64)
        let set = try PictureSet(path: #require(ExternalData.archive), split: "test")
        for budget in [0.6, 0.7, 0.8, 0.9, 1] where budget >= least {
            let evaluation = try Evaluation(of: session, on: set, policy: .budget(macs: budget))
            let spent = evaluation.meanMACs / Double(session.cost.macs)
            #expect(abs(spent - budget) < 0.02, "\(spent) at a budget of \(budget)")
            print("\(model.rawValue) at a budget of \(budget): \(spent) of its MACs, top-1 \(evaluation.top1)")
        }
    }
}
