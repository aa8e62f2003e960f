import ConvNetAIG

/// A network that is made anew where images of another size come, with the whole state of the one before: parameters,
/// momentum, running statistics, and averages.
public final class ResizableNetwork: TrainableNetwork {
    /// Makes a network for the input of the weights' architecture, with these parameters.
    public typealias Make = (_ weights: Weights) throws -> any TrainableNetwork

    private enum Content {
        case network(any TrainableNetwork)
        /// Between two networks, so that only one takes memory.
        case state(TrainingState)
    }

    public let architecture: Architecture
    public let batch: Int
    private let make: Make
    /// Of the images that are taken now.
    public private(set) var input: FeatureShape
    private var content: Content

    /// - Parameters:
    ///   - weights: to start from; of the architecture that the network is used with.
    ///   - input: of the first images.
    ///   - batch: images of a step, at most.
    ///   - make: called for the first size, and for each that follows when the network before is gone.
    /// - Throws: what `make` throws; `ArchitectureError` if the network cannot take such images.
    public init(weights: Weights, input: FeatureShape, batch: Int, make: @escaping Make) throws {
        architecture = weights.architecture
        self.input = input
        self.batch = batch
        self.make = make
        content = .state(TrainingState(weights: try weights.tensors()))
        _ = try network()
    }

    /// The network of today, made if there is none: where making it failed, whoever goes on tries again.
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

    public var isResizable: Bool { true }

    public func resize(to input: FeatureShape) throws {
        if input != self.input {
            if case .network(let network) = content { content = .state(try network.state()) }
            self.input = input
        }
        _ = try network()
    }

    public func step(_ batch: Batch, _ settings: StepSettings) throws -> StepResult {
        try network().step(batch, settings)
    }

    public func state() throws -> TrainingState {
        switch content {
        case .network(let network): try network.state()
        case .state(let state): state
        }
    }

    public func restore(_ state: TrainingState) throws { try network().restore(state) }

    public func gradients() throws -> [String: Tensor] { try network().gradients() }
}
