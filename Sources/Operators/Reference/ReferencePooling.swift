extension PoolingSettings {
    /// Calls `body` with each pixel of the output, and the first pixel of the input that has its window's maximum. A NaN
    /// counts as larger than anything, as in PyTorch.
    func forEachWindow(
        _ x: UnsafeMutableBufferPointer<Float>, images: Int, _ body: (_ pixel: Int, _ largest: Int) -> Void
    ) {
        let (from, to) = (input, output)
        for plane in 0..<images * to.channels {
            let (inputStart, outputStart) = (plane * from.pixels, plane * to.pixels)
            for row in 0..<to.height {
                for column in 0..<to.width {
                    var largest: Int?
                    for ky in 0..<kernel {
                        for kx in 0..<kernel {
                            let y = row * stride + ky - padding
                            let x0 = column * stride + kx - padding
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

    /// The maximum of each window.
    func forward(_ x: ReferenceFeatureMaps, to y: ReferenceFeatureMaps, images: Int) {
        forEachWindow(x.values, images: images) { pixel, largest in y.values[pixel] = x.values[largest] }
    }

    /// The gradient goes to the pixel that has the window's maximum. Windows overlap: a pixel may be that of several.
    /// - Parameter gradient: of a pixel of the output.
    func gradient(
        _ x: ReferenceFeatureMaps, to result: ReferenceFeatureMaps, images: Int, _ gradient: (_ pixel: Int) -> Double
    ) {
        var sums = [Double](repeating: 0, count: images * input.count)
        forEachWindow(x.values, images: images) { pixel, largest in sums[largest] += gradient(pixel) }
        for (pixel, sum) in sums.enumerated() { result.values[pixel] = Float(sum) }
    }
}

extension ZeroPaddedShortcutSettings {
    /// Calls `body` with each pixel of the input that the output has, and where.
    private func forEachCopy(images: Int, _ body: (_ from: Int, _ to: Int) -> Void) {
        for image in 0..<images {
            for channel in 0..<input.channels {
                let inputStart = (image * input.channels + channel) * input.pixels
                let outputStart = (image * output.channels + firstChannel + channel) * output.pixels
                for row in 0..<output.height {
                    for column in 0..<output.width {
                        body(
                            inputStart + (row * input.width + column) * stride,
                            outputStart + row * output.width + column)
                    }
                }
            }
        }
    }

    /// Every `stride`-th pixel of the input, and zeros elsewhere.
    func forward(_ x: ReferenceFeatureMaps, to y: ReferenceFeatureMaps, images: Int) {
        for index in 0..<images * output.count { y.values[index] = 0 }
        forEachCopy(images: images) { from, to in y.values[to] = x.values[from] }
    }

    /// The gradient of the pixels that the output has, and zeros elsewhere.
    func gradient(_ gradient: ReferenceFeatureMaps, to result: ReferenceFeatureMaps, images: Int) {
        for index in 0..<images * input.count { result.values[index] = 0 }
        forEachCopy(images: images) { from, to in result.values[from] = gradient.values[to] }
    }
}
