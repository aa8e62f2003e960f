import Kernels
import OpenCL

/// A convolution without bias whose weights change: these are packed on the device, by WeightPacking.cl, in the order that
/// the kernel reads.
package struct RepackedConvolution: Sendable {
    /// The order of the weights.
    package enum Packing: Sendable, Hashable {
        /// [output / width][input / block][kernel][kernel][block][width]
        case panels(width: Int, block: Int)
        /// [output / step][point][input / 16][16][step]
        case winograd(outputTile: Int, step: Int)
    }

    private enum Algorithm: Sendable {
        case direct(DirectConvolution)
        case winograd(WinogradConvolution)
    }

    private let algorithm: Algorithm

    /// - Parameter images: of a launch, at most.
    package init(_ settings: FusedConvolutionSettings, _ traits: DeviceTraits, images: Int) {
        switch ConvolutionAlgorithm.standard(settings, traits, images: images) {
        case .winograd(let tile):
            algorithm = .winograd(WinogradConvolution(settings, traits, tile))
        case .direct(let tile):
            algorithm = .direct(DirectConvolution(settings, traits, tile))
        case .implicitGEMM, .im2col:
            let tile =
                DirectTileCost.candidates(settings, traits).min()?.tile
                ?? DirectConvolution.Tile(rows: 1, pixels: 1, vectors: 1)
            algorithm = .direct(DirectConvolution(settings, traits, tile))
        }
    }

    package var program: ProgramDescriptor {
        switch algorithm {
        case .direct(let direct): direct.program
        case .winograd(let winograd): winograd.program
        }
    }

    package var packing: Packing {
        switch algorithm {
        case .direct(let direct): .panels(width: direct.channelsPerItem, block: direct.inputBlock)
        case .winograd(let winograd):
            .winograd(outputTile: winograd.tile.outputTile, step: winograd.stepChannels)
        }
    }

    /// Values of the packed weights.
    package var packedCount: Int {
        switch algorithm {
        case .direct(let direct): direct.panelCount(width: direct.channelsPerItem, inner: direct.innerCount)
        case .winograd(let winograd): winograd.packedCount
        }
    }

    /// Output channels, rounded up to whole blocks: as many zeros stand for the bias.
    package var outputChannels: Int {
        switch algorithm {
        case .direct(let direct): direct.outputChannels
        case .winograd(let winograd): winograd.outputChannels
        }
    }

    package var kernelName: String {
        switch algorithm {
        case .direct: "convolution"
        case .winograd: "winograd"
        }
    }

    /// - Parameters:
    ///   - kernel: of the program, by ``kernelName``.
    ///   - bias: zeros.
    ///   - everyone: 0, 1, 2, … for as many images.
    package func enqueue(
        _ kernel: BoundKernel, input: Buffer, weights: Buffer, bias: Buffer, output: Buffer, everyone: Buffer,
        images: Int, on queue: CommandQueue
    ) throws {
        try kernel.bind(0, input)
        try kernel.bind(1, weights)
        try kernel.bind(2, bias)
        try kernel.bind(3, output)
        // No row is summed, and no decision asked for.
        try kernel.bind(4, bias)
        try kernel.bind(5, everyone)
        try kernel.bind(6, Int32(0))
        switch algorithm {
        case .direct(let direct):
            try kernel.bind(7, everyone)
            try kernel.bind(8, Int32(0))
            try kernel.bind(9, Int32(direct.inputChannels / direct.inputBlock))
            try kernel.bind(10, Int32(direct.outputChannels / ChannelBlock.size))
            try queue.enqueue(kernel.kernel, global: direct.global(images: images), local: direct.local)
        case .winograd(let winograd):
            try kernel.bind(7, Int32(images))
            try kernel.bind(8, everyone)
            try kernel.bind(9, Int32(0))
            try kernel.bind(10, Int32(winograd.inputChannels / ChannelBlock.size))
            try kernel.bind(11, Int32(winograd.outputChannels / ChannelBlock.size))
            try kernel.bind(12, LocalMemory(byteCount: winograd.scratchBytes))
            try queue.enqueue(kernel.kernel, global: winograd.global(images: images), local: NDRange(1, 1, 1))
        }
    }
}
