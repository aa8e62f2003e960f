import ArgumentParser
import ConvNetAIG
import ConvNetAIGModels
import ConvNetAIGStudies

/// The network to compare with.
struct AgainstOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Weights of the network to compare with, usually the ResNet that was trained by the same recipe. "
                + "(default: the embedded ResNet of the same depth, for an embedded model)", valueName: "file"),
        completion: .file(extensions: WeightsSource.fileExtensions))
    var against: String?

    /// - Parameters:
    ///   - weights: the adaptive network's.
    ///   - isEmbedded: whether these are an embedded model's.
    ///   - preprocessing: what is said of pictures, for both networks.
    func load(for weights: Weights, isEmbedded: Bool, _ preprocessing: PreprocessingOptions) throws -> ReportStudy
        .Model?
    {
        if let against {
            let other = try Weights(path: against)
            for note in other.notes { Console.warn("\(against): \(note)") }
            guard other.architecture.input == weights.architecture.input else {
                throw CommandFailure(
                    "\(against) takes pictures of \(other.architecture.input.width) x \(other.architecture.input.height), "
                        + "the network \(weights.architecture.input.width) x \(weights.architecture.input.height); "
                        + "compare it with one for the same pictures.")
            }
            return ReportStudy.Model(try preprocessing.applied(to: other))
        }
        guard isEmbedded else { return nil }
        let name = weights.architecture.name.replacing("convnet-aig-", with: "resnet-")
        guard name != weights.architecture.name, let model = EmbeddedModel(rawValue: name) else { return nil }
        return ReportStudy.Model(try preprocessing.applied(to: model.weights()))
    }
}
