/// The ways to compute a convolution, each with its parameters.
enum ConvolutionAlgorithm: Sendable, Hashable {
    case direct(DirectConvolution.Tile)
    case implicitGEMM(ImplicitGEMMConvolution.Tile)
    case im2col(Im2colConvolution.Batching)

    func descriptor(_ problem: ConvolutionProblem, _ traits: DeviceTraits) -> any ConvolutionDescriptor {
        switch self {
        case .direct(let tile): DirectConvolution(problem, traits, tile)
        case .implicitGEMM(let tile): ImplicitGEMMConvolution(problem, traits, tile)
        case .im2col(let batching): Im2colConvolution(problem, traits, batching)
        }
    }

    /// What is taken to be best where nothing was measured.
    /// - Parameter images: of a launch, at most.
    static func standard(_ problem: ConvolutionProblem, _ traits: DeviceTraits, images: Int) -> ConvolutionAlgorithm {
        // A core that runs a group by itself gains nothing by local memory.
        if traits.groupSize > 1, let tile = ImplicitGEMMTileCost.best(problem, traits, images: images) {
            return .implicitGEMM(tile)
        }
        return .direct(DirectTileCost.best(problem, traits))
    }
}
