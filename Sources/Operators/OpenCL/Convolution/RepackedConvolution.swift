import OpenCL

/// A convolution without bias whose weights change from step to step: its forward pass in training, and at stride 1, with
/// the kernel turned round, its gradient with respect to the input.
final class RepackedConvolution {
    let weights: PackedWeights
    private let algorithm: ConvolutionAlgorithm
    private let operation: any ConvolutionOperation
    private let unused: Buffer

    /// - Parameters:
    ///   - isTransposed: whether the parameters are those of the convolution in the other direction.
    ///   - other: a convolution whose weights may serve, if they lie in the same order.
    ///   - images: of a launch, at most.
    /// - Throws: ``BackendError/batchTooLarge(images:bytes:limit:device:)``, `OpenCLError`.
    init(
        _ settings: FusedConvolutionSettings, isTransposed: Bool, sharing other: RepackedConvolution? = nil,
        images: Int, on executor: OpenCLExecutor
    ) throws {
        algorithm = Self.algorithm(settings, executor.traits, sharing: other?.algorithm, images: images)
        let descriptor = algorithm.descriptor(settings, executor.traits)
        let shared = other.flatMap { $0.weights.packing == descriptor.packing ? $0.weights : nil }
        weights =
            try shared
            ?? PackedWeights(descriptor.packing, settings.convolution, isTransposed: isTransposed, on: executor)
        operation = try descriptor.makeOperation(
            weights: weights.buffer, bias: executor.zeros(descriptor.outputChannels), images: images, on: executor)
        unused = executor.unused
    }

    /// The standard algorithm if its weights can be packed on the device, or else the best tile of direct convolution.
    /// - Parameter other: of a convolution of the same extents, whose tile saves packing the weights twice.
    private static func algorithm(
        _ settings: FusedConvolutionSettings, _ traits: DeviceTraits, sharing other: ConvolutionAlgorithm?, images: Int
    ) -> ConvolutionAlgorithm {
        if let other, case .implicitGEMM = other { return other }
        let standard = ConvolutionAlgorithm.standard(settings, traits, images: images)
        switch standard {
        case .direct, .winograd, .implicitGEMM: return standard
        case .im2col: return .bestDirect(settings, traits)
        }
    }

    /// Computes the first `images` of a batch.
    func enqueue(_ input: Buffer, to output: Buffer, images: Int, on executor: OpenCLExecutor) throws {
        // No row is summed, and no decision asked for.
        try operation.enqueue(
            ConvolutionLaunch(
                input: input, output: output, rowSums: unused,
                active: ActiveImages(buffer: executor.identity(images), offset: 0), images: images,
                decisions: ActiveImages(buffer: unused, offset: 0)), on: executor)
    }
}
