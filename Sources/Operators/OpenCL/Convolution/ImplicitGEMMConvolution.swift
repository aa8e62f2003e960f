import Kernels
import OpenCL

/// Convolution as a product of matrices, the left one of which is never stored: work-groups stage tiles of both factors in
/// local memory. Made for GPUs; see ImplicitGEMM.cl.
struct ImplicitGEMMConvolution: ConvolutionDescriptor {
    typealias Tile = ImplicitGEMMTile

    let settings: FusedConvolutionSettings
    let traits: DeviceTraits
    let tile: Tile

    init(_ settings: FusedConvolutionSettings, _ traits: DeviceTraits, _ tile: Tile) {
        self.settings = settings
        self.traits = traits
        self.tile = tile
    }

    /// What is worth measuring, the most promising first; none where the device has too little local memory.
    /// - Parameter images: of a launch, at most.
    static func candidates(
        _ settings: FusedConvolutionSettings, _ traits: DeviceTraits, images: Int = 1
    ) -> [ConvolutionAlgorithm] {
        ImplicitGEMMCost.candidates(settings, traits, images: images).sorted().prefix(8).map {
            .implicitGEMM($0.tile)
        }
    }

    private var product: ImplicitGEMM {
        ImplicitGEMM(problem: ImplicitGEMMProblem(settings), traits: traits, tile: tile)
    }

    var supportsHalfStorage: Bool { true }

    /// A tile spans rows: the second stage sums them, or a launch of its own.
    var sumsRows: Bool { product.sumsRows }

    var packing: WeightPacking { product.packing }

    var programs: Set<ProgramDescriptor> { [product.program] }

    /// Of the launches for so many images.
    func estimates(images: Int) -> [LaunchEstimate] { product.estimates(images: images) }

    func makeOperation(
        weights: Buffer, bias: Buffer, images: Int, on executor: OpenCLExecutor
    ) throws -> any ConvolutionOperation {
        ImplicitGEMMOperation(
            product, try ImplicitGEMMLaunches(product, weights: weights, bias: bias, images: images, on: executor))
    }
}

private final class ImplicitGEMMOperation: ConvolutionOperation {
    private let launches: ImplicitGEMMLaunches
    let groupsPerImage: Int

    init(_ product: ImplicitGEMM, _ launches: ImplicitGEMMLaunches) {
        self.launches = launches
        groupsPerImage = product.groupsPerImage
    }

    func enqueue(_ launch: ConvolutionLaunch, on executor: OpenCLExecutor) throws {
        try launches.enqueue(launch, on: executor)
    }
}
