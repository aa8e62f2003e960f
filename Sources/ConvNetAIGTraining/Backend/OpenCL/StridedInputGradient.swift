import ConvNetAIG
import Kernels

/// How InputGradient.cl is compiled for a convolution.
struct StridedInputGradient {
    private let problem: TrainingConvolutionProblem
    private let traits: DeviceTraits
    private let tile: (pixels: Int, vectors: Int)

    init(_ problem: TrainingConvolutionProblem, _ traits: DeviceTraits) {
        self.problem = problem
        self.traits = traits
        let pairs = problem.input.paddedChannels % (2 * traits.vectorWidth) == 0 && traits.vectorRegisters >= 16
        let vectors = pairs ? 2 : 1
        let pixels = (traits.vectorRegisters - vectors - 2) / vectors
        let row = (problem.input.width + problem.shape.stride - 1) / problem.shape.stride
        // Rows in equal parts, as large as registers allow.
        let parts = (row + max(pixels, 1) - 1) / max(pixels, 1)
        tile = ((row + parts - 1) / parts, vectors)
    }

    var channelsPerItem: Int { traits.vectorWidth * tile.vectors }

    /// Values of the packed weights.
    var packedCount: Int {
        problem.input.paddedChannels * problem.output.paddedChannels * problem.shape.kernel * problem.shape.kernel
    }

    func program(adding: Bool) -> ProgramDescriptor {
        ProgramDescriptor(
            .inputGradient, traits,
            [
                "INPUT_HEIGHT": problem.input.height, "INPUT_WIDTH": problem.input.width,
                "OUTPUT_HEIGHT": problem.output.height, "OUTPUT_WIDTH": problem.output.width,
                "KERNEL": problem.shape.kernel, "STRIDE": problem.shape.stride, "PADDING": problem.shape.padding,
                "ADDING": adding ? 1 : 0, "TILE_PIXELS": tile.pixels, "TILE_VECTORS": tile.vectors,
            ])
    }
}
