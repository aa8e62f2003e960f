extension ConvolutionDescriptor {
    /// Input channels times taps: the inner extent of the convolution as a product of matrices.
    var innerCount: Int { inputChannels * convolution.kernel * convolution.kernel }

    /// Values of ``packPanels(_:width:inner:into:)``.
    func panelCount(width: Int, inner: Int) -> Int { (outputChannels + width - 1) / width * width * inner }

    /// Weights as the right factor of a product of matrices, in panels of `width` output channels:
    /// [output / width][inner][width], left as it is where either is padding. `inner` runs in the order
    /// [input / block][kernel][kernel][block].
    ///
    /// - Parameters:
    ///   - weights: [output][input][kernel][kernel]
    ///   - inner: at least ``innerCount``.
    func packPanels(_ weights: [Float], width: Int, inner: Int, into packed: UnsafeMutableBufferPointer<Float>) {
        let (block, area) = (inputBlock, convolution.kernel * convolution.kernel)
        let (from, to) = (convolution.input.channels, convolution.outputChannels)
        weights.withUnsafeBufferPointer { weights in
            for output in 0..<to {
                let panel = output / width * inner * width + output % width
                for input in 0..<from {
                    let source = (output * from + input) * area
                    let target = panel + (input / block * area * block + input % block) * width
                    for tap in 0..<area { packed[target + tap * block * width] = weights[source + tap] }
                }
            }
        }
    }
}
