import ConvNetAIG
import Kernels
import OpenCL

extension OpenCLTrainingBackend {
    public func maxPool(_ problem: PoolingProblem, _ input: Maps, to output: Maps, pooled: Vectors?) throws {
        let shape = problem.output
        let program = ProgramDescriptor(
            .pooling, traits,
            [
                "CHANNELS": shape.paddedChannels, "INPUT_HEIGHT": problem.input.height,
                "INPUT_WIDTH": problem.input.width, "INPUT_HALO": ChannelBlock.halo, "OUTPUT_HEIGHT": shape.height,
                "OUTPUT_WIDTH": shape.width, "OUTPUT_HALO": ChannelBlock.halo, "KERNEL": problem.kernel,
                "STRIDE": problem.stride, "PADDING": problem.padding, "ROW_SUMS": pooled == nil ? 0 : 1,
            ])
        if pooled != nil {
            try grow(&partialSums, to: shape.height * shape.paddedChannels * capacity, images: capacity)
        }
        let vectors = shape.paddedChannels / traits.vectorWidth
        try launch(
            kernel("max_pool", program), NDRange(shape.height, vectors, images), .buffer(input.values),
            .buffer(output.values), .buffer(pooled == nil ? unused : partialSums))
        if let pooled {
            try launch(
                kernel("mean_of_rows", backwardProgram(problem, isPooled: true)), NDRange(vectors, images),
                .buffer(partialSums), .buffer(pooled.values))
        }
    }

    public func backwardThroughMaxPool(
        _ problem: PoolingProblem, input: Maps, output: Maps, gradient: Maps, pooledGradient: Vectors?,
        to result: Maps
    ) throws {
        try launch(
            kernel("backward_max_pool", backwardProgram(problem, isPooled: pooledGradient != nil)),
            NDRange(problem.input.height, problem.input.paddedChannels / traits.vectorWidth, images),
            .buffer(input.values), .buffer(output.values), .buffer(gradient.values),
            .buffer(pooledGradient?.values ?? unused), .buffer(result.values))
    }

    private func backwardProgram(_ problem: PoolingProblem, isPooled: Bool) -> ProgramDescriptor {
        ProgramDescriptor(
            .trainingPooling, traits,
            [
                "CHANNELS": problem.input.paddedChannels, "INPUT_HEIGHT": problem.input.height,
                "INPUT_WIDTH": problem.input.width, "OUTPUT_HEIGHT": problem.output.height,
                "OUTPUT_WIDTH": problem.output.width, "KERNEL": problem.kernel, "STRIDE": problem.stride,
                "PADDING": problem.padding, "POOLED": isPooled ? 1 : 0, "FIRST_CHANNEL": -1,
            ])
    }

    public func zeroPaddedShortcut(
        _ problem: ZeroPaddedShortcutProblem, _ input: Maps, to output: Maps
    ) throws {
        let (from, to) = (problem.input, problem.output)
        let program = ProgramDescriptor(
            .shortcut, traits,
            [
                "INPUT_CHANNELS": from.paddedChannels, "OUTPUT_CHANNELS": to.paddedChannels,
                "FIRST_CHANNEL": problem.firstChannel, "USED_CHANNELS": from.channels, "INPUT_HEIGHT": from.height,
                "INPUT_WIDTH": from.width, "INPUT_HALO": ChannelBlock.halo, "OUTPUT_HEIGHT": to.height,
                "OUTPUT_WIDTH": to.width, "OUTPUT_HALO": ChannelBlock.halo, "STRIDE": problem.stride, "ROW_SUMS": 0,
            ])
        try launch(
            kernel("zero_padded_shortcut", program),
            NDRange(to.height, to.paddedChannels / ChannelBlock.size, images), .buffer(input.values),
            .buffer(output.values), .buffer(unused))
    }

    public func backwardThroughZeroPaddedShortcut(
        _ problem: ZeroPaddedShortcutProblem, gradient: Maps, to result: Maps
    ) throws {
        let (from, to) = (problem.input, problem.output)
        let program = ProgramDescriptor(
            .trainingPooling, traits,
            [
                "CHANNELS": from.paddedChannels, "INPUT_HEIGHT": from.height, "INPUT_WIDTH": from.width,
                "OUTPUT_HEIGHT": to.height, "OUTPUT_WIDTH": to.width, "KERNEL": 1, "STRIDE": problem.stride,
                "PADDING": 0, "POOLED": 0, "OUTPUT_CHANNELS": to.paddedChannels,
                "FIRST_CHANNEL": problem.firstChannel, "USED_CHANNELS": from.channels,
            ])
        try launch(
            kernel("backward_zero_padded_shortcut", program),
            NDRange(from.height, from.paddedChannels / ChannelBlock.size, images), .buffer(gradient.values),
            .buffer(result.values))
    }
}
