import ConvNetAIG

/// A network that learns: what a ``Trainer`` drives. Used by one task at a time.
public protocol TrainableNetwork: AnyObject {
    /// The architecture with the input that the network is used with, see ``resize(to:)``.
    var architecture: Architecture { get }
    /// Number of images of a step at most.
    var batch: Int { get }

    /// Takes a step: forward pass, loss, backward pass and update of the parameters, for `1...batch` images.
    ///
    /// A step whose gradients are not finite changes no parameter; its result has a `loss` or `gradientNorm` that is not
    /// finite.
    ///
    /// - Throws: ``TrainingStepError`` if the batch does not fit the network, and what the device reports.
    func step(_ batch: Batch, _ settings: StepSettings) throws -> StepResult

    /// Everything that later steps depend on, copied from the device.
    ///
    /// - Throws: What the device reports.
    func state() throws -> TrainingState

    /// Puts the network back to where `state` was taken.
    ///
    /// - Throws: ``TrainingStateError`` if the state is another network's, in which case nothing is changed, and what the
    ///   device reports.
    func restore(_ state: TrainingState) throws

    /// Whether the network can take images of another size than its architecture's.
    var isResizable: Bool { get }

    /// Takes images of another size from now on; all of the state stays as it is.
    ///
    /// - Parameter input: The new shape, with the architecture's channels.
    /// - Throws: ``TrainingStateError/fixedSize(found:expected:)`` if the network cannot, and what the device reports.
    func resize(to input: FeatureShape) throws

    /// Gradients of the last step by parameter, before clipping, to find out where one is not finite.
    ///
    /// - Throws: What the device reports.
    func gradients() throws -> [String: Tensor]
}

extension TrainableNetwork {
    /// False: the network has one size.
    public var isResizable: Bool { false }

    /// Checks that the size is the network's own.
    ///
    /// - Throws: ``TrainingStateError/fixedSize(found:expected:)`` if it is not.
    public func resize(to input: FeatureShape) throws {
        guard input == architecture.input else {
            throw TrainingStateError.fixedSize(found: input, expected: architecture.input)
        }
    }
}

// MARK: State

/// Everything that a training step changes, by the authors' names of tensors (see `Weights.layout(of:)`).
public struct TrainingState: Sendable {
    /// Parameters and batch norm's running statistics.
    public var weights: [String: Tensor]
    /// Velocity of each parameter, the optimizer's memory.
    public var momentum: [String: Tensor]
    /// Moving average of each parameter; empty where none is kept.
    public var average: [String: Tensor]

    /// A state; without momentum and averages, that of a network whose training begins.
    public init(weights: [String: Tensor], momentum: [String: Tensor] = [:], average: [String: Tensor] = [:]) {
        self.weights = weights
        self.momentum = momentum
        self.average = average
    }
}

/// Why a training state does not belong to a network.
public enum TrainingStateError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The state lacks a tensor.
    case missing(name: String)
    /// A tensor has another shape than the network's.
    case wrongShape(name: String, expected: [Int], found: [Int])
    /// Images have another size than the one that the network was made for.
    case fixedSize(found: FeatureShape, expected: FeatureShape)

    /// The reason, and what to do.
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
