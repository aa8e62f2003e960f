import ConvNetAIG
import Kernels
import OpenCL

/// How WeightGradient.cl is compiled for a convolution, and how images are shared out.
struct WeightGradientKernel {
    private let problem: TrainingConvolutionProblem
    private let traits: DeviceTraits
    /// Parts of the batch that are summed by themselves.
    let slices: Int
    private let tileInputs: Int

    /// Work-items to have for each that can run at once, so that all end at about the same time.
    private static let itemsPerUnit = 8
    /// Pixels of the gradient that stay in the core's first cache while all taps see them.
    private static let stripPixels = 128

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
        let blocks = problem.source == .image ? 1 : problem.input.paddedChannels / ChannelBlock.size
        let items = problem.output.paddedChannels / traits.vectorWidth * blocks
        let wanted = Self.itemsPerUnit * traits.computeUnits
        slices = min(max((wanted + items - 1) / items, 1), images)
    }

    private var inputBlock: Int { problem.source == .image ? 1 : ChannelBlock.size }

    /// Input channels that sums are kept for.
    var inputChannels: Int { problem.source == .image ? problem.input.channels : problem.input.paddedChannels }

    /// Values of the sums that are added up afterwards.
    var partialCount: Int {
        slices * problem.output.paddedChannels * inputChannels * problem.shape.kernel * problem.shape.kernel
    }

    var kernelName: String { "weight_gradient" }
    var addingKernelName: String { "add_slices" }

    var program: ProgramDescriptor {
        ProgramDescriptor(
            .weightGradient, traits,
            [
                "INPUT_BLOCK": inputBlock, "INPUT_HEIGHT": problem.input.height, "INPUT_WIDTH": problem.input.width,
                "INPUT_HALO": problem.source == .image ? problem.shape.padding : ChannelBlock.halo,
                "OUTPUT_HEIGHT": problem.output.height, "OUTPUT_WIDTH": problem.output.width,
                "KERNEL": problem.shape.kernel, "STRIDE": problem.shape.stride, "PADDING": problem.shape.padding,
                "TILE_INPUTS": tileInputs,
                "STRIP_ROWS": max(min(Self.stripPixels / problem.output.width, problem.output.height), 1),
            ])
    }

    func enqueue(
        _ kernel: TrainingKernel, input: OpenCLTrainingBackend.Maps, gradient: OpenCLTrainingBackend.Maps,
        partial: Buffer, images: Int, on backend: OpenCLTrainingBackend
    ) throws {
        let outputChannels = problem.output.paddedChannels
        try backend.launch(
            kernel,
            NDRange(
                outputChannels / traits.vectorWidth, problem.source == .image ? 1 : inputChannels / ChannelBlock.size,
                slices),
            .buffer(input.values), .buffer(gradient.values), .buffer(partial), .integer(images), .integer(slices),
            .integer(inputChannels), .integer(outputChannels))
    }
}
