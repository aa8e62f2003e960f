/// A convolution, y[o, r, c] = sum over i, ky, kx of w[o, i, ky, kx] x[i, r stride + ky - padding, c stride + kx - padding],
/// and both of its gradients, which are sums over the same triples of a weight, an input and an output.
///
/// Inference sums in Float, as kernels do, and training in Double: it is what kernels are held against.
struct ReferenceConvolution {
    let settings: ConvolutionSettings
    private let output: FeatureShape
    private let taps: [Tap]

    init(_ settings: ConvolutionSettings) {
        self.settings = settings
        output = settings.output
        taps = (0..<settings.kernel).flatMap { ky in
            (0..<settings.kernel).map { kx in Tap(settings, ky: ky, kx: kx) }
        }
    }

    /// A place in the window, and the output pixels for which it lies within the image.
    private struct Tap {
        let rows: Range<Int>
        let columns: Range<Int>
        private let firstPixel: Int
        private let rowPixels: Int

        init(_ settings: ConvolutionSettings, ky: Int, kx: Int) {
            let (input, output) = (settings.input, settings.output)
            let (firstRow, firstColumn) = (ky - settings.padding, kx - settings.padding)
            rows = Self.inside(output.height, input.height, first: firstRow, stride: settings.stride)
            columns = Self.inside(output.width, input.width, first: firstColumn, stride: settings.stride)
            firstPixel = firstRow * input.width + firstColumn
            rowPixels = settings.stride * input.width
        }

        /// The outputs that read first + output x stride within 0..<inputs.
        private static func inside(_ outputs: Int, _ inputs: Int, first: Int, stride: Int) -> Range<Int> {
            let inside = (0..<outputs).filter { (0..<inputs).contains(first + $0 * stride) }
            guard let first = inside.first else { return 0..<0 }
            return first..<first + inside.count
        }

        /// The pixel of the input that output pixel (row, 0) reads here, which is beyond the border if 0 is not one of
        /// `columns`. Further columns are `stride` pixels apart.
        func pixel(row: Int) -> Int { firstPixel + row * rowPixels }
    }

    /// Of the first weight between two channels.
    private func weight(_ outputChannel: Int, _ inputChannel: Int) -> Int {
        (outputChannel * settings.input.channels + inputChannel) * taps.count
    }

    // MARK: Forward

    /// Adds up an output channel of an image.
    ///
    /// - Parameters:
    ///   - weights: w
    ///   - input: x
    ///   - sums: a bias for each pixel of y, to which is added.
    func add(
        _ weights: UnsafeBufferPointer<Float>, _ input: ReferenceFeatureMaps, image: Int, outputChannel: Int,
        to sums: UnsafeMutableBufferPointer<Float>
    ) {
        let x = input.values
        for inputChannel in 0..<settings.input.channels {
            let inputStart = input.start(image: image, channel: inputChannel)
            let first = weight(outputChannel, inputChannel)
            for (index, tap) in taps.enumerated() {
                let weight = weights[first + index]
                for row in tap.rows {
                    let outputRow = row * output.width
                    let inputRow = inputStart + tap.pixel(row: row)
                    for column in tap.columns {
                        sums[outputRow + column] += x[inputRow + column * settings.stride] * weight
                    }
                }
            }
        }
    }

    /// y
    func forward(
        _ weights: UnsafeBufferPointer<Float>, _ input: ReferenceFeatureMaps, to result: ReferenceFeatureMaps,
        images: Int
    ) {
        let (x, y) = (input.values, result.values)
        withUnsafeTemporaryAllocation(of: Double.self, capacity: output.pixels) { sums in
            for image in 0..<images {
                for outputChannel in 0..<output.channels {
                    sums.initialize(repeating: 0)
                    for inputChannel in 0..<settings.input.channels {
                        let inputStart = input.start(image: image, channel: inputChannel)
                        let first = weight(outputChannel, inputChannel)
                        for (index, tap) in taps.enumerated() {
                            let weight = Double(weights[first + index])
                            for row in tap.rows {
                                let outputRow = row * output.width
                                let inputRow = inputStart + tap.pixel(row: row)
                                for column in tap.columns {
                                    sums[outputRow + column] +=
                                        weight * Double(x[inputRow + column * settings.stride])
                                }
                            }
                        }
                    }
                    let start = result.start(image: image, channel: outputChannel)
                    for pixel in sums.indices { y[start + pixel] = Float(sums[pixel]) }
                }
            }
        }
    }

    // MARK: Gradients

    /// g(x), or what it is to be added to.
    /// - Parameter gradient: g(y)
    func inputGradient(
        _ weights: UnsafeBufferPointer<Float>, _ gradient: ReferenceFeatureMaps, to result: ReferenceFeatureMaps,
        adding: Bool, images: Int
    ) {
        let (g, r) = (gradient.values, result.values)
        withUnsafeTemporaryAllocation(of: Double.self, capacity: settings.input.pixels) { sums in
            for image in 0..<images {
                for inputChannel in 0..<settings.input.channels {
                    sums.initialize(repeating: 0)
                    for outputChannel in 0..<output.channels {
                        let outputStart = gradient.start(image: image, channel: outputChannel)
                        let first = weight(outputChannel, inputChannel)
                        for (index, tap) in taps.enumerated() {
                            let weight = Double(weights[first + index])
                            for row in tap.rows {
                                let outputRow = outputStart + row * output.width
                                let inputRow = tap.pixel(row: row)
                                for column in tap.columns {
                                    sums[inputRow + column * settings.stride] +=
                                        weight * Double(g[outputRow + column])
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

    /// g(w)
    /// - Parameters:
    ///   - input: x
    ///   - gradient: g(y)
    func weightGradient(
        _ input: ReferenceFeatureMaps, _ gradient: ReferenceFeatureMaps, to result: UnsafeMutableBufferPointer<Float>,
        images: Int
    ) {
        let (x, g) = (input.values, gradient.values)
        for outputChannel in 0..<output.channels {
            for inputChannel in 0..<settings.input.channels {
                let first = weight(outputChannel, inputChannel)
                for (index, tap) in taps.enumerated() {
                    var sum = 0.0
                    for image in 0..<images {
                        let inputStart = input.start(image: image, channel: inputChannel)
                        let outputStart = gradient.start(image: image, channel: outputChannel)
                        for row in tap.rows {
                            let outputRow = outputStart + row * output.width
                            let inputRow = inputStart + tap.pixel(row: row)
                            for column in tap.columns {
                                sum += Double(g[outputRow + column]) * Double(x[inputRow + column * settings.stride])
                            }
                        }
                    }
                    result[first + index] = Float(sum)
                }
            }
        }
    }
}
