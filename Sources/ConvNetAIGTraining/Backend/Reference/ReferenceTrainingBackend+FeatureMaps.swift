import ConvNetAIG

extension ReferenceTrainingBackend {
    public func maxPool(_ problem: PoolingProblem, _ input: Maps, to output: Maps, pooled: Vectors?) {
        let (x, y) = (input.values, output.values)
        forEachWindow(problem, input, output) { pixel, largest in y[pixel] = x[largest] }
        if let pooled { pool(output, to: pooled) }
    }

    public func backwardThroughMaxPool(
        _ problem: PoolingProblem, input: Maps, output: Maps, gradient: Maps, pooledGradient: Vectors?, to result: Maps
    ) {
        let (g, r) = (gradient.values, result.values)
        let pixels = problem.output.pixels
        let channels = problem.output.channels
        // Windows overlap: a pixel may be the maximum of several.
        var sums = [Double](repeating: 0, count: images * problem.input.count)
        forEachWindow(problem, input, output) { pixel, largest in
            let (image, channel) = (pixel / pixels / channels, pixel / pixels % channels)
            sums[largest] += Double(g[pixel]) + share(pooledGradient, problem.output, image: image, channel: channel)
        }
        for (pixel, sum) in sums.enumerated() { r[pixel] = Float(sum) }
    }

    /// Calls `body` with each pixel of the output, and the first pixel of the input that has its window's maximum. A NaN
    /// counts as larger than anything, as in PyTorch.
    private func forEachWindow(
        _ problem: PoolingProblem, _ input: Maps, _ output: Maps, _ body: (_ pixel: Int, _ largest: Int) -> Void
    ) {
        let (from, to) = (problem.input, problem.output)
        let x = input.values
        for image in 0..<images {
            for channel in 0..<to.channels {
                let inputStart = input.start(image: image, channel: channel)
                let outputStart = output.start(image: image, channel: channel)
                for row in 0..<to.height {
                    for column in 0..<to.width {
                        var largest: Int?
                        for ky in 0..<problem.kernel {
                            for kx in 0..<problem.kernel {
                                let y = row * problem.stride + ky - problem.padding
                                let x0 = column * problem.stride + kx - problem.padding
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

    public func zeroPaddedShortcut(_ problem: ZeroPaddedShortcutProblem, _ input: Maps, to output: Maps) {
        let (x, y) = (input.values, output.values)
        for index in 0..<images * problem.output.count { y[index] = 0 }
        forEachCopy(problem, input, output) { from, to in y[to] = x[from] }
    }

    public func backwardThroughZeroPaddedShortcut(
        _ problem: ZeroPaddedShortcutProblem, gradient: Maps, to result: Maps
    ) {
        let (g, r) = (gradient.values, result.values)
        for index in 0..<images * problem.input.count { r[index] = 0 }
        forEachCopy(problem, result, gradient) { from, to in r[from] = g[to] }
    }

    /// Calls `body` with each pixel of the input that the output has, and where.
    private func forEachCopy(
        _ problem: ZeroPaddedShortcutProblem, _ input: Maps, _ output: Maps, _ body: (_ from: Int, _ to: Int) -> Void
    ) {
        let (from, to) = (problem.input, problem.output)
        for image in 0..<images {
            for channel in 0..<from.channels {
                let inputStart = input.start(image: image, channel: channel)
                let outputStart = output.start(image: image, channel: problem.firstChannel + channel)
                for row in 0..<to.height {
                    for column in 0..<to.width {
                        body(
                            inputStart + (row * from.width + column) * problem.stride,
                            outputStart + row * to.width + column)
                    }
                }
            }
        }
    }
}
