import Kernels
import OpenCL

extension OpenCLBackend {
    package func maxPool(
        _ settings: PoolingSettings, _ input: FeatureMaps, to output: FeatureMaps, images: Int
    ) throws {
        let kernel = try kernel("max_pool", for: .pooling(settings), settings.program(traits))
        try kernel.bind(0, input.values)
        try kernel.bind(1, output.values)
        try kernel.bind(2, executor.rowSums(output, needed: settings.sumsRows))
        try executor.launchPixels(kernel, output.shape, images: images)
        if settings.sumsRows { try sumRows(output, images: images) }
    }

    package func zeroPaddedShortcut(
        _ settings: ZeroPaddedShortcutSettings, _ input: FeatureMaps, to output: FeatureMaps, images: Int
    ) throws {
        let kernel = try kernel(
            "zero_padded_shortcut", for: .zeroPaddedShortcut(settings), settings.program(traits))
        try kernel.bind(0, input.values)
        try kernel.bind(1, output.values)
        try kernel.bind(2, executor.rowSums(output, needed: settings.sumsRows))
        try executor.launchPixels(kernel, settings.output, itemChannels: .block, images: images)
        if settings.sumsRows { try sumRows(output, images: images) }
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
            kernel: try executor.kernel("batch_normalization", program(settings)),
            scale: try executor.constant(scale + padding), shift: try executor.constant(shift + padding))
    }

    package func normalize(
        _ normalization: BatchNormalization, _ input: FeatureMaps, to output: FeatureMaps, images: Int
    ) throws {
        let kernel = normalization.kernel
        try kernel.bind(0, input.values)
        try kernel.bind(1, normalization.scale)
        try kernel.bind(2, normalization.shift)
        try kernel.bind(3, output.values)
        try kernel.bind(4, executor.rowSums(output, needed: normalization.settings.sumsRows))
        try executor.launchPixels(kernel, normalization.settings.features, images: images)
        if normalization.settings.sumsRows { try sumRows(output, images: images) }
    }
}
