/// Batch norm with running statistics is a scale and a shift per channel, which belong into the layer before it:
/// scale = gamma / sqrt(variance + epsilon), shift = beta - scale * mean (Ioffe & Szegedy 2015).
extension Weights {
    /// PyTorch's default, and the authors'.
    static var batchNormEpsilon: Float { 1e-5 }

    func scaleAndShift(_ norm: String) throws -> (scale: [Float], shift: [Float]) {
        let gamma = try floats("\(norm).weight")
        let beta = try floats("\(norm).bias")
        let mean = try floats("\(norm).running_mean")
        let variance = try floats("\(norm).running_var")
        let scale = gamma.indices.map { gamma[$0] / (variance[$0] + Self.batchNormEpsilon).squareRoot() }
        return (scale, scale.indices.map { beta[$0] - scale[$0] * mean[$0] })
    }

    /// A convolution without bias and the batch norm behind it, as one convolution with bias.
    func foldedConvolution(_ convolution: String, _ norm: String) throws -> ConvolutionWeights {
        let (scale, shift) = try scaleAndShift(norm)
        let folded = try withUnsafeFloats("\(convolution).weight") { weights in
            let perOutput = weights.count / scale.count
            return [Float](unsafeUninitializedCapacity: weights.count) { folded, count in
                for output in scale.indices {
                    let factor = scale[output]
                    for index in output * perOutput..<(output + 1) * perOutput {
                        folded.initializeElement(at: index, to: weights[index] * factor)
                    }
                }
                count = weights.count
            }
        }
        return ConvolutionWeights(weights: folded, bias: shift)
    }

    /// A block's gate: `fc1`, `fc1bn` and `fc2` in the authors' names.
    func foldedGate(_ block: String) throws -> GateWeights {
        let (scale, shift) = try scaleAndShift("\(block).fc1bn")
        let fc1 = try floats("\(block).fc1.weight")
        let fc1Bias = try floats("\(block).fc1.bias")
        let channels = fc1.count / scale.count
        let fc2 = try floats("\(block).fc2.weight")
        let fc2Bias = try floats("\(block).fc2.bias")
        let hidden = scale.count
        return GateWeights(
            fc1: fc1.indices.map { fc1[$0] * scale[$0 / channels] },
            fc1Bias: scale.indices.map { fc1Bias[$0] * scale[$0] + shift[$0] },
            fc2: (0..<hidden).map { fc2[hidden + $0] - fc2[$0] },
            fc2Bias: fc2Bias[1] - fc2Bias[0])
    }
}
