import Kernels
import OpenCL

/// Convolution as the product of two stored matrices: what each tap of each output pixel reads (im2col), and the weights;
/// the product is CLBlast's.
///
/// The library takes matrices with one leading dimension. Blocks of channels have none, so that even a 1x1 convolution
/// with stride 1 has its input laid out anew, and the product passes through memory of its own before bias, residual and
/// ReLU bring it into blocks.
struct Im2colConvolution: ConvolutionDescriptor {
    /// How many images make one product.
    struct Batching: Sendable, Hashable, Codable, CustomStringConvertible {
        var images: Int

        /// As in "im2col + CLBlast, 8 images".
        var description: String { "im2col + CLBlast, \(images) image\(images == 1 ? "" : "s")" }
    }

    let settings: FusedConvolutionSettings
    let traits: DeviceTraits
    let batching: Batching

    init(_ settings: FusedConvolutionSettings, _ traits: DeviceTraits, _ batching: Batching) {
        self.settings = settings
        self.traits = traits
        // Launches advance by it, and it may come from a file.
        self.batching = Batching(images: max(batching.images, 1))
    }

    /// Bytes of laid-out input beyond which a launch is several products.
    private static let maxColumnBytes = 1 << 26

    /// As many images as the memory for their columns allows: larger products are faster.
    /// - Parameter images: of a launch, at most.
    static func candidates(
        _ settings: FusedConvolutionSettings, _ traits: DeviceTraits, images: Int
    ) -> [ConvolutionAlgorithm] {
        let one = Im2colConvolution(settings, traits, Batching(images: 1))
        let imageBytes = max(one.innerCount * settings.convolution.output.pixels * MemoryLayout<Float>.stride, 1)
        return [.im2col(Batching(images: min(max(maxColumnBytes / imageBytes, 1), max(images, 1))))]
    }

    /// Of feature maps.
    var supportsHalfStorage: Bool { true }

    /// The library multiplies floats.
    var readsFloatWeights: Bool { true }

    /// On CPUs an item has a row, and can sum it.
    var sumsRows: Bool { settings.sumsRows && itemPixels == convolution.output.width }

    /// Where groups have many items, neighbours take neighbouring pixels.
    var itemPixels: Int { traits.groupSize == 1 ? convolution.output.width : 1 }

    var programs: Set<ProgramDescriptor> { [program] }

    func makeOperation(
        weights: Buffer, bias: Buffer, images: Int, on executor: OpenCLExecutor
    ) throws -> any ConvolutionOperation {
        try Im2colOperation(self, weights, bias, images: images, on: executor)
    }

    var packing: WeightPacking { .panels(width: outputChannels, block: inputBlock, inner: innerCount) }

    private var pixelItems: Int { convolution.output.pixels / itemPixels }

    private func wholeGroups(_ items: Int) -> Int {
        (items + traits.groupSize - 1) / traits.groupSize * traits.groupSize
    }

    func columnsGlobal(images: Int) -> NDRange {
        NDRange(wholeGroups(pixelItems), innerCount / inputBlock, images)
    }

    func storingGlobal(images: Int) -> NDRange {
        NDRange(wholeGroups(pixelItems * outputChannels / traits.vectorWidth), 1, images)
    }

    var local: NDRange { NDRange(traits.groupSize, 1, 1) }

    /// The product of a number of images: [pixels of all images][inner] x [inner][output channels].
    func product(images: Int) -> CLBlastProduct {
        CLBlastProduct(rows: images * convolution.output.pixels, columns: outputChannels, inner: innerCount)
    }

    var program: ProgramDescriptor {
        ProgramDescriptor(
            .im2col, traits, shared: convolutionConstants,
            [
                "ROW_SUMS": sumsRows ? 1 : 0,
                "ITEM_PIXELS": itemPixels, "GROUP_SIZE": traits.groupSize,
            ])
    }
}

/// The launches of CLBlast's own kernels are not among those that the command queue counts.
private final class Im2colOperation: ConvolutionOperation {
    private let descriptor: Im2colConvolution
    private let columnsKernel: BoundKernel
    private let storing: BoundKernel
    private let weights: Buffer
    /// [inner][image][pixel]
    private let columns: Buffer
    /// [image][pixel][output channels, padded]
    private let product: Buffer
    /// What CLBlast brings into shape before it multiplies; nil where it needs nothing.
    private let temporary: Buffer?

    init(
        _ descriptor: Im2colConvolution, _ weights: Buffer, _ bias: Buffer, images: Int, on executor: OpenCLExecutor
    ) throws {
        self.descriptor = descriptor
        self.weights = weights
        let most = min(descriptor.batching.images, images)
        let pixels = descriptor.convolution.output.pixels
        columnsKernel = try executor.kernel("im2col", descriptor.program)
        storing = try executor.kernel("store_product", descriptor.program)
        columns = try executor.allocate(Float.self, perImage: descriptor.innerCount * pixels, images: most)
        product = try executor.allocate(Float.self, perImage: descriptor.outputChannels * pixels, images: most)
        // Fewer images need no more of it.
        let bytes = try descriptor.product(images: most).temporaryBytes(on: executor.queue)
        temporary = bytes > 0 ? try executor.allocate(UInt8.self, perImage: bytes, images: 1) : nil
        try columnsKernel.bind(1, columns)
        try columnsKernel.bind(4, descriptor.inputChannels / descriptor.inputBlock)
        try storing.bind(0, product)
        try storing.bind(1, bias)
        try storing.bind(8, descriptor.outputChannels / ChannelBlock.size)
    }

    var groupsPerImage: Int {
        (descriptor.columnsGlobal(images: 1).count + descriptor.storingGlobal(images: 1).count)
            / descriptor.local.count
    }

    func enqueue(_ launch: ConvolutionLaunch, on executor: OpenCLExecutor) throws {
        try columnsKernel.bind(0, launch.input)
        try columnsKernel.bind(2, launch.active.buffer)
        try storing.bind(2, launch.output)
        try storing.bind(3, launch.rowSums)
        try storing.bind(4, launch.active.buffer)
        try storing.bind(6, launch.decisions.buffer)
        try storing.bind(7, launch.decisions.offset)
        for start in stride(from: 0, to: launch.images, by: descriptor.batching.images) {
            let images = min(descriptor.batching.images, launch.images - start)
            let shape = descriptor.product(images: images)
            try columnsKernel.bind(3, launch.active.offset + start)
            try columnsKernel.bind(5, shape.rows)
            try executor.launch(
                columnsKernel, global: descriptor.columnsGlobal(images: images), local: descriptor.local)
            try shape.enqueue(columns, weights, to: product, temporary: temporary, on: executor.queue)
            try storing.bind(5, launch.active.offset + start)
            try executor.launch(storing, global: descriptor.storingGlobal(images: images), local: descriptor.local)
        }
    }
}
