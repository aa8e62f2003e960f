/// A convolution's weights and bias, batch norm folded in.
public struct ConvolutionWeights: Sendable {
    /// [output channels][input channels][kernel][kernel]
    public var weights: [Float]
    /// [output channels]
    public var bias: [Float]

    public init(weights: [Float], bias: [Float]) {
        self.weights = weights
        self.bias = bias
    }
}

/// A gate's weights, batch norm folded in and both output units taken together.
public struct GateWeights: Sendable {
    /// [hidden][channels]
    public var fc1: [Float]
    /// [hidden]
    public var fc1Bias: [Float]
    /// The weights of "execute" minus those of "skip": [hidden]. Only their difference decides.
    public var fc2: [Float]
    public var fc2Bias: Float

    public init(fc1: [Float], fc1Bias: [Float], fc2: [Float], fc2Bias: Float) {
        self.fc1 = fc1
        self.fc1Bias = fc1Bias
        self.fc2 = fc2
        self.fc2Bias = fc2Bias
    }
}

/// A linear layer's weights.
public struct LinearWeights: Sendable {
    /// [classes][channels]
    public var weights: [Float]
    /// [classes]
    public var bias: [Float]

    public init(weights: [Float], bias: [Float]) {
        self.weights = weights
        self.bias = bias
    }
}
