import Kernels
import OpenCL

/// The gradient of a convolution with respect to its input (backward-data):
/// g(x)[i, y, x] = sum over o, r, c of w[o, i, y + padding - r stride, x + padding - c stride] g(y)[o, r, c], w being 0
/// outside of the window.
///
/// At stride 1 that is a convolution itself, of the output's gradient with the kernel turned round; elsewhere
/// InputGradient.cl computes it.
final class InputGradient {
    private enum Algorithm {
        /// One that stores, and one that adds.
        case unitStride(RepackedConvolution, adding: RepackedConvolution)
        case strided(StridedInputGradient, PackedWeights, BoundKernel, adding: BoundKernel)
    }

    private let convolution: ConvolutionSettings
    private let algorithm: Algorithm

    /// - Parameter images: of a launch, at most.
    /// - Throws: ``BackendError/batchTooLarge(images:bytes:limit:device:)``, `OpenCLError`.
    init(_ convolution: ConvolutionSettings, images: Int, on executor: OpenCLExecutor) throws {
        self.convolution = convolution
        // Turned round, a kernel reaches beyond the output's gradient by what it lacked of padding; feature maps have a
        // halo of one pixel for that.
        let padding = convolution.kernel - 1 - convolution.padding
        if convolution.stride == 1, padding == convolution.padding, padding <= ChannelBlock.halo {
            let transposed = ConvolutionSettings(
                input: convolution.output, outputChannels: convolution.input.channels, kernel: convolution.kernel,
                padding: padding)
            let storing = try RepackedConvolution(
                FusedConvolutionSettings(transposed), isTransposed: true, images: images, on: executor)
            let adding = try RepackedConvolution(
                FusedConvolutionSettings(transposed, addsToOutput: true), isTransposed: true, sharing: storing,
                images: images, on: executor)
            algorithm = .unitStride(storing, adding: adding)
        } else {
            let strided = StridedInputGradient(convolution, executor.traits)
            algorithm = .strided(
                strided, try strided.makeWeights(on: executor),
                try executor.kernel("input_gradient", strided.program(adding: false)),
                adding: try executor.kernel("input_gradient", strided.program(adding: true)))
        }
    }

    /// Packs the parameters as they are now.
    /// - Parameter first: where the convolution's weights begin.
    func update(from parameters: Buffer, first: Int, on executor: OpenCLExecutor) throws {
        switch algorithm {
        case .unitStride(let storing, let adding):
            try storing.weights.update(from: parameters, first: first, on: executor)
            if adding.weights !== storing.weights {
                try adding.weights.update(from: parameters, first: first, on: executor)
            }
        case .strided(_, let weights, _, _): try weights.update(from: parameters, first: first, on: executor)
        }
    }

    /// - Parameters:
    ///   - gradient: with respect to the output.
    ///   - result: gets the gradient with respect to the input, or has it added.
    func enqueue(
        _ gradient: Buffer, to result: Buffer, adding isAdding: Bool, images: Int, on executor: OpenCLExecutor
    ) throws {
        switch algorithm {
        case .unitStride(let storing, let adding):
            try (isAdding ? adding : storing).enqueue(gradient, to: result, images: images, on: executor)
        case .strided(let strided, let weights, let storing, let adding):
            let (input, output) = (convolution.input, convolution.output)
            try executor.launch(
                isAdding ? adding : storing,
                NDRange(input.height, input.paddedChannels / strided.channelsPerItem, images), .buffer(gradient),
                .buffer(weights.buffer), .buffer(result), .integer(input.paddedChannels / ChannelBlock.size),
                .integer(output.paddedChannels / ChannelBlock.size))
        }
    }
}

/// How InputGradient.cl is compiled for a convolution.
private struct StridedInputGradient {
    private let convolution: ConvolutionSettings
    private let traits: DeviceTraits
    private let tile: (pixels: Int, vectors: Int)

    init(_ convolution: ConvolutionSettings, _ traits: DeviceTraits) {
        self.convolution = convolution
        self.traits = traits
        let pairs = convolution.input.paddedChannels % (2 * traits.vectorWidth) == 0 && traits.vectorRegisters >= 16
        let vectors = pairs ? 2 : 1
        let pixels = (traits.vectorRegisters - vectors - 2) / vectors
        let row = (convolution.input.width + convolution.stride - 1) / convolution.stride
        // Rows in equal parts, as large as registers allow.
        let parts = (row + max(pixels, 1) - 1) / max(pixels, 1)
        tile = ((row + parts - 1) / parts, vectors)
    }

    var channelsPerItem: Int { traits.vectorWidth * tile.vectors }

    /// Weights [input / width][output / 16][kernel][kernel][16][width].
    func makeWeights(on executor: OpenCLExecutor) throws -> PackedWeights {
        let transposed = ConvolutionSettings(
            input: convolution.output, outputChannels: convolution.input.channels, kernel: convolution.kernel)
        let inner = convolution.output.paddedChannels * convolution.kernel * convolution.kernel
        return try PackedWeights(
            .panels(width: channelsPerItem, block: ChannelBlock.size, inner: inner), transposed, isTransposed: true,
            isMirrored: false, on: executor)
    }

    func program(adding: Bool) -> ProgramDescriptor {
        let (input, output) = (convolution.input, convolution.output)
        return ProgramDescriptor(
            .inputGradient, traits,
            [
                "INPUT_HEIGHT": input.height, "INPUT_WIDTH": input.width, "OUTPUT_HEIGHT": output.height,
                "OUTPUT_WIDTH": output.width, "KERNEL": convolution.kernel, "STRIDE": convolution.stride,
                "PADDING": convolution.padding, "ADDING": adding ? 1 : 0, "TILE_PIXELS": tile.pixels,
                "TILE_VECTORS": tile.vectors,
            ])
    }
}
