import ConvNetAIG
import Kernels
import OpenCL

/// How the gradient of a convolution's weights is computed: by WeightGradient.cl, or, where it takes fewer multiplications,
/// by WinogradWeightGradient.cl; and how the batch is shared out among work-items.
struct WeightGradientKernel {
    private enum Algorithm {
        case direct
        case winograd(chunkTiles: Int, itemVectors: Int)
    }

    private let problem: TrainingConvolutionProblem
    private let traits: DeviceTraits
    private let algorithm: Algorithm
    /// Input channels whose sums stay in registers.
    private let tileInputs: Int
    /// Parts of the batch that are summed by themselves.
    let slices: Int

    /// Work-items to have for each that can run at once, so that all end at about the same time.
    private static let itemsPerUnit = 4
    /// Pixels of the gradient that stay in the core's first cache while all taps see them.
    private static let stripPixels = 128
    private static let outputTile = 4
    private static let winogradPoints = 36
    /// Tiles whose points are kept: enough that reading and writing the sums between them is little beside their products.
    private static let chunkTiles = 32

    /// - Parameter images: of a step, at most.
    init(_ problem: TrainingConvolutionProblem, _ traits: DeviceTraits, images: Int) {
        self.problem = problem
        self.traits = traits
        let registers = traits.vectorRegisters - 2
        if problem.source == .image {
            let most = max(registers / problem.shape.kernel, 1)
            let channels = problem.shape.inputChannels
            tileInputs = (1...channels).last { channels % $0 == 0 && $0 <= most } ?? 1
        } else {
            tileInputs = [16, 8, 4, 2].first { $0 <= registers } ?? 1
        }
        algorithm = Self.winograd(problem, traits) ?? .direct

        let vectors = problem.output.paddedChannels / traits.vectorWidth
        let items: Int
        switch algorithm {
        case .direct:
            items = vectors * (problem.source == .image ? 1 : problem.input.paddedChannels / ChannelBlock.size)
        case .winograd(_, let itemVectors): items = vectors / itemVectors
        }
        let wanted = Self.itemsPerUnit * traits.computeUnits
        slices = min(max((wanted + items - 1) / items, 1), images)
    }

    /// Nil where it cannot be had, or does not pay.
    private static func winograd(_ problem: TrainingConvolutionProblem, _ traits: DeviceTraits) -> Algorithm? {
        let shape = problem.shape
        guard problem.source == .features, shape.kernel == 3, shape.stride == 1, shape.padding == 1,
            traits.groupSize == 1
        else { return nil }
        let vectors = problem.output.paddedChannels / traits.vectorWidth
        for itemVectors in [4, 2, 1] where vectors % itemVectors == 0 {
            for chunk in [chunkTiles, chunkTiles / 2, chunkTiles / 4] {
                let bytes = scratchBytes(problem, traits, chunkTiles: chunk, itemVectors: itemVectors)
                if bytes <= traits.localMemory { return .winograd(chunkTiles: chunk, itemVectors: itemVectors) }
            }
        }
        return nil
    }

    private static func scratchBytes(
        _ problem: TrainingConvolutionProblem, _ traits: DeviceTraits, chunkTiles: Int, itemVectors: Int
    ) -> Int {
        let perTile = problem.input.paddedChannels + itemVectors * traits.vectorWidth
        return winogradPoints * (chunkTiles * perTile + 2 * ChannelBlock.size) * MemoryLayout<Float>.stride
    }

    /// Input channels that sums are kept for.
    var inputChannels: Int { problem.source == .image ? problem.input.channels : problem.input.paddedChannels }

    /// Values of the sums that are added up afterwards.
    var partialCount: Int {
        let perPair: Int
        switch algorithm {
        case .direct: perPair = problem.shape.kernel * problem.shape.kernel
        case .winograd: perPair = Self.winogradPoints
        }
        return slices * problem.output.paddedChannels * inputChannels * perPair
    }

    var kernelName: String {
        switch algorithm {
        case .direct: "weight_gradient"
        case .winograd: "winograd_weight_gradient"
        }
    }

    /// Of the kernel that adds the slices up.
    var addingKernelName: String {
        switch algorithm {
        case .direct: "add_slices"
        case .winograd: "add_winograd_slices"
        }
    }

    var program: ProgramDescriptor {
        switch algorithm {
        case .direct:
            return ProgramDescriptor(
                .weightGradient, traits,
                [
                    "INPUT_BLOCK": problem.source == .image ? 1 : ChannelBlock.size,
                    "INPUT_HEIGHT": problem.input.height, "INPUT_WIDTH": problem.input.width,
                    "INPUT_HALO": problem.source == .image ? problem.shape.padding : ChannelBlock.halo,
                    "OUTPUT_HEIGHT": problem.output.height, "OUTPUT_WIDTH": problem.output.width,
                    "KERNEL": problem.shape.kernel, "STRIDE": problem.shape.stride,
                    "PADDING": problem.shape.padding, "TILE_INPUTS": tileInputs,
                    "STRIP_ROWS": max(min(Self.stripPixels / problem.output.width, problem.output.height), 1),
                ])
        case .winograd(let chunkTiles, let itemVectors):
            return ProgramDescriptor(
                .winogradWeightGradient, traits,
                [
                    "HEIGHT": problem.output.height, "WIDTH": problem.output.width, "OUTPUT_TILE": Self.outputTile,
                    "CHUNK_TILES": chunkTiles, "ITEM_VECTORS": itemVectors, "TILE_INPUTS": tileInputs,
                ])
        }
    }

    func enqueue(
        _ kernel: TrainingKernel, input: OpenCLTrainingBackend.Maps, gradient: OpenCLTrainingBackend.Maps,
        partial: Buffer, images: Int, on backend: OpenCLTrainingBackend
    ) throws {
        let outputChannels = problem.output.paddedChannels
        let vectors = outputChannels / traits.vectorWidth
        let arguments: [TrainingKernel.Argument] = [
            .buffer(input.values), .buffer(gradient.values), .buffer(partial), .integer(images), .integer(slices),
            .integer(inputChannels), .integer(outputChannels),
        ]
        switch algorithm {
        case .direct:
            let blocks = problem.source == .image ? 1 : inputChannels / ChannelBlock.size
            try backend.launch(kernel, NDRange(vectors, blocks, slices), arguments)
        case .winograd(let chunkTiles, let itemVectors):
            let scratch = Self.scratchBytes(problem, traits, chunkTiles: chunkTiles, itemVectors: itemVectors)
            try backend.launch(
                kernel, NDRange(vectors / itemVectors, slices, 1),
                arguments + [.local(LocalMemory(byteCount: scratch))])
        }
    }
}
