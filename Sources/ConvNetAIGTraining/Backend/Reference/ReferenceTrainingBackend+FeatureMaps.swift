import ConvNetAIG
import Operators

extension ReferenceTrainingBackend {
    package func maxPool(_ settings: PoolingSettings, _ input: FeatureMaps, to output: FeatureMaps, pooled: Vectors?) {
        let (x, y) = (input.values, output.values)
        forEachWindow(settings, input, output) { pixel, largest in y[pixel] = x[largest] }
        if let pooled { pool(output, to: pooled) }
    }

    package func backwardThroughMaxPool(
        _ settings: PoolingSettings, input: FeatureMaps, output: FeatureMaps, gradient: FeatureMaps,
        pooledGradient: Vectors?, to result: FeatureMaps
    ) {
        let (g, r) = (gradient.values, result.values)
        let pixels = settings.output.pixels
        let channels = settings.output.channels
        // Windows overlap: a pixel may be the maximum of several.
        var sums = [Double](repeating: 0, count: images * settings.input.count)
        forEachWindow(settings, input, output) { pixel, largest in
            let (image, channel) = (pixel / pixels / channels, pixel / pixels % channels)
            sums[largest] += Double(g[pixel]) + share(pooledGradient, settings.output, image: image, channel: channel)
        }
        for (pixel, sum) in sums.enumerated() { r[pixel] = Float(sum) }
    }

    /// Calls `body` with each pixel of the output, and the first pixel of the input that has its window's maximum. A NaN
    /// counts as larger than anything, as in PyTorch.
    private func forEachWindow(
        _ settings: PoolingSettings, _ input: FeatureMaps, _ output: FeatureMaps,
        _ body: (_ pixel: Int, _ largest: Int) -> Void
    ) {
        let (from, to) = (settings.input, settings.output)
        let x = input.values
        for image in 0..<images {
            for channel in 0..<to.channels {
                let inputStart = input.start(image: image, channel: channel)
                let outputStart = output.start(image: image, channel: channel)
                for row in 0..<to.height {
                    for column in 0..<to.width {
                        var largest: Int?
                        for ky in 0..<settings.kernel {
                            for kx in 0..<settings.kernel {
                                let y = row * settings.stride + ky - settings.padding
                                let x0 = column * settings.stride + kx - settings.padding
                                guard 0 <= y, y < from.height, 0 <= x0, x0 < from.width else { continue }
                                let pixel = inputStart + y * from.width + x0
                                if let best = largest, !(x[pixel] > x[best] || x[pixel].isNaN) { continue }
                                largest = pixel
                            }
                        }
                        // Padding is less than a window, so that every window has a pixel.
                        if let largest { body(outputStart + row * to.width + column, largest) }
                    }
                }
            }
        }
    }

    package func zeroPaddedShortcut(
        _ settings: ZeroPaddedShortcutSettings, _ input: FeatureMaps, to output: FeatureMaps
    ) {
        let (x, y) = (input.values, output.values)
        for index in 0..<images * settings.output.count { y[index] = 0 }
        forEachCopy(settings, input, output) { from, to in y[to] = x[from] }
    }

    package func backwardThroughZeroPaddedShortcut(
        _ settings: ZeroPaddedShortcutSettings, gradient: FeatureMaps, to result: FeatureMaps
    ) {
        let (g, r) = (gradient.values, result.values)
        for index in 0..<images * settings.input.count { r[index] = 0 }
        forEachCopy(settings, result, gradient) { from, to in r[from] = g[to] }
    }

    /// Calls `body` with each pixel of the input that the output has, and where.
    private func forEachCopy(
        _ settings: ZeroPaddedShortcutSettings, _ input: FeatureMaps, _ output: FeatureMaps,
        _ body: (_ from: Int, _ to: Int) -> Void
    ) {
        let (from, to) = (settings.input, settings.output)
        for image in 0..<images {
            for channel in 0..<from.channels {
                let inputStart = input.start(image: image, channel: channel)
                let outputStart = output.start(image: image, channel: settings.firstChannel + channel)
                for row in 0..<to.height {
                    for column in 0..<to.width {
                        body(
                            inputStart + (row * from.width + column) * settings.stride,
                            outputStart + row * to.width + column)
                    }
                }
            }
        }
    }
}
