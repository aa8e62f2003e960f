import ConvNetAIG
import Operators
import Kernels

/// How InputGradient.cl is compiled for a convolution.
struct StridedInputGradient {
    private let settings: TrainingConvolutionSettings
    private let traits: DeviceTraits
    private let tile: (pixels: Int, vectors: Int)

    init(_ settings: TrainingConvolutionSettings, _ traits: DeviceTraits) {
        self.settings = settings
        self.traits = traits
        let pairs =
            settings.convolution.input.paddedChannels % (2 * traits.vectorWidth) == 0 && traits.vectorRegisters >= 16
        let vectors = pairs ? 2 : 1
        let pixels = (traits.vectorRegisters - vectors - 2) / vectors
        let row = (settings.convolution.input.width + settings.convolution.stride - 1) / settings.convolution.stride
        // Rows in equal parts, as large as registers allow.
        let parts = (row + max(pixels, 1) - 1) / max(pixels, 1)
        tile = ((row + parts - 1) / parts, vectors)
    }

    var channelsPerItem: Int { traits.vectorWidth * tile.vectors }

    /// Values of the packed weights.
    var packedCount: Int {
        settings.convolution.input.paddedChannels * settings.convolution.output.paddedChannels
            * settings.convolution.kernel * settings.convolution.kernel
    }

    func program(adding: Bool) -> ProgramDescriptor {
        ProgramDescriptor(
            .inputGradient, traits,
            [
                "INPUT_HEIGHT": settings.convolution.input.height, "INPUT_WIDTH": settings.convolution.input.width,
                "OUTPUT_HEIGHT": settings.convolution.output.height, "OUTPUT_WIDTH": settings.convolution.output.width,
                "KERNEL": settings.convolution.kernel, "STRIDE": settings.convolution.stride,
                "PADDING": settings.convolution.padding,
                "ADDING": adding ? 1 : 0, "TILE_PIXELS": tile.pixels, "TILE_VECTORS": tile.vectors,
            ])
    }
}
