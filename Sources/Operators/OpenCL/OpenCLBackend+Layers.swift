import Kernels
import OpenCL

extension OpenCLBackend {
    func program(_ settings: PoolingSettings) -> ProgramDescriptor {
        ProgramDescriptor(
            .pooling, traits,
            [
                "CHANNELS": settings.input.paddedChannels, "INPUT_HEIGHT": settings.input.height,
                "INPUT_WIDTH": settings.input.width, "INPUT_HALO": ChannelBlock.halo,
                "OUTPUT_HEIGHT": settings.output.height, "OUTPUT_WIDTH": settings.output.width,
                "OUTPUT_HALO": ChannelBlock.halo, "KERNEL": settings.kernel, "STRIDE": settings.stride,
                "PADDING": settings.padding, "ROW_SUMS": settings.sumsRows ? 1 : 0,
            ])
    }

    package func maxPool(
        _ settings: PoolingSettings, _ input: FeatureMaps, to output: FeatureMaps, images: Int
    ) throws {
        let kernel = try kernel("max_pool", for: .pooling(settings), program(settings))
        try kernel.bind(0, input.values)
        try kernel.bind(1, output.values)
        try kernel.bind(2, rowSums(output, needed: settings.sumsRows))
        try enqueueIndependent(
            kernel.kernel,
            global: NDRange(
                settings.output.height, settings.output.paddedChannels / traits.vectorWidth, images))
    }

    func program(_ settings: ZeroPaddedShortcutSettings) -> ProgramDescriptor {
        ProgramDescriptor(
            .shortcut, traits,
            [
                "INPUT_CHANNELS": settings.input.paddedChannels, "USED_CHANNELS": settings.input.channels,
                "OUTPUT_CHANNELS": settings.output.paddedChannels, "FIRST_CHANNEL": settings.firstChannel,
                "INPUT_HEIGHT": settings.input.height, "INPUT_WIDTH": settings.input.width,
                "INPUT_HALO": ChannelBlock.halo, "OUTPUT_HEIGHT": settings.output.height,
                "OUTPUT_WIDTH": settings.output.width, "OUTPUT_HALO": ChannelBlock.halo, "STRIDE": settings.stride,
                "ROW_SUMS": settings.sumsRows ? 1 : 0,
            ])
    }

    package func zeroPaddedShortcut(
        _ settings: ZeroPaddedShortcutSettings, _ input: FeatureMaps, to output: FeatureMaps, images: Int
    ) throws {
        let kernel = try kernel(
            "zero_padded_shortcut", for: .zeroPaddedShortcut(settings), program(settings))
        try kernel.bind(0, input.values)
        try kernel.bind(1, output.values)
        try kernel.bind(2, rowSums(output, needed: settings.sumsRows))
        try enqueueIndependent(
            kernel.kernel,
            global: NDRange(
                settings.output.height, settings.output.paddedChannels / ChannelBlock.size, images))
    }

    package final class BatchNormalization {
        let settings: BatchNormalizationSettings
        let kernel: BoundKernel
        let scale: Buffer
        let shift: Buffer

        init(settings: BatchNormalizationSettings, kernel: BoundKernel, scale: Buffer, shift: Buffer) {
            self.settings = settings
            self.kernel = kernel
            self.scale = scale
            self.shift = shift
        }
    }

    func program(_ settings: BatchNormalizationSettings) -> ProgramDescriptor {
        let shape = settings.features
        return ProgramDescriptor(
            .batchNormalization, traits,
            [
                "CHANNELS": shape.paddedChannels, "HEIGHT": shape.height, "WIDTH": shape.width,
                "HALO": ChannelBlock.halo, "RECTIFY": settings.rectifies ? 1 : 0, "ROW_SUMS": settings.sumsRows ? 1 : 0,
            ])
    }

    package func makeBatchNormalization(
        _ settings: BatchNormalizationSettings, scale: [Float], shift: [Float]
    ) throws -> BatchNormalization {
        let shape = settings.features
        let padding = [Float](repeating: 0, count: shape.paddedChannels - shape.channels)
        return BatchNormalization(
            settings: settings,
            kernel: BoundKernel(try runtime.programs.kernel("batch_normalization", program(settings))),
            scale: try constant(scale + padding), shift: try constant(shift + padding))
    }

    package func normalize(
        _ normalization: BatchNormalization, _ input: FeatureMaps, to output: FeatureMaps, images: Int
    ) throws {
        let shape = normalization.settings.features
        let kernel = normalization.kernel
        try kernel.bind(0, input.values)
        try kernel.bind(1, normalization.scale)
        try kernel.bind(2, normalization.shift)
        try kernel.bind(3, output.values)
        try kernel.bind(4, rowSums(output, needed: normalization.settings.sumsRows))
        try enqueueIndependent(
            kernel.kernel,
            global: NDRange(shape.height, shape.paddedChannels / traits.vectorWidth, images))
    }
}
