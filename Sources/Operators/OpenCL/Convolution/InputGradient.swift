import Kernels
import OpenCL

/// The gradient of a convolution with respect to its input (backward-data):
/// g(x)[i, y, x] = sum over o, r, c of w[o, i, y + padding - r stride, x + padding - c stride] g(y)[o, r, c], w being 0
/// outside of the window.
///
/// At stride 1 that is a convolution itself, of the output's gradient with the kernel turned round; elsewhere
/// ImplicitGEMM.cl computes it where groups have many items, and InputGradient.cl where they have one.
final class InputGradient {
    private enum Algorithm {
        /// One that stores, and one that adds.
        case unitStride(RepackedConvolution, adding: RepackedConvolution)
        case strided(StridedInputGradient, PackedWeights, BoundKernel, adding: BoundKernel)
        case product(PackedWeights, ImplicitGEMMLaunches, adding: ImplicitGEMMLaunches)
    }

    private let convolution: ConvolutionSettings
    private let algorithm: Algorithm

    /// - Parameter images: of a launch, at most.
    /// - Throws: ``BackendError/batchTooLarge(images:bytes:limit:device:)``, `OpenCLError`.
    init(_ convolution: ConvolutionSettings, images: Int, on executor: OpenCLExecutor) throws {
        self.convolution = convolution
        if let transposed = Self.unitStrideConvolution(convolution) {
            let storing = try RepackedConvolution(
                FusedConvolutionSettings(transposed), isTransposed: true, images: images, on: executor)
            let adding = try RepackedConvolution(
                FusedConvolutionSettings(transposed, addsToOutput: true), isTransposed: true, sharing: storing,
                images: images, on: executor)
            algorithm = .unitStride(storing, adding: adding)
        } else if let products = Self.products(convolution, executor.traits, images: images) {
            let weights = try PackedWeights(
                products.storing.packing, convolution.transposed, isTransposed: true, isMirrored: false, on: executor)
            let bias = try executor.zeros(convolution.input.paddedChannels)
            let launches = try [products.storing, products.adding].map {
                try ImplicitGEMMLaunches($0, weights: weights.buffer, bias: bias, images: images, on: executor)
            }
            algorithm = .product(weights, launches[0], adding: launches[1])
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
        case .strided(_, let weights, _, _), .product(let weights, _, _):
            try weights.update(from: parameters, first: first, on: executor)
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
        case .product(_, let storing, let adding):
            let unused = ActiveImages(buffer: executor.unused, offset: 0)
            try (isAdding ? adding : storing).enqueue(
                ConvolutionLaunch(
                    input: gradient, output: result, rowSums: executor.unused,
                    active: ActiveImages(buffer: executor.identity(images), offset: 0), images: images,
                    decisions: unused), on: executor)
        }
    }

    /// The convolution that computes the gradient of one at stride 1: nil where there is none.
    static func unitStrideConvolution(_ convolution: ConvolutionSettings) -> ConvolutionSettings? {
        // Turned round, a kernel reaches beyond the output's gradient by what it lacked of padding; feature maps have a
        // halo of one pixel for that.
        let padding = convolution.kernel - 1 - convolution.padding
        guard convolution.stride == 1, padding == convolution.padding, padding <= ChannelBlock.halo else { return nil }
        return ConvolutionSettings(
            input: convolution.output, outputChannels: convolution.input.channels, kernel: convolution.kernel,
            padding: padding)
    }

    /// How an implicit GEMM computes the gradient: nil where groups have one item, or have too little local memory.
    static func products(
        _ convolution: ConvolutionSettings, _ traits: DeviceTraits, images: Int
    ) -> (storing: ImplicitGEMM, adding: ImplicitGEMM)? {
        let problem = ImplicitGEMMProblem(inputGradientOf: convolution, adding: false)
        guard traits.groupSize > 1,
            let best = ImplicitGEMMCost.candidates(problem, traits, images: images).min()
        else { return nil }
        return (
            ImplicitGEMM(problem: problem, traits: traits, tile: best.tile),
            ImplicitGEMM(
                problem: ImplicitGEMMProblem(inputGradientOf: convolution, adding: true), traits: traits,
                tile: best.tile)
        )
    }
}

extension ConvolutionSettings {
    /// From the output channels to the input channels: the one whose weights a gradient with respect to the input has.
    fileprivate var transposed: ConvolutionSettings {
        ConvolutionSettings(input: output, outputChannels: input.channels, kernel: kernel)
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
        let inner = convolution.output.paddedChannels * convolution.kernel * convolution.kernel
        return try PackedWeights(
            .panels(width: channelsPerItem, block: ChannelBlock.size, inner: inner), convolution.transposed,
            isTransposed: true, isMirrored: false, on: executor)
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
