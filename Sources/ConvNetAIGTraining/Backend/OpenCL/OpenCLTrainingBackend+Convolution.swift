import ConvNetAIG
import Operators
import Kernels
import OpenCL

extension OpenCLTrainingBackend {
    /// A convolution's kernels for all three passes, and its weights in the orders that these read.
    package final class Convolution {
        let settings: TrainingConvolutionSettings
        let forward: PackedConvolution
        let inputGradient: InputGradient?
        let weightGradient: WeightGradient?

        init(
            settings: TrainingConvolutionSettings, forward: PackedConvolution, inputGradient: InputGradient?,
            weightGradient: WeightGradient?
        ) {
            self.settings = settings
            self.forward = forward
            self.inputGradient = inputGradient
            self.weightGradient = weightGradient
        }
    }

    /// Sums of parts of the batch, and what adds them up.
    struct WeightGradient {
        let kernel: WeightGradientKernel
        let sums: TrainingKernel
        let total: TrainingKernel
    }

    /// A convolution kernel and the kernel that packs its weights.
    struct PackedConvolution {
        let convolution: RepackedConvolution
        let kernel: TrainingKernel
        let packing: TrainingKernel
        let packed: Buffer
        let outputs: Int
        let inputs: Int
    }

    enum InputGradient {
        /// A convolution itself: one that stores, one that adds, with the same weights.
        case unitStride(PackedConvolution, adding: PackedConvolution)
        case strided(StridedInputGradient, TrainingKernel, adding: TrainingKernel, packing: TrainingKernel, Buffer)
    }

    package func makeConvolution(_ settings: TrainingConvolutionSettings, images: Int) throws -> Convolution {
        let forward = try packedConvolution(
            FusedConvolutionSettings(settings.convolution), isTransposed: false, packed: nil, images: images)
        let convolution = Convolution(
            settings: settings, forward: forward,
            inputGradient: settings.hasInputGradient ? try makeInputGradient(settings, images: images) : nil,
            weightGradient: settings.hasWeightGradient ? try makeWeightGradient(settings, images: images) : nil)
        convolutions.append(convolution)
        return convolution
    }

    private func makeWeightGradient(_ settings: TrainingConvolutionSettings, images: Int) throws -> WeightGradient {
        let gradient = WeightGradientKernel(settings, traits, images: images)
        try grow(&partialSums, to: gradient.partialCount, images: images)
        return WeightGradient(
            kernel: gradient, sums: kernel(gradient.kernelName, gradient.program),
            total: kernel(gradient.addingKernelName, gradient.program))
    }

    private func makeInputGradient(_ settings: TrainingConvolutionSettings, images: Int) throws -> InputGradient {
        let shape = settings.convolution
        // Turned round, a kernel reaches beyond the output's gradient by what it lacked of padding; feature maps have
        // a halo of one pixel for that.
        let padding = shape.kernel - 1 - shape.padding
        if shape.stride == 1, padding == shape.padding, padding <= ChannelBlock.halo {
            func convolution(adding: Bool, packed: PackedConvolution?) throws -> PackedConvolution {
                try packedConvolution(
                    FusedConvolutionSettings(
                        ConvolutionSettings(
                            input: shape.output, outputChannels: shape.input.channels, kernel: shape.kernel,
                            padding: padding), addsToOutput: adding), isTransposed: true, packed: packed, images: images
                )
            }
            let storing = try convolution(adding: false, packed: nil)
            return .unitStride(storing, adding: try convolution(adding: true, packed: storing))
        }
        let strided = StridedInputGradient(settings, traits)
        return .strided(
            strided, kernel("input_gradient", strided.program(adding: false)),
            adding: kernel("input_gradient", strided.program(adding: true)),
            packing: kernel("pack_panels", packingProgram(kernel: shape.kernel, isTransposed: true, isMirrored: false)),
            try allocate(strided.packedCount, images: images))
    }

    /// - Parameter packed: a convolution whose weights may serve, if they lie in the same order.
    private func packedConvolution(
        _ settings: FusedConvolutionSettings, isTransposed: Bool, packed: PackedConvolution?, images: Int
    ) throws -> PackedConvolution {
        let convolution = RepackedConvolution(settings, traits, images: images)
        let packing: TrainingKernel
        switch convolution.packing {
        case .panels:
            packing = kernel(
                "pack_panels",
                packingProgram(kernel: settings.convolution.kernel, isTransposed: isTransposed, isMirrored: true))
        case .winograd(let outputTile, _):
            packing = kernel(
                "pack_winograd",
                packingProgram(
                    kernel: settings.convolution.kernel, isTransposed: isTransposed, isMirrored: true,
                    outputTile: outputTile))
        }
        try grow(&zeroBias, to: convolution.outputChannels, images: images)
        let shared = packed.flatMap { $0.convolution.packing == convolution.packing ? $0.packed : nil }
        return PackedConvolution(
            convolution: convolution, kernel: kernel(convolution.kernelName, convolution.program), packing: packing,
            packed: try shared ?? allocate(convolution.packedCount, images: images),
            outputs: settings.convolution.outputChannels,
            inputs: settings.convolution.input.channels)
    }

    private func packingProgram(
        kernel: Int, isTransposed: Bool, isMirrored: Bool, outputTile: Int = 4
    ) -> ProgramDescriptor {
        ProgramDescriptor(
            .weightPacking, traits,
            [
                "AREA": kernel * kernel, "TRANSPOSED": isTransposed ? 1 : 0, "MIRRORED": isMirrored ? 1 : 0,
                "OUTPUT_TILE": outputTile,
            ])
    }

    /// Brings the parameters as they are now into the orders that the kernels read.
    func pack(_ convolution: Convolution) throws {
        let first = convolution.settings.weights
        try pack(convolution.forward, first: first)
        switch convolution.inputGradient {
        case .unitStride(let storing, let adding):
            try pack(storing, first: first)
            if adding.packed !== storing.packed { try pack(adding, first: first) }
        case .strided(let strided, _, _, let packing, let packed):
            try packPanels(
                packing, first: first, to: packed, outputs: convolution.settings.convolution.input.channels,
                inputs: convolution.settings.convolution.outputChannels, width: strided.channelsPerItem,
                block: ChannelBlock.size)
        case nil: break
        }
    }

    private func pack(_ packed: PackedConvolution, first: Int) throws {
        switch packed.convolution.packing {
        case .panels(let width, let block):
            try packPanels(
                packed.packing, first: first, to: packed.packed, outputs: packed.outputs, inputs: packed.inputs,
                width: width, block: block)
        case .winograd(_, let step):
            try launch(
                packed.packing, NDRange(vectors(packed.outputs)), .buffer(buffer(.parameters)), .integer(first),
                .buffer(packed.packed), .integer(packed.outputs), .integer(packed.inputs), .integer(step))
        }
    }

    private func packPanels(
        _ kernel: TrainingKernel, first: Int, to packed: Buffer, outputs: Int, inputs: Int, width: Int, block: Int
    ) throws {
        try launch(
            kernel, NDRange(vectors(outputs)), .buffer(buffer(.parameters)), .integer(first), .buffer(packed),
            .integer(outputs), .integer(inputs), .integer(width), .integer(block))
    }

    /// Vectors that hold so many channels.
    func vectors(_ channels: Int) -> Int { (channels + traits.vectorWidth - 1) / traits.vectorWidth }

    package func convolve(_ convolution: Convolution, _ input: FeatureMaps, to output: FeatureMaps) throws {
        try enqueue(convolution.forward, input, to: output)
    }

    private func enqueue(_ packed: PackedConvolution, _ input: FeatureMaps, to output: FeatureMaps) throws {
        try packed.convolution.enqueue(
            packed.kernel.bound(), input: input.values, weights: packed.packed, bias: zeroBias, output: output.values,
            everyone: everyone, images: images, on: queue)
    }

    package func backwardToInput(
        _ convolution: Convolution, gradient: FeatureMaps, to result: FeatureMaps, adding: Bool
    ) throws {
        switch convolution.inputGradient {
        case .unitStride(let storing, let added):
            try enqueue(adding ? added : storing, gradient, to: result)
        case .strided(let strided, let storing, let added, _, let packed):
            let (input, output) = (convolution.settings.convolution.input, convolution.settings.convolution.output)
            try launch(
                adding ? added : storing,
                NDRange(input.height, input.paddedChannels / strided.channelsPerItem, images),
                .buffer(gradient.values), .buffer(packed), .buffer(result.values),
                .integer(input.paddedChannels / ChannelBlock.size), .integer(output.paddedChannels / ChannelBlock.size))
        case nil:
            throw BackendError.notAnInput
        }
    }

    package func backwardToWeights(_ convolution: Convolution, input: FeatureMaps, gradient: FeatureMaps) throws {
        guard let weightGradient = convolution.weightGradient else { throw BackendError.notAnInput }
        let (settings, sums) = (convolution.settings, weightGradient.kernel)
        try sums.enqueue(
            weightGradient.sums, input: input, gradient: gradient, partial: partialSums, images: images, on: self)
        try launch(
            weightGradient.total,
            NDRange(vectors(settings.convolution.outputChannels), settings.convolution.input.channels),
            .buffer(partialSums), .buffer(buffer(.gradients)), .integer(settings.weights), .integer(sums.slices),
            .integer(settings.convolution.input.channels), .integer(settings.convolution.outputChannels),
            .integer(sums.inputChannels), .integer(settings.convolution.output.paddedChannels))
    }
}
