import OpenCL

extension OpenCLBackend {
    public final class Convolution {
        let descriptor: ConvolutionKernel
        let kernel: BoundKernel
        let weights: Buffer
        let bias: Buffer
        /// Where the kernel cannot sum its rows itself.
        let summing: RowSumming?

        init(descriptor: ConvolutionKernel, kernel: BoundKernel, weights: Buffer, bias: Buffer, summing: RowSumming?) {
            self.descriptor = descriptor
            self.kernel = kernel
            self.weights = weights
            self.bias = bias
            self.summing = summing
        }
    }

    public func makeConvolution(_ problem: ConvolutionProblem, _ weights: ConvolutionWeights) throws -> Convolution {
        try makeConvolution(ConvolutionKernel(problem, traits), weights)
    }

    func makeConvolution(_ descriptor: ConvolutionKernel, _ weights: ConvolutionWeights) throws -> Convolution {
        guard descriptor.problem.padding <= descriptor.inputHalo else {
            throw BackendError.paddingTooWide(padding: descriptor.problem.padding, halo: descriptor.inputHalo)
        }
        let convolution = Convolution(
            descriptor: descriptor,
            kernel: BoundKernel(try runtime.programs.kernel("convolution", descriptor.program)),
            weights: try constant(descriptor.packed(weights.weights)),
            bias: try constant(descriptor.packed(bias: weights.bias)),
            summing: descriptor.problem.sumsRows && !descriptor.sumsRows
                ? try rowSumming(descriptor.problem.output) : nil)
        try convolution.kernel.bind(1, convolution.weights)
        try convolution.kernel.bind(2, convolution.bias)
        try convolution.kernel.bind(9, Int32(descriptor.inputChannels / descriptor.inputBlock))
        try convolution.kernel.bind(10, Int32(descriptor.outputChannels / ChannelBlock.size))
        return convolution
    }

    public func convolve(
        _ convolution: Convolution, _ input: Activations, to output: Activations, on active: ActiveSet,
        decisions: Decisions, gate: Int?
    ) throws {
        let descriptor = convolution.descriptor
        let kernel = convolution.kernel
        let images = try activeImages(active, decisions)
        try kernel.bind(0, input.values)
        try kernel.bind(3, output.values)
        try kernel.bind(4, rowSums(output, needed: descriptor.problem.sumsRows))
        try kernel.bind(5, images.buffer)
        try kernel.bind(6, images.offset)
        try kernel.bind(7, decisions.open)
        try kernel.bind(8, Int32((gate ?? 0) * decisions.capacity))
        try queue.enqueue(
            kernel.kernel, global: descriptor.global(images: active.launchedCount), local: descriptor.local)
        if let summing = convolution.summing {
            try enqueue(summing, output, images, count: active.launchedCount)
        }
    }

    // MARK: Row sums by themselves

    struct RowSumming {
        let kernel: BoundKernel
        let shape: FeatureShape
    }

    func rowSummingProgram(_ shape: FeatureShape) -> ProgramDescriptor {
        program(PoolingProblem(input: shape, kernel: 1, stride: 1, padding: 0, sumsRows: true))
    }

    func rowSumming(_ shape: FeatureShape) throws -> RowSumming {
        RowSumming(
            kernel: BoundKernel(try runtime.programs.kernel("sum_rows", rowSummingProgram(shape))), shape: shape)
    }

    func enqueue(_ summing: RowSumming, _ output: Activations, _ images: ActiveImages, count: Int) throws {
        try summing.kernel.bind(0, output.values)
        try summing.kernel.bind(1, rowSums(output, needed: true))
        try summing.kernel.bind(2, images.buffer)
        try summing.kernel.bind(3, images.offset)
        try enqueueIndependent(
            summing.kernel.kernel,
            global: NDRange(summing.shape.height, summing.shape.paddedChannels / traits.vectorWidth, count))
    }
}
