import Kernels
import OpenCL

/// Winograd convolution F(m x m, 3 x 3), see Winograd.cl: for 3 x 3 kernels of stride 1, on devices where a core runs a
/// work-group by itself.
struct WinogradConvolution: ConvolutionDescriptor {
    /// How the output is shared out.
    struct Tile: Sendable, Hashable, Codable {
        /// m, the side of an output tile: 2 or 4.
        var outputTile: Int
        /// Tiles of an image that a work-item takes.
        var itemTiles: Int
        /// Images that a work-item takes at once; beyond one, it takes all tiles of each.
        var itemImages: Int
        /// Tiles whose products are summed in registers.
        var registerTiles: Int
        /// Vectors of output channels whose products are summed in registers.
        var vectors: Int
        /// Work-items that share the output channels of the same tiles, each of which transforms the input anew.
        var shares: Int
    }

    let settings: FusedConvolutionSettings
    let traits: DeviceTraits
    let tile: Tile

    init(_ settings: FusedConvolutionSettings, _ traits: DeviceTraits, _ tile: Tile) {
        self.settings = settings
        self.traits = traits
        self.tile = tile
    }

    /// Whether there is a Winograd convolution for a convolution on devices of these traits.
    static func supports(_ convolution: ConvolutionSettings, _ traits: DeviceTraits) -> Bool {
        convolution.source == .features && convolution.kernel == 3 && convolution.stride == 1
            && convolution.padding == 1
            && traits.groupSize == 1
    }

    /// Products of a tile: (m + 2)^2.
    var points: Int { (tile.outputTile + 2) * (tile.outputTile + 2) }
    var tileColumns: Int { (convolution.output.width + tile.outputTile - 1) / tile.outputTile }
    var tileCount: Int { (convolution.output.height + tile.outputTile - 1) / tile.outputTile * tileColumns }
    var stepChannels: Int { traits.vectorWidth * tile.vectors }

    /// Places for tiles in a work-item's scratch memory.
    private var places: Int {
        let tiles = tile.itemImages * tile.itemTiles
        return (tiles + tile.registerTiles - 1) / tile.registerTiles * tile.registerTiles
    }

    /// Bytes of local memory.
    var scratchBytes: Int {
        let perPoint = places * (inputChannels + stepChannels) + 2 * ChannelBlock.size
        return points * perPoint * MemoryLayout<Float>.stride
    }

    /// A work-item that has whole rows of tiles can sum them.
    var sumsRows: Bool {
        settings.sumsRows && (tile.itemTiles % tileColumns == 0 || tile.itemTiles >= tileCount)
    }

    func global(images: Int) -> NDRange {
        NDRange(
            (tileCount + tile.itemTiles - 1) / tile.itemTiles, tile.shares,
            (images + tile.itemImages - 1) / tile.itemImages)
    }

    var supportsHalfStorage: Bool { tile.outputTile == 2 }

    var programs: Set<ProgramDescriptor> { [program] }

    var program: ProgramDescriptor {
        ProgramDescriptor(
            .winograd, traits,
            [
                "HEIGHT": convolution.output.height, "WIDTH": convolution.output.width,
                "ACTIVATION": activationConstant,
                "RESIDUAL": settings.addsToOutput ? 1 : 0, "ROW_SUMS": sumsRows ? 1 : 0,
                "OUTPUT_TILE": tile.outputTile, "ITEM_TILES": tile.itemTiles, "ITEM_IMAGES": tile.itemImages,
                "REGISTER_TILES": tile.registerTiles, "TILE_VECTORS": tile.vectors,
            ])
    }

    /// Values of the transformed weights.
    var packedCount: Int { outputChannels * inputChannels * points }

    /// Transformed weights in the order in which a work-item reads them:
    /// [output / step][point][input / 16][16][step], left as it is where channels are padding.
    func pack(_ weights: [Float], into packed: UnsafeMutableBufferPointer<Float>) {
        let (from, step) = (convolution.input.channels, stepChannels)
        let pointStride = inputChannels * step
        let transform = WinogradWeightTransform(outputTile: tile.outputTile)
        let lanes = SIMD16<Float>.scalarCount
        // Vectors of sixteen lie together wherever the device has such.
        let isWhole = step % lanes == 0
        guard let target = packed.baseAddress else { return }
        weights.withUnsafeBufferPointer { weights in
            var taps = WinogradWeightTransform.Taps()
            for first in Swift.stride(from: 0, to: convolution.outputChannels, by: lanes) {
                let used = min(lanes, convolution.outputChannels - first)
                let group = first / step * points * pointStride + first % step
                for input in 0..<from {
                    for lane in 0..<used {
                        taps.set(lane, weights, at: ((first + lane) * from + input) * 9)
                    }
                    if isWhole, used == lanes {
                        var place = UnsafeMutableRawPointer(target + group + input * step)
                        transform(taps) { values in
                            place.storeBytes(of: values, as: SIMD16<Float>.self)
                            place += pointStride * MemoryLayout<Float>.stride
                        }
                    } else {
                        var point = 0
                        transform(taps) { values in
                            for lane in 0..<used {
                                let group = (first + lane) / step * points * pointStride + (first + lane) % step
                                target[group + point * pointStride + input * step] = values[lane]
                            }
                            point += 1
                        }
                    }
                }
            }
        }
    }

    func makeOperation(
        _ weights: ConvolutionWeights, images: Int, on backend: OpenCLBackend
    ) throws -> any ConvolutionOperation {
        try WinogradConvolutionOperation(self, weights, on: backend)
    }
}

private final class WinogradConvolutionOperation: ConvolutionOperation {
    private let descriptor: WinogradConvolution
    private let kernel: BoundKernel

    init(_ descriptor: WinogradConvolution, _ weights: ConvolutionWeights, on backend: OpenCLBackend) throws {
        self.descriptor = descriptor
        kernel = BoundKernel(try backend.runtime.programs.kernel("winograd", descriptor.program))
        let transformed = try backend.stored(count: descriptor.packedCount) {
            descriptor.pack(weights.weights, into: $0)
        }
        try kernel.bind(1, transformed)
        try kernel.bind(2, try backend.constant(descriptor.packed(bias: weights.bias)))
        try kernel.bind(10, Int32(descriptor.inputChannels / ChannelBlock.size))
        try kernel.bind(11, Int32(descriptor.outputChannels / ChannelBlock.size))
        try kernel.bind(12, LocalMemory(byteCount: descriptor.scratchBytes))
    }

    var groupsPerImage: Int { max(descriptor.global(images: 1).count / descriptor.tile.itemImages, 1) }

    func enqueue(_ launch: ConvolutionLaunch, on backend: OpenCLBackend) throws {
        try kernel.bind(0, launch.input.values)
        try kernel.bind(3, launch.output.values)
        try kernel.bind(4, backend.rowSums(launch.output, needed: descriptor.settings.sumsRows))
        try kernel.bind(5, launch.active.buffer)
        try kernel.bind(6, launch.active.offset)
        try kernel.bind(7, Int32(launch.images))
        try kernel.bind(8, launch.decisions.open)
        try kernel.bind(9, Int32((launch.gate ?? 0) * launch.decisions.capacity))
        try backend.queue.enqueue(
            kernel.kernel, global: descriptor.global(images: launch.images), local: NDRange(1, 1, 1))
    }
}
