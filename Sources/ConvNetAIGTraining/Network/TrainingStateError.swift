import ConvNetAIG

/// Why a training state does not belong to a network.
public enum TrainingStateError: Error, Sendable, Hashable, CustomStringConvertible {
    case missing(name: String)
    case wrongShape(name: String, expected: [Int], found: [Int])
    /// The network was not made for images of another size.
    case fixedSize(found: FeatureShape, expected: FeatureShape)

    public var description: String {
        switch self {
        case .missing(let name):
            "the training state has no tensor \(name); it is another architecture's, or incomplete"
        case .wrongShape(let name, let expected, let found):
            "the training state's tensor \(name) has shape \(found), but the network's has \(expected)"
        case .fixedSize(let found, let expected):
            "the network takes pictures of \(expected.width) x \(expected.height) only, and not of \(found.width) x "
                + "\(found.height); make it a ResizableNetwork"
        }
    }
}
