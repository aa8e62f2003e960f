/// A convolution's weights and bias, batch norm folded in.
package struct ConvolutionWeights: Sendable {
    /// [output channels][input channels][kernel][kernel]
    package var weights: [Float]
    /// [output channels]
    package var bias: [Float]

    package init(weights: [Float], bias: [Float]) {
        self.weights = weights
        self.bias = bias
    }
}

/// A gate's weights, batch norm folded in and both output units taken together.
package struct GateWeights: Sendable {
    /// [hidden][channels]
    package var fc1: [Float]
    /// [hidden]
    package var fc1Bias: [Float]
    /// The weights of "execute" minus those of "skip": [hidden]. Only their difference decides.
    package var fc2: [Float]
    package var fc2Bias: Float

    package init(fc1: [Float], fc1Bias: [Float], fc2: [Float], fc2Bias: Float) {
        self.fc1 = fc1
        self.fc1Bias = fc1Bias
        self.fc2 = fc2
        self.fc2Bias = fc2Bias
    }
}

/// A linear layer's weights.
package struct LinearWeights: Sendable {
    /// [classes][channels]
    package var weights: [Float]
    /// [classes]
    package var bias: [Float]

    package init(weights: [Float], bias: [Float]) {
        self.weights = weights
        self.bias = bias
    }
}
