/// The ways to compute a convolution, each with its parameters.
enum ConvolutionAlgorithm: Sendable, Hashable {
    case direct(DirectConvolution.Tile)

    func descriptor(_ problem: ConvolutionProblem, _ traits: DeviceTraits) -> any ConvolutionDescriptor {
        switch self {
        case .direct(let tile): DirectConvolution(problem, traits, tile)
        }
    }

    /// What is taken to be best where nothing was measured.
    /// - Parameter images: of a launch, at most.
    static func standard(_ problem: ConvolutionProblem, _ traits: DeviceTraits, images: Int) -> ConvolutionAlgorithm {
        .direct(DirectTileCost.best(problem, traits))
    }
}
