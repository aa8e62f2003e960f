extension ReferenceBackend {
    public func convolve(
        _ convolution: Convolution, _ input: Activations, to output: Activations, on active: ActiveSet,
        decisions: Decisions, gate: Int?
    ) {
        let problem = convolution.problem
        for image in images(active, decisions: decisions) {
            let rectify =
                switch problem.activation {
                case .none: false
                case .relu: true
                case .reluWhereClosed: gate.map { !decisions.open[$0 * decisions.capacity + image] } ?? false
                }
            Self.convolve(
                problem, convolution.weights, input.values, output: &output.values, image: image, rectify: rectify)
        }
    }

    private static func convolve(
        _ problem: ConvolutionProblem, _ layer: ConvolutionWeights, _ input: [Float], output: inout [Float],
        image: Int, rectify: Bool
    ) {
        let (from, to, kernel) = (problem.input, problem.output, problem.kernel)
        for outputChannel in 0..<to.channels {
            for row in 0..<to.height {
                for column in 0..<to.width {
                    var sum = layer.bias[outputChannel]
                    for inputChannel in 0..<from.channels {
                        for ky in 0..<kernel {
                            let y = row * problem.stride + ky - problem.padding
                            guard 0 <= y, y < from.height else { continue }
                            let inputRow = ((image * from.channels + inputChannel) * from.height + y) * from.width
                            let weightRow = ((outputChannel * from.channels + inputChannel) * kernel + ky) * kernel
                            for kx in 0..<kernel {
                                let x = column * problem.stride + kx - problem.padding
                                guard 0 <= x, x < from.width else { continue }
                                sum += input[inputRow + x] * layer.weights[weightRow + kx]
                            }
                        }
                    }
                    let index = ((image * to.channels + outputChannel) * to.height + row) * to.width + column
                    if problem.addsToOutput { sum += output[index] }
                    output[index] = rectify ? max(sum, 0) : sum
                }
            }
        }
    }

    public func maxPool(
        _ problem: PoolingProblem, _ input: Activations, to output: Activations, images: Int
    ) {
        let (from, to) = (problem.input, problem.output)
        launches += 1
        for image in 0..<images {
            for channel in 0..<to.channels {
                for row in 0..<to.height {
                    for column in 0..<to.width {
                        var largest = -Float.infinity
                        for ky in 0..<problem.kernel {
                            for kx in 0..<problem.kernel {
                                let y = row * problem.stride + ky - problem.padding
                                let x = column * problem.stride + kx - problem.padding
                                guard 0 <= y, y < from.height, 0 <= x, x < from.width else { continue }
                                let index = ((image * from.channels + channel) * from.height + y) * from.width + x
                                largest = max(largest, input.values[index])
                            }
                        }
                        output.values[((image * to.channels + channel) * to.height + row) * to.width + column] =
                            largest
                    }
                }
            }
        }
    }

    public func zeroPaddedShortcut(
        _ problem: ZeroPaddedShortcutProblem, _ input: Activations, to output: Activations, images: Int
    ) {
        let (from, to) = (problem.input, problem.output)
        launches += 1
        for image in 0..<images {
            for channel in 0..<to.channels {
                let source = channel - problem.firstChannel
                for row in 0..<to.height {
                    for column in 0..<to.width {
                        let index = ((image * to.channels + channel) * to.height + row) * to.width + column
                        guard 0 <= source, source < from.channels else {
                            output.values[index] = 0
                            continue
                        }
                        let inputRow = (image * from.channels + source) * from.height + row * problem.stride
                        output.values[index] = input.values[inputRow * from.width + column * problem.stride]
                    }
                }
            }
        }
    }

    public func normalize(
        _ normalization: BatchNormalization, _ input: Activations, to output: Activations, images: Int
    ) {
        let shape = normalization.problem.features
        launches += 1
        for image in 0..<images {
            for channel in 0..<shape.channels {
                let start = (image * shape.channels + channel) * shape.pixels
                for pixel in start..<start + shape.pixels {
                    let value = input.values[pixel] * normalization.scale[channel] + normalization.shift[channel]
                    output.values[pixel] = normalization.problem.rectifies ? max(value, 0) : value
                }
            }
        }
    }

    /// Global average pooling: the mean of each channel.
    static func pooled(_ activations: Activations, image: Int) -> [Float] {
        let shape = activations.shape
        return (0..<shape.channels).map { channel in
            let start = (image * shape.channels + channel) * shape.pixels
            var sum: Float = 0
            for pixel in start..<start + shape.pixels { sum += activations.values[pixel] }
            return sum / Float(shape.pixels)
        }
    }

    public func classify(_ classifier: Classifier, features: Activations, images count: Int) {
        let problem = classifier.problem
        classifier.logits.removeAll(keepingCapacity: true)
        launches += 1
        for image in 0..<count {
            let means = Self.pooled(features, image: image)
            for row in 0..<problem.classes {
                var sum = classifier.weights.bias[row]
                for channel in 0..<problem.features.channels {
                    sum += means[channel] * classifier.weights.weights[row * problem.features.channels + channel]
                }
                classifier.logits.append(sum)
            }
        }
    }
}
