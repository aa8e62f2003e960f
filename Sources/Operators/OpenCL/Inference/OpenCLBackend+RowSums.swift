import Kernels
import OpenCL

extension OpenCLBackend {
    /// What sums the rows of feature maps of this shape by themselves.
    static func rowSumming(_ shape: FeatureShape) -> PoolingSettings {
        PoolingSettings(input: shape, kernel: 1, stride: 1, padding: 0, sumsRows: true)
    }

    /// Sums the rows of feature maps whose operator could not: its work-items have a pixel each where they run side by side.
    func sumRows(_ maps: FeatureMaps, images: Int) throws {
        guard traits.hasLanes else { return }
        let summing = Self.rowSumming(maps.shape)
        try sumRows(
            maps, with: kernel("sum_rows", for: .pooling(summing), summing.program(traits)),
            of: ActiveImages(buffer: executor.identity(images), offset: 0), count: images)
    }

    /// - Parameters:
    ///   - kernel: `sum_rows` of Pooling.cl for the shape.
    ///   - active: which images.
    ///   - count: of these.
    func sumRows(_ maps: FeatureMaps, with kernel: BoundKernel, of active: ActiveImages, count: Int) throws {
        let shape = maps.shape
        let arguments: [BoundKernel.Argument] = [
            .buffer(maps.values), .buffer(try executor.rowSums(maps, needed: true)), .buffer(active.buffer),
            .integer(active.offset),
        ]
        if traits.hasLanes {
            try executor.launchGroups(
                kernel, NDRange(shape.height, shape.paddedChannels / ChannelBlock.size, count), items: 64, arguments)
        } else {
            try kernel.bind(arguments)
            try executor.launch(
                kernel, global: NDRange(shape.height, shape.paddedChannels / traits.vectorWidth, count))
        }
    }

    /// Programs of the operators that ask for sums of rows which they cannot take.
    func rowSummingPrograms(_ settings: OperatorSettings) -> Set<ProgramDescriptor> {
        guard traits.hasLanes else { return [] }
        let shape: FeatureShape? =
            switch settings {
            case .pooling(let settings): settings.sumsRows ? settings.output : nil
            case .zeroPaddedShortcut(let settings): settings.sumsRows ? settings.output : nil
            case .batchNormalization(let settings): settings.sumsRows ? settings.features : nil
            case .convolution, .gate, .classifier: nil
            }
        return shape.map { [Self.rowSumming($0).program(traits)] } ?? []
    }
}
