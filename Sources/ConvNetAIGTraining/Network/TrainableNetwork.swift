import ConvNetAIG

/// A network that learns: what a ``Trainer`` drives. Used by one task at a time.
public protocol TrainableNetwork: AnyObject {
    /// With the input that the network is used with; see ``resize(to:)``.
    var architecture: Architecture { get }
    /// Images of a step, at most.
    var batch: Int { get }

    /// Forward pass, loss, backward pass and update of the parameters, for `1...batch` images.
    ///
    /// A step whose gradients are not finite changes no parameter; its result says so by `loss` or `gradientNorm`.
    /// - Throws: what the device reports.
    func step(_ batch: Batch, _ settings: StepSettings) throws -> StepResult

    /// Everything that later steps depend on, copied from the device.
    func state() throws -> TrainingState

    /// Puts the network back to where `state` was taken.
    /// - Throws: ``TrainingStateError`` if the state is another network's; nothing is changed then.
    func restore(_ state: TrainingState) throws

    /// Whether the network can take images of another size than its architecture's.
    var isResizable: Bool { get }

    /// Takes images of another size from now on; all of the state stays as it is.
    ///
    /// - Parameter input: of the architecture's channels.
    /// - Throws: ``TrainingStateError/fixedSize(found:expected:)`` if the network cannot; what the device reports.
    func resize(to input: FeatureShape) throws

    /// Gradients of the last step by parameter, before clipping: to find out where one is not finite.
    func gradients() throws -> [String: Tensor]
}

extension TrainableNetwork {
    public var isResizable: Bool { false }

    /// A network of one size.
    public func resize(to input: FeatureShape) throws {
        guard input == architecture.input else {
            throw TrainingStateError.fixedSize(found: input, expected: architecture.input)
        }
    }
}
