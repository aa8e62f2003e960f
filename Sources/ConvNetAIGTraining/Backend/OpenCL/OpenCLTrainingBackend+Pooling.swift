import ConvNetAIG
import Operators
import Kernels
import OpenCL

extension OpenCLTrainingBackend {
    package func maxPool(_ settings: PoolingSettings, _ input: FeatureMaps, to output: FeatureMaps, pooled: Vectors?)
        throws
    {
        let shape = settings.output
        let program = ProgramDescriptor(
            .pooling, traits,
            [
                "CHANNELS": shape.paddedChannels, "INPUT_HEIGHT": settings.input.height,
                "INPUT_WIDTH": settings.input.width, "INPUT_HALO": ChannelBlock.halo, "OUTPUT_HEIGHT": shape.height,
                "OUTPUT_WIDTH": shape.width, "OUTPUT_HALO": ChannelBlock.halo, "KERNEL": settings.kernel,
                "STRIDE": settings.stride, "PADDING": settings.padding, "ROW_SUMS": pooled == nil ? 0 : 1,
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
                kernel("mean_of_rows", backwardProgram(settings, isPooled: true)), NDRange(vectors, images),
                .buffer(partialSums), .buffer(pooled.values))
        }
    }

    package func backwardThroughMaxPool(
        _ settings: PoolingSettings, input: FeatureMaps, output: FeatureMaps, gradient: FeatureMaps,
        pooledGradient: Vectors?,
        to result: FeatureMaps
    ) throws {
        try launch(
            kernel("backward_max_pool", backwardProgram(settings, isPooled: pooledGradient != nil)),
            NDRange(settings.input.height, settings.input.paddedChannels / traits.vectorWidth, images),
            .buffer(input.values), .buffer(output.values), .buffer(gradient.values),
            .buffer(pooledGradient?.values ?? unused), .buffer(result.values))
    }

    private func backwardProgram(_ settings: PoolingSettings, isPooled: Bool) -> ProgramDescriptor {
        ProgramDescriptor(
            .trainingPooling, traits,
            [
                "CHANNELS": settings.input.paddedChannels, "INPUT_HEIGHT": settings.input.height,
                "INPUT_WIDTH": settings.input.width, "OUTPUT_HEIGHT": settings.output.height,
                "OUTPUT_WIDTH": settings.output.width, "KERNEL": settings.kernel, "STRIDE": settings.stride,
                "PADDING": settings.padding, "POOLED": isPooled ? 1 : 0, "FIRST_CHANNEL": -1,
            ])
    }

    package func zeroPaddedShortcut(
        _ settings: ZeroPaddedShortcutSettings, _ input: FeatureMaps, to output: FeatureMaps
    ) throws {
        let (from, to) = (settings.input, settings.output)
        let program = ProgramDescriptor(
            .shortcut, traits,
            [
                "INPUT_CHANNELS": from.paddedChannels, "OUTPUT_CHANNELS": to.paddedChannels,
                "FIRST_CHANNEL": settings.firstChannel, "USED_CHANNELS": from.channels, "INPUT_HEIGHT": from.height,
                "INPUT_WIDTH": from.width, "INPUT_HALO": ChannelBlock.halo, "OUTPUT_HEIGHT": to.height,
                "OUTPUT_WIDTH": to.width, "OUTPUT_HALO": ChannelBlock.halo, "STRIDE": settings.stride, "ROW_SUMS": 0,
            ])
        try launch(
            kernel("zero_padded_shortcut", program),
            NDRange(to.height, to.paddedChannels / ChannelBlock.size, images), .buffer(input.values),
            .buffer(output.values), .buffer(unused))
    }

    package func backwardThroughZeroPaddedShortcut(
        _ settings: ZeroPaddedShortcutSettings, gradient: FeatureMaps, to result: FeatureMaps
    ) throws {
        let (from, to) = (settings.input, settings.output)
        let program = ProgramDescriptor(
            .trainingPooling, traits,
            [
                "CHANNELS": from.paddedChannels, "INPUT_HEIGHT": from.height, "INPUT_WIDTH": from.width,
                "OUTPUT_HEIGHT": to.height, "OUTPUT_WIDTH": to.width, "KERNEL": 1, "STRIDE": settings.stride,
                "PADDING": 0, "POOLED": 0, "OUTPUT_CHANNELS": to.paddedChannels,
                "FIRST_CHANNEL": settings.firstChannel, "USED_CHANNELS": from.channels,
            ])
        try launch(
            kernel("backward_zero_padded_shortcut", program),
            NDRange(from.height, from.paddedChannels / ChannelBlock.size, images), .buffer(gradient.values),
            .buffer(result.values))
    }
}
