import ConvNetAIG
import Operators

/// y[n, o, r, c] = sum over i, ky, kx of w[o, i, ky, kx] x[n, i, r stride + ky - padding, c stride + kx - padding], x being 0
/// outside. Both gradients are sums over the same triples of a weight, an input and an output.
extension ReferenceTrainingBackend {
    package func convolve(_ convolution: Convolution, _ input: FeatureMaps, to output: FeatureMaps) {
        let shape = convolution.settings.convolution
        let (x, y) = (input.values, output.values)
        withUnsafeTemporaryAllocation(of: Double.self, capacity: output.shape.pixels) { sums in
            for image in 0..<images {
                for outputChannel in 0..<shape.outputChannels {
                    sums.initialize(repeating: 0)
                    for inputChannel in 0..<shape.input.channels {
                        let inputStart = input.start(image: image, channel: inputChannel)
                        let weights = weights(convolution, outputChannel, inputChannel)
                        for tap in convolution.taps {
                            let weight = Double(weights[tap.index])
                            for row in tap.rows {
                                let outputRow = row * shape.output.width
                                let inputRow = inputStart + tap.pixel(row: row)
                                for column in tap.columns {
                                    sums[outputRow + column] += weight * Double(x[inputRow + column * shape.stride])
                                }
                            }
                        }
                    }
                    let start = output.start(image: image, channel: outputChannel)
                    for pixel in sums.indices { y[start + pixel] = Float(sums[pixel]) }
                }
            }
        }
    }

    package func backwardToWeights(_ convolution: Convolution, input: FeatureMaps, gradient: FeatureMaps) {
        let shape = convolution.settings.convolution
        let (x, g, gradients) = (input.values, gradient.values, self[.gradients])
        for outputChannel in 0..<shape.outputChannels {
            for inputChannel in 0..<shape.input.channels {
                let first = convolution.weightIndex(outputChannel, inputChannel)
                for tap in convolution.taps {
                    var sum = 0.0
                    for image in 0..<images {
                        let inputStart = input.start(image: image, channel: inputChannel)
                        let outputStart = gradient.start(image: image, channel: outputChannel)
                        for row in tap.rows {
                            let outputRow = outputStart + row * shape.output.width
                            let inputRow = inputStart + tap.pixel(row: row)
                            for column in tap.columns {
                                sum += Double(g[outputRow + column]) * Double(x[inputRow + column * shape.stride])
                            }
                        }
                    }
                    gradients[first + tap.index] = Float(sum)
                }
            }
        }
    }

    package func backwardToInput(
        _ convolution: Convolution, gradient: FeatureMaps, to result: FeatureMaps, adding: Bool
    ) {
        let shape = convolution.settings.convolution
        let (g, r) = (gradient.values, result.values)
        withUnsafeTemporaryAllocation(of: Double.self, capacity: result.shape.pixels) { sums in
            for image in 0..<images {
                for inputChannel in 0..<shape.input.channels {
                    sums.initialize(repeating: 0)
                    for outputChannel in 0..<shape.outputChannels {
                        let outputStart = gradient.start(image: image, channel: outputChannel)
                        let weights = weights(convolution, outputChannel, inputChannel)
                        for tap in convolution.taps {
                            let weight = Double(weights[tap.index])
                            for row in tap.rows {
                                let outputRow = outputStart + row * shape.output.width
                                let inputRow = tap.pixel(row: row)
                                for column in tap.columns {
                                    sums[inputRow + column * shape.stride] += weight * Double(g[outputRow + column])
                                }
                            }
                        }
                    }
                    let start = result.start(image: image, channel: inputChannel)
                    for pixel in sums.indices {
                        r[start + pixel] = Float(sums[pixel] + (adding ? Double(r[start + pixel]) : 0))
                    }
                }
            }
        }
    }

    /// The window between two channels.
    private func weights(
        _ convolution: Convolution, _ outputChannel: Int, _ inputChannel: Int
    ) -> UnsafeMutableBufferPointer<Float> {
        let first = convolution.weightIndex(outputChannel, inputChannel)
        return UnsafeMutableBufferPointer(rebasing: self[.parameters][first..<first + convolution.taps.count])
    }
}
