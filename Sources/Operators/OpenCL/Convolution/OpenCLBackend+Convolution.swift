import OpenCL

extension OpenCLBackend {
    package final class Convolution {
        let settings: FusedConvolutionSettings
        let operation: any ConvolutionOperation
        /// Where the operation cannot sum its rows itself.
        let summing: RowSumming?

        init(settings: FusedConvolutionSettings, operation: any ConvolutionOperation, summing: RowSumming?) {
            self.settings = settings
            self.operation = operation
            self.summing = summing
        }
    }

    package func makeConvolution(
        _ settings: FusedConvolutionSettings, _ weights: ConvolutionWeights, images: Int
    ) throws -> Convolution {
        try makeConvolution(
            algorithm(for: settings, images: images).descriptor(settings, traits), weights, images: images)
    }

    func makeConvolution(
        _ descriptor: any ConvolutionDescriptor, _ weights: ConvolutionWeights, images: Int
    ) throws -> Convolution {
        let settings = descriptor.settings
        guard settings.convolution.padding <= descriptor.inputHalo else {
            throw BackendError.paddingTooWide(padding: settings.convolution.padding, halo: descriptor.inputHalo)
        }
        guard traits.storage == .float || descriptor.supportsHalfStorage else {
            throw BackendError.halfPrecisionUnsupported(device: deviceName)
        }
        return Convolution(
            settings: settings, operation: try descriptor.makeOperation(weights, images: images, on: self),
            summing: settings.sumsRows && !descriptor.sumsRows ? try rowSumming(settings.convolution.output) : nil)
    }

    package func convolve(
        _ convolution: Convolution, _ input: FeatureMaps, to output: FeatureMaps, on active: ActiveSet,
        decisions: Decisions, gate: Int?
    ) throws {
        let images = try activeImages(active, decisions)
        try convolution.operation.enqueue(
            ConvolutionLaunch(
                input: input, output: output, active: images, images: active.launchedCount, decisions: decisions,
                gate: gate), on: self)
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
        program(PoolingSettings(input: shape, kernel: 1, stride: 1, padding: 0, sumsRows: true))
    }

    func rowSumming(_ shape: FeatureShape) throws -> RowSumming {
        RowSumming(
            kernel: BoundKernel(try runtime.programs.kernel("sum_rows", rowSummingProgram(shape))), shape: shape)
    }

    func enqueue(_ summing: RowSumming, _ output: FeatureMaps, _ images: ActiveImages, count: Int) throws {
        try summing.kernel.bind(0, output.values)
        try summing.kernel.bind(1, rowSums(output, needed: true))
        try summing.kernel.bind(2, images.buffer)
        try summing.kernel.bind(3, images.offset)
        try enqueueIndependent(
            summing.kernel.kernel,
            global: NDRange(summing.shape.height, summing.shape.paddedChannels / traits.vectorWidth, count))
    }
}
