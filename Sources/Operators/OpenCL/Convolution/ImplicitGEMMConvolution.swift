import Kernels
import OpenCL

/// Convolution as a product of matrices, the left one of which is never stored: work-groups stage tiles of both factors in
/// local memory. Made for GPUs; see ImplicitGEMM.cl.
struct ImplicitGEMMConvolution: ConvolutionDescriptor {
    /// What a work-group and a work-item compute at a time.
    struct Tile: Sendable, Hashable, Codable, CustomStringConvertible {
        /// Pixels of a group.
        var groupPixels: Int
        /// Output channels of a group.
        var groupChannels: Int
        /// Values of the inner extent, input channels times taps, that are staged at a time.
        var depth: Int
        /// Pixels of an item, dividing those of a group.
        var itemPixels: Int
        /// Output channels of an item, dividing those of a group.
        var itemChannels: Int

        var groupSize: Int { groupPixels / itemPixels * (groupChannels / itemChannels) }

        /// Local memory of a group, in bytes.
        var localMemory: Int {
            // Rows of the staged patches stand apart: PATCH_PITCH in ImplicitGEMM.cl.
            (groupPixels * (depth + 4) + depth * groupChannels) * MemoryLayout<Float>.stride
        }

        /// As in "implicit GEMM 64x64x16, 8x4 of 128 items".
        var description: String {
            "implicit GEMM \(groupPixels)x\(groupChannels)x\(depth), \(itemPixels)x\(itemChannels) of \(groupSize) items"
        }
    }

    let settings: FusedConvolutionSettings
    let traits: DeviceTraits
    let tile: Tile

    init(_ settings: FusedConvolutionSettings, _ traits: DeviceTraits, _ tile: Tile) {
        self.settings = settings
        self.traits = traits
        self.tile = tile
    }

    /// What is worth measuring, the most promising first; none where the device has too little local memory.
    /// - Parameter images: of a launch, at most.
    static func candidates(
        _ settings: FusedConvolutionSettings, _ traits: DeviceTraits, images: Int = 1
    ) -> [ConvolutionAlgorithm] {
        ImplicitGEMMTileCost.candidates(settings, traits, images: images).sorted().prefix(8).map {
            .implicitGEMM($0.tile)
        }
    }

    var supportsHalfStorage: Bool { true }

    /// A tile spans rows: a launch of its own sums them.
    var sumsRows: Bool { false }

    var programs: Set<ProgramDescriptor> { [program] }

    func makeOperation(
        _ weights: ConvolutionWeights, images: Int, on backend: OpenCLBackend
    ) throws -> any ConvolutionOperation {
        try ImplicitGEMMOperation(self, weights, on: backend)
    }

    private var pixelTiles: Int { (convolution.output.pixels + tile.groupPixels - 1) / tile.groupPixels }
    private var channelTiles: Int { (outputChannels + tile.groupChannels - 1) / tile.groupChannels }

    func global(images: Int) -> NDRange { NDRange(pixelTiles * tile.groupSize, channelTiles, images) }

    var local: NDRange { NDRange(tile.groupSize, 1, 1) }

    var program: ProgramDescriptor {
        ProgramDescriptor(
            .implicitGEMM, traits, shared: convolutionConstants,
            [
                "TILE_M": tile.groupPixels, "TILE_N": tile.groupChannels, "TILE_K": tile.depth,
                "ITEM_M": tile.itemPixels, "ITEM_N": tile.itemChannels,
            ])
    }

    /// Rows of the packed weights: as many as whole steps need.
    var packedInner: Int { (innerCount + tile.depth - 1) / tile.depth * tile.depth }
}

private final class ImplicitGEMMOperation: ConvolutionOperation {
    private let descriptor: ImplicitGEMMConvolution
    private let kernel: BoundKernel

    init(_ descriptor: ImplicitGEMMConvolution, _ weights: ConvolutionWeights, on backend: OpenCLBackend) throws {
        self.descriptor = descriptor
        kernel = BoundKernel(try backend.runtime.programs.kernel("implicit_gemm", descriptor.program))
        let (width, inner) = (descriptor.tile.groupChannels, descriptor.packedInner)
        let panels = try backend.stored(count: descriptor.panelCount(width: width, inner: inner)) {
            descriptor.packPanels(weights.weights, width: width, inner: inner, into: $0)
        }
        try kernel.bind(1, panels)
        try kernel.bind(2, try backend.constant(descriptor.packed(bias: weights.bias)))
        try kernel.bind(8, Int32(descriptor.inputChannels / descriptor.inputBlock))
        try kernel.bind(9, Int32(descriptor.outputChannels / ChannelBlock.size))
    }

    var groupsPerImage: Int { descriptor.global(images: 1).count / descriptor.local.count }

    func enqueue(_ launch: ConvolutionLaunch, on backend: OpenCLBackend) throws {
        try kernel.bind(0, launch.input.values)
        try kernel.bind(3, launch.output.values)
        try kernel.bind(4, launch.active.buffer)
        try kernel.bind(5, launch.active.offset)
        try kernel.bind(6, launch.decisions.open)
        try kernel.bind(7, Int32((launch.gate ?? 0) * launch.decisions.capacity))
        try backend.queue.enqueue(
            kernel.kernel, global: descriptor.global(images: launch.images), local: descriptor.local)
    }
}
