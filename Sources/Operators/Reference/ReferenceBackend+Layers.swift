extension ReferenceBackend {
    package func convolve(
        _ convolution: Convolution, _ input: FeatureMaps, to output: FeatureMaps, on active: ActiveSet,
        decisions: Decisions, gate: Int?
    ) {
        let settings = convolution.settings
        for image in images(active, decisions: decisions) {
            let rectify =
                switch settings.activation {
                case .none: false
                case .relu: true
                case .reluWhereClosed: gate.map { !decisions.open[$0 * decisions.capacity + image] } ?? false
                }
            Self.convolve(
                settings, convolution.weights, input.values, output: &output.values, image: image, rectify: rectify)
        }
    }

    private static func convolve(
        _ settings: FusedConvolutionSettings, _ layer: ConvolutionWeights, _ input: [Float], output: inout [Float],
        image: Int, rectify: Bool
    ) {
        let layout = settings.convolution
        let (from, to, kernel) = (layout.input, layout.output, layout.kernel)
        for outputChannel in 0..<to.channels {
            for row in 0..<to.height {
                for column in 0..<to.width {
                    var sum = layer.bias[outputChannel]
                    for inputChannel in 0..<from.channels {
                        for ky in 0..<kernel {
                            let y = row * layout.stride + ky - layout.padding
                            guard 0 <= y, y < from.height else { continue }
                            let inputRow = ((image * from.channels + inputChannel) * from.height + y) * from.width
                            let weightRow = ((outputChannel * from.channels + inputChannel) * kernel + ky) * kernel
                            for kx in 0..<kernel {
                                let x = column * layout.stride + kx - layout.padding
                                guard 0 <= x, x < from.width else { continue }
                                sum += input[inputRow + x] * layer.weights[weightRow + kx]
                            }
                        }
                    }
                    let index = ((image * to.channels + outputChannel) * to.height + row) * to.width + column
                    if settings.addsToOutput { sum += output[index] }
                    output[index] = rectify ? max(sum, 0) : sum
                }
            }
        }
    }

    package func maxPool(
        _ settings: PoolingSettings, _ input: FeatureMaps, to output: FeatureMaps, images: Int
    ) {
        let (from, to) = (settings.input, settings.output)
        launches += 1
        for image in 0..<images {
            for channel in 0..<to.channels {
                for row in 0..<to.height {
                    for column in 0..<to.width {
                        var largest = -Float.infinity
                        for ky in 0..<settings.kernel {
                            for kx in 0..<settings.kernel {
                                let y = row * settings.stride + ky - settings.padding
                                let x = column * settings.stride + kx - settings.padding
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

    package func zeroPaddedShortcut(
        _ settings: ZeroPaddedShortcutSettings, _ input: FeatureMaps, to output: FeatureMaps, images: Int
    ) {
        let (from, to) = (settings.input, settings.output)
        launches += 1
        for image in 0..<images {
            for channel in 0..<to.channels {
                let source = channel - settings.firstChannel
                for row in 0..<to.height {
                    for column in 0..<to.width {
                        let index = ((image * to.channels + channel) * to.height + row) * to.width + column
                        guard 0 <= source, source < from.channels else {
                            output.values[index] = 0
                            continue
                        }
                        let inputRow = (image * from.channels + source) * from.height + row * settings.stride
                        output.values[index] = input.values[inputRow * from.width + column * settings.stride]
                    }
                }
            }
        }
    }

    package func normalize(
        _ normalization: BatchNormalization, _ input: FeatureMaps, to output: FeatureMaps, images: Int
    ) {
        let shape = normalization.settings.features
        launches += 1
        for image in 0..<images {
            for channel in 0..<shape.channels {
                let start = (image * shape.channels + channel) * shape.pixels
                for pixel in start..<start + shape.pixels {
                    let value = input.values[pixel] * normalization.scale[channel] + normalization.shift[channel]
                    output.values[pixel] = normalization.settings.rectifies ? max(value, 0) : value
                }
            }
        }
    }

    /// Global average pooling: the mean of each channel.
    static func pooled(_ activations: FeatureMaps, image: Int) -> [Float] {
        let shape = activations.shape
        return (0..<shape.channels).map { channel in
            let start = (image * shape.channels + channel) * shape.pixels
            var sum: Float = 0
            for pixel in start..<start + shape.pixels { sum += activations.values[pixel] }
            return sum / Float(shape.pixels)
        }
    }

    package func classify(_ classifier: Classifier, features: FeatureMaps, images count: Int) {
        let settings = classifier.settings
        classifier.logits.removeAll(keepingCapacity: true)
        launches += 1
        for image in 0..<count {
            let means = Self.pooled(features, image: image)
            for row in 0..<settings.classes {
                var sum = classifier.weights.bias[row]
                for channel in 0..<settings.features.channels {
                    sum += means[channel] * classifier.weights.weights[row * settings.features.channels + channel]
                }
                classifier.logits.append(sum)
            }
        }
    }
}
