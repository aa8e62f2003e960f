import Kernels
import OpenCL

/// How a convolution is computed: the problem, and the tile that a work-item keeps in registers.
struct ConvolutionKernel: Hashable {
    let problem: ConvolutionProblem
    let traits: DeviceTraits
    /// Rows of a tile.
    let tileRows: Int
    /// Pixels of a row of a tile.
    let tilePixels: Int
    /// Vectors of output channels of a tile.
    let tileVectors: Int

    /// The best tile by the estimate of ``TileCost``.
    init(_ problem: ConvolutionProblem, _ traits: DeviceTraits) {
        let best = TileCost.candidates(problem, traits).min()
        self.init(
            problem, traits, tileRows: best?.tileRows ?? 1, tilePixels: best?.tilePixels ?? 1,
            tileVectors: best?.tileVectors ?? 1)
    }

    init(_ problem: ConvolutionProblem, _ traits: DeviceTraits, tileRows: Int, tilePixels: Int, tileVectors: Int) {
        self.problem = problem
        self.traits = traits
        self.tileRows = tileRows
        self.tilePixels = tilePixels
        self.tileVectors = tileVectors
    }

    /// Input channels that lie together: 1 for pictures, which come as planes.
    var inputBlock: Int { problem.source == .image ? 1 : ChannelBlock.size }
    var inputHalo: Int { problem.source == .image ? problem.padding : ChannelBlock.halo }
    var inputChannels: Int { problem.source == .image ? problem.input.channels : problem.input.paddedChannels }
    var outputChannels: Int { problem.output.paddedChannels }
    var channelsPerItem: Int { traits.vectorWidth * tileVectors }
    var rowTiles: Int { (problem.output.width + tilePixels - 1) / tilePixels }

    /// Whether a work-item has a whole row, and can sum it.
    var sumsRows: Bool { problem.sumsRows && itemTiles == rowTiles }

    /// Where groups have many items, these are filled by tiles rather than by rows.
    var itemTiles: Int { traits.groupSize == 1 ? rowTiles : 1 }

    private var rowItems: Int { (rowTiles + itemTiles - 1) / itemTiles }

    func global(images: Int) -> NDRange {
        let items = (problem.output.height + tileRows - 1) / tileRows * rowItems
        let group = traits.groupSize
        return NDRange((items + group - 1) / group * group, outputChannels / channelsPerItem, images)
    }

    var local: NDRange { NDRange(traits.groupSize, 1, 1) }

    var program: ProgramDescriptor {
        let activation =
            switch problem.activation {
            case .none: 0
            case .relu: 1
            case .reluWhereClosed: 2
            }
        return ProgramDescriptor(
            .convolution, traits,
            [
                "INPUT_BLOCK": inputBlock,
                "INPUT_HEIGHT": problem.input.height, "INPUT_WIDTH": problem.input.width, "INPUT_HALO": inputHalo,
                "OUTPUT_HEIGHT": problem.output.height,
                "OUTPUT_WIDTH": problem.output.width, "OUTPUT_HALO": ChannelBlock.halo,
                "KERNEL": problem.kernel, "STRIDE": problem.stride, "PADDING": problem.padding,
                "ACTIVATION": activation, "RESIDUAL": problem.addsToOutput ? 1 : 0, "ROW_SUMS": sumsRows ? 1 : 0,
                "TILE_ROWS": tileRows, "TILE_PIXELS": tilePixels, "TILE_VECTORS": tileVectors, "ITEM_TILES": itemTiles,
                "GROUP_SIZE": traits.groupSize,
            ])
    }

    /// Weights in the order in which a work-item reads them:
    /// [output / item][input / block][kernel][kernel][block][item], zero where channels are padding.
    func packed(_ weights: [Float]) -> [Float] {
        let (item, block, area) = (channelsPerItem, inputBlock, problem.kernel * problem.kernel)
        let (from, to) = (problem.input.channels, problem.outputChannels)
        return [Float](unsafeUninitializedCapacity: outputChannels * inputChannels * area) { packed, count in
            count = outputChannels * inputChannels * area
            packed.initialize(repeating: 0)
            weights.withUnsafeBufferPointer { weights in
                for output in 0..<to {
                    let group = output / item * inputChannels * area * item + output % item
                    for input in 0..<from {
                        let source = (output * from + input) * area
                        let target = group + (input / block * area * block + input % block) * item
                        for tap in 0..<area { packed[target + tap * block * item] = weights[source + tap] }
                    }
                }
            }
        }
    }

    /// Biases, zero where channels are padding.
    func packed(bias: [Float]) -> [Float] {
        bias + [Float](repeating: 0, count: outputChannels - bias.count)
    }
}
