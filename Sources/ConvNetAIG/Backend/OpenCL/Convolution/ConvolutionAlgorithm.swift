/// The ways to compute a convolution, each with its parameters.
enum ConvolutionAlgorithm: Sendable, Hashable, Codable {
    case direct(DirectConvolution.Tile)
    case winograd(WinogradConvolution.Tile)

    func descriptor(_ problem: ConvolutionProblem, _ traits: DeviceTraits) -> any ConvolutionDescriptor {
        switch self {
        case .direct(let tile): DirectConvolution(problem, traits, tile)
        case .winograd(let tile): WinogradConvolution(problem, traits, tile)
        }
    }

    /// What is taken to be best where nothing was measured.
    /// - Parameter images: of a launch, at most.
    static func standard(_ problem: ConvolutionProblem, _ traits: DeviceTraits, images: Int) -> ConvolutionAlgorithm {
        guard let direct = DirectTileCost.candidates(problem, traits).min() else {
            return .direct(DirectConvolution.Tile(rows: 1, pixels: 1, vectors: 1))
        }
        guard let winograd = WinogradCost.candidates(problem, traits, images: images).first,
            winograd.cycles < direct.launchCycles(problem, traits, images: images)
        else { return .direct(direct.tile) }
        return .winograd(winograd.tile)
    }
}
