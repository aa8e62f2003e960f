import ConvNetAIG
import Foundation

/// The forward pass of training in Double, as the papers say it and sharing nothing with the backends: what backward passes
/// are differentiated from. Feature maps are images x channels x height x width.
enum DoubleOperators {
    static func convolution(_ x: [Double], _ weights: [Double], _ shape: ConvolutionSettings, images: Int) -> [Double] {
        let window = shape.input.channels * shape.kernel * shape.kernel
        let output = shape.output
        var result: [Double] = []
        result.reserveCapacity(images * output.count)
        for image in 0..<images {
            for outputChannel in 0..<output.channels {
                for row in 0..<output.height {
                    for column in 0..<output.width {
                        var sum = 0.0
                        for index in 0..<window {
                            let channel = index / (shape.kernel * shape.kernel)
                            let y = row * shape.stride + index / shape.kernel % shape.kernel - shape.padding
                            let z = column * shape.stride + index % shape.kernel - shape.padding
                            guard y >= 0, y < shape.input.height, z >= 0, z < shape.input.width else { continue }
                            let plane = (image * shape.input.channels + channel) * shape.input.height
                            sum += weights[outputChannel * window + index] * x[(plane + y) * shape.input.width + z]
                        }
                        result.append(sum)
                    }
                }
            }
        }
        return result
    }

    /// Mean and biased variance of each channel.
    static func statistics(_ y: [Double], channels: Int, pixels: Int) -> [(mean: Double, variance: Double)] {
        (0..<channels).map { channel in
            var values: [Double] = []
            for start in stride(from: channel * pixels, to: y.count, by: channels * pixels) {
                values += y[start..<start + pixels]
            }
            let mean = values.reduce(0, +) / Double(values.count)
            return (mean, values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count))
        }
    }

    static func normalization(
        _ y: [Double], gamma: [Double], beta: [Double], channels: Int, pixels: Int
    ) -> [Double] {
        let statistics = statistics(y, channels: channels, pixels: pixels)
        let deviations = statistics.map { ($0.variance + Double(Float(1e-5))).squareRoot() }
        return y.indices.map { index in
            let channel = index / pixels % channels
            return gamma[channel] * (y[index] - statistics[channel].mean) / deviations[channel] + beta[channel]
        }
    }

    static func relu(_ x: [Double]) -> [Double] { x.map { $0 > 0 ? $0 : 0 } }

    /// Mean of each run of `pixels` values.
    static func pooled(_ x: [Double], pixels: Int) -> [Double] {
        stride(from: 0, to: x.count, by: pixels).map { x[$0..<$0 + pixels].reduce(0, +) / Double(pixels) }
    }

    /// z branch + shortcut
    static func gated(_ z: [Double], _ branch: [Double], _ shortcut: [Double]?) -> [Double] {
        let count = branch.count / z.count
        return branch.indices.map { z[$0 / count] * branch[$0] + (shortcut?[$0] ?? 0) }
    }

    /// Whether rounding, in floats or by central differences, leaves all of these on their side of 0, where a ReLU has two
    /// derivatives.
    static func isSmooth(_ beforeReLU: [Double]) -> Bool { beforeReLU.allSatisfy { abs($0) > 3e-6 } }

    static func maxPool(_ x: [Double], _ settings: PoolingSettings, images: Int) -> [Double] {
        let (from, to) = (settings.input, settings.output)
        func window(_ start: Int, _ extent: Int) -> Range<Int> {
            max(
                start * settings.stride - settings.padding, 0)..<min(
                    start * settings.stride - settings.padding + settings.kernel,
                    extent)
        }
        return (0..<images * to.count).map { index in
            let plane = index / to.pixels * from.pixels
            var largest = -Double.infinity
            for y in window(index / to.width % to.height, from.height) {
                for z in window(index % to.width, from.width) {
                    largest = max(largest, x[plane + y * from.width + z])
                }
            }
            return largest
        }
    }

    /// He et al. 2016, option A.
    static func zeroPadded(
        _ x: [Double], input: FeatureShape, output: FeatureShape, stride: Int, images: Int
    ) -> [Double] {
        (0..<images * output.count).map { index in
            let channel = index / output.pixels % output.channels - (output.channels - input.channels) / 2
            guard (0..<input.channels).contains(channel) else { return 0 }
            let plane = (index / output.count * input.channels + channel) * input.height
            let row = index / output.width % output.height * stride
            return x[(plane + row) * input.width + index % output.width * stride]
        }
    }

    /// weights [outputs][inputs], x [image][inputs], bias [outputs]
    static func linear(_ x: [Double], _ weights: [Double], _ bias: [Double]) -> [Double] {
        let (inputs, outputs) = (weights.count / bias.count, bias.count)
        return (0..<x.count / inputs * outputs).map { index in
            let (image, output) = (index / outputs, index % outputs)
            return zip(x[image * inputs..<(image + 1) * inputs], weights[output * inputs..<(output + 1) * inputs])
                .reduce(bias[output]) { $0 + $1.0 * $1.1 }
        }
    }

    static func softmax(_ logits: ArraySlice<Double>) -> [Double] {
        let exponentials = logits.map(exp)
        return exponentials.map { $0 / exponentials.reduce(0, +) }
    }

    /// Loss of each image.
    static func crossEntropy(_ logits: [Double], labels: [Int32], smoothing: Double) -> [Double] {
        let classes = logits.count / labels.count
        return labels.enumerated().map { image, label in
            let logs = softmax(logits[image * classes..<(image + 1) * classes]).map { log($0) }
            return -(1 - smoothing) * logs[Int(label)] - smoothing * logs.reduce(0, +) / Double(classes)
        }
    }

    /// KL(softmax(teacher / T) || softmax(logits / T)) of each image.
    static func divergence(_ logits: [Double], from teacher: [Double], temperature: Double, images: Int) -> [Double] {
        let classes = logits.count / images
        return (0..<images).map { image in
            let range = image * classes..<(image + 1) * classes
            let q = softmax(teacher.map { $0 / temperature }[range])
            let p = softmax(logits.map { $0 / temperature }[range])
            return zip(q, p).reduce(0) { $0 + $1.0 * (log($1.0) - log($1.1)) }
        }
    }

    /// Central differences of `loss` by some of the values.
    static func derivatives(
        by values: [Double], at indices: [Int]? = nil, step: Double = 1e-6, _ loss: ([Double]) -> Double
    ) -> [Int: Double] {
        var derivatives: [Int: Double] = [:]
        var moved = values
        for index in indices ?? TestValues.sample(values.count) {
            moved[index] = values[index] + step
            let above = loss(moved)
            moved[index] = values[index] - step
            derivatives[index] = (above - loss(moved)) / (2 * step)
            moved[index] = values[index]
        }
        return derivatives
    }

    static func dot(_ a: [Double], _ b: [Double]) -> Double { zip(a, b).reduce(0) { $0 + $1.0 * $1.1 } }
}
