import ConvNetAIG

/// A network that is made anew when images of another size come, with the whole state of the one before: parameters,
/// momentum, running statistics, and averages.
public final class ResizableNetwork: TrainableNetwork {
    /// Makes a network for the input of the weights' architecture, with these parameters.
    public typealias Make = (_ weights: Weights) throws -> any TrainableNetwork

    private enum Content {
        case network(any TrainableNetwork)
        /// Between two networks, so that only one takes memory.
        case state(TrainingState)
    }

    /// The architecture with the input that the network is used with.
    public let architecture: Architecture
    /// Number of images of a step at most.
    public let batch: Int
    private let make: Make
    /// Shape of the images that the network takes now.
    public private(set) var input: FeatureShape
    private var content: Content

    /// Makes the network for the first size.
    ///
    /// - Parameters:
    ///   - weights: The weights to start from, of the architecture that the network is used with.
    ///   - input: Shape of the first images.
    ///   - batch: Number of images of a step at most.
    ///   - make: Makes a network for a size. It is called again for each size that follows, after the network before is
    ///     gone.
    /// - Throws: `ArchitectureError` if the network cannot take such images, and what `make` throws.
    public init(weights: Weights, input: FeatureShape, batch: Int, make: @escaping Make) throws {
        architecture = weights.architecture
        self.input = input
        self.batch = batch
        self.make = make
        content = .state(TrainingState(weights: try weights.tensors()))
        _ = try network()
    }

    /// The network of the current size, made if there is none. After a failure, the next use tries again.
    private func network() throws -> any TrainableNetwork {
        switch content {
        case .network(let network):
            return network
        case .state(let state):
            let network = try make(
                Weights(architecture: architecture.with(input: input), tensors: state.weights))
            try network.restore(state)
            content = .network(network)
            return network
        }
    }

    /// True.
    public var isResizable: Bool { true }

    /// Makes the network for another size, unless it has that size already.
    ///
    /// - Throws: `ArchitectureError` if the network cannot take such images, and what making it throws.
    public func resize(to input: FeatureShape) throws {
        if input != self.input {
            if case .network(let network) = content { content = .state(try network.state()) }
            self.input = input
        }
        _ = try network()
    }

    /// Takes a step with images of the current size.
    public func step(_ batch: Batch, _ settings: StepSettings) throws -> StepResult {
        try network().step(batch, settings)
    }

    /// Everything that later steps depend on.
    public func state() throws -> TrainingState {
        switch content {
        case .network(let network): try network.state()
        case .state(let state): state
        }
    }

    /// Puts the network back to where `state` was taken, whatever size it had then.
    public func restore(_ state: TrainingState) throws { try network().restore(state) }

    /// Gradients of the last step by parameter, before clipping.
    public func gradients() throws -> [String: Tensor] { try network().gradients() }
}
