import Kernels
import OpenCL

extension OpenCLBackend {
    func program(_ problem: PoolingProblem) -> ProgramDescriptor {
        ProgramDescriptor(
            .pooling, traits,
            [
                "CHANNELS": problem.input.paddedChannels, "INPUT_HEIGHT": problem.input.height,
                "INPUT_WIDTH": problem.input.width, "INPUT_HALO": ChannelBlock.halo,
                "OUTPUT_HEIGHT": problem.output.height, "OUTPUT_WIDTH": problem.output.width,
                "OUTPUT_HALO": ChannelBlock.halo, "KERNEL": problem.kernel, "STRIDE": problem.stride,
                "PADDING": problem.padding, "ROW_SUMS": problem.sumsRows ? 1 : 0,
            ])
    }

    public func maxPool(
        _ problem: PoolingProblem, _ input: Activations, to output: Activations, images: Int
    ) throws {
        let kernel = try kernel("max_pool", for: .pooling(problem), program(problem))
        try kernel.bind(0, input.values)
        try kernel.bind(1, output.values)
        try kernel.bind(2, rowSums(output, needed: problem.sumsRows))
        try enqueueIndependent(
            kernel.kernel,
            global: NDRange(
                problem.output.height, problem.output.paddedChannels / traits.vectorWidth, images))
    }

    func program(_ problem: ZeroPaddedShortcutProblem) -> ProgramDescriptor {
        ProgramDescriptor(
            .shortcut, traits,
            [
                "INPUT_CHANNELS": problem.input.paddedChannels, "USED_CHANNELS": problem.input.channels,
                "OUTPUT_CHANNELS": problem.output.paddedChannels, "FIRST_CHANNEL": problem.firstChannel,
                "INPUT_HEIGHT": problem.input.height, "INPUT_WIDTH": problem.input.width,
                "INPUT_HALO": ChannelBlock.halo, "OUTPUT_HEIGHT": problem.output.height,
                "OUTPUT_WIDTH": problem.output.width, "OUTPUT_HALO": ChannelBlock.halo, "STRIDE": problem.stride,
                "ROW_SUMS": problem.sumsRows ? 1 : 0,
            ])
    }

    public func zeroPaddedShortcut(
        _ problem: ZeroPaddedShortcutProblem, _ input: Activations, to output: Activations, images: Int
    ) throws {
        let kernel = try kernel(
            "zero_padded_shortcut", for: .zeroPaddedShortcut(problem), program(problem))
        try kernel.bind(0, input.values)
        try kernel.bind(1, output.values)
        try kernel.bind(2, rowSums(output, needed: problem.sumsRows))
        try enqueueIndependent(
            kernel.kernel,
            global: NDRange(
                problem.output.height, problem.output.paddedChannels / ChannelBlock.size, images))
    }

    public final class BatchNormalization {
        let problem: BatchNormalizationProblem
        let kernel: BoundKernel
        let scale: Buffer
        let shift: Buffer

        init(problem: BatchNormalizationProblem, kernel: BoundKernel, scale: Buffer, shift: Buffer) {
            self.problem = problem
            self.kernel = kernel
            self.scale = scale
            self.shift = shift
        }
    }

    func program(_ problem: BatchNormalizationProblem) -> ProgramDescriptor {
        let shape = problem.features
        return ProgramDescriptor(
            .batchNormalization, traits,
            [
                "CHANNELS": shape.paddedChannels, "HEIGHT": shape.height, "WIDTH": shape.width,
                "HALO": ChannelBlock.halo, "RECTIFY": problem.rectifies ? 1 : 0, "ROW_SUMS": problem.sumsRows ? 1 : 0,
            ])
    }

    public func makeBatchNormalization(
        _ problem: BatchNormalizationProblem, scale: [Float], shift: [Float]
    ) throws -> BatchNormalization {
        let shape = problem.features
        let padding = [Float](repeating: 0, count: shape.paddedChannels - shape.channels)
        return BatchNormalization(
            problem: problem,
            kernel: BoundKernel(try runtime.programs.kernel("batch_normalization", program(problem))),
            scale: try constant(scale + padding), shift: try constant(shift + padding))
    }

    public func normalize(
        _ normalization: BatchNormalization, _ input: Activations, to output: Activations, images: Int
    ) throws {
        let shape = normalization.problem.features
        let kernel = normalization.kernel
        try kernel.bind(0, input.values)
        try kernel.bind(1, normalization.scale)
        try kernel.bind(2, normalization.shift)
        try kernel.bind(3, output.values)
        try kernel.bind(4, rowSums(output, needed: normalization.problem.sumsRows))
        try enqueueIndependent(
            kernel.kernel,
            global: NDRange(shape.height, shape.paddedChannels / traits.vectorWidth, images))
    }
}
