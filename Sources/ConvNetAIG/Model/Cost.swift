/// Parameters, and multiply-accumulates per image.
///
/// Counted as in the ResNet papers, where one multiply-accumulate is called one FLOP: convolutions and linear
/// layers count (the gates' too), batch norm, pooling, ReLU and additions do not. Parameters are weights and
/// biases, batch norm's included; running statistics are not parameters.
public struct Cost: Sendable, Hashable, Codable {
    public var parameters: Int
    /// Multiply-accumulates per image.
    public var macs: Int

    public init(parameters: Int = 0, macs: Int = 0) {
        self.parameters = parameters
        self.macs = macs
    }

    public static let zero = Cost()

    public static func + (first: Cost, second: Cost) -> Cost {
        Cost(parameters: first.parameters + second.parameters, macs: first.macs + second.macs)
    }

    public static func += (first: inout Cost, second: Cost) { first = first + second }

    /// A convolution without bias, and the batch norm after it.
    init(_ convolution: ConvolutionSettings) {
        self.init(
            parameters: convolution.weightCount + 2 * convolution.outputChannels, macs: convolution.macs)
    }

    /// A linear layer with bias.
    init(linear inputs: Int, _ outputs: Int) {
        self.init(parameters: (inputs + 1) * outputs, macs: inputs * outputs)
    }

    /// Two linear layers with bias, and the batch norm between them.
    init(_ gate: Gate) {
        self = Cost(linear: gate.inputChannels, gate.hidden) + Cost(linear: gate.hidden, 2)
        parameters += 2 * gate.hidden
    }
}
