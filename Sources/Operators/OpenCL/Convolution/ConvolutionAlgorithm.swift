/// The ways to compute a convolution, each with its parameters.
enum ConvolutionAlgorithm: Sendable, Hashable, Codable {
    case direct(DirectConvolution.Tile)
    case winograd(WinogradConvolution.Tile)
    case implicitGEMM(ImplicitGEMMConvolution.Tile)
    case im2col(Im2colConvolution.Batching)

    func descriptor(_ settings: FusedConvolutionSettings, _ traits: DeviceTraits) -> any ConvolutionDescriptor {
        switch self {
        case .direct(let tile): DirectConvolution(settings, traits, tile)
        case .winograd(let tile): WinogradConvolution(settings, traits, tile)
        case .implicitGEMM(let tile): ImplicitGEMMConvolution(settings, traits, tile)
        case .im2col(let batching): Im2colConvolution(settings, traits, batching)
        }
    }

    /// Whether it keeps more than the weights, and its input and output.
    var needsMoreMemory: Bool {
        switch self {
        case .direct, .implicitGEMM: false
        case .winograd, .im2col: true
        }
    }

    /// What is taken to be best where nothing was measured.
    /// - Parameter images: of a launch, at most.
    static func standard(
        _ settings: FusedConvolutionSettings, _ traits: DeviceTraits, images: Int, goal: OptimizationGoal = .speed
    ) -> ConvolutionAlgorithm {
        // A core that runs a group by itself gains nothing by local memory that its items share.
        if traits.groupSize > 1, let tile = ImplicitGEMMCost.best(settings, traits, images: images) {
            return .implicitGEMM(tile)
        }
        guard let direct = DirectTileCost.candidates(settings, traits).min() else {
            return .direct(DirectConvolution.Tile(rows: 1, pixels: 1, vectors: 1))
        }
        guard goal == .speed, let winograd = WinogradCost.candidates(settings, traits, images: images).first,
            winograd.cycles < direct.launchCycles(settings, traits, images: images)
        else { return .direct(direct.tile) }
        return .winograd(winograd.tile)
    }

    /// Direct convolution with the tile that is taken to be best.
    static func bestDirect(_ settings: FusedConvolutionSettings, _ traits: DeviceTraits) -> ConvolutionAlgorithm {
        let best = DirectTileCost.candidates(settings, traits).min()?.tile
        return .direct(best ?? DirectConvolution.Tile(rows: 1, pixels: 1, vectors: 1))
    }

    /// What is worth trying, ``standard(_:_:images:)`` first.
    /// - Parameter images: of a launch, at most.
    static func candidates(
        _ settings: FusedConvolutionSettings, _ traits: DeviceTraits, images: Int
    ) -> [ConvolutionAlgorithm] {
        var found = [standard(settings, traits, images: images)]
        func add(_ algorithm: ConvolutionAlgorithm) {
            if !found.contains(algorithm) { found.append(algorithm) }
        }
        let direct = DirectTileCost.candidates(settings, traits).sorted()
        for cost in direct.prefix(4) { add(.direct(cost.tile)) }
        // The best of each number of vectors as well: estimates may favour one for the wrong reason.
        for vectors in Set(direct.map(\.tileVectors)).sorted() {
            if let best = direct.first(where: { $0.tileVectors == vectors }) { add(.direct(best.tile)) }
        }
        let winograd = WinogradCost.candidates(settings, traits, images: images).map(\.tile)
        for outputTile in [2, 4] {
            let ofSide = winograd.filter { $0.outputTile == outputTile }
            for tile in ofSide.prefix(3) { add(.winograd(tile)) }
            for vectors in [1, 2, 4] {
                for shares in Set(ofSide.map(\.shares)).sorted() {
                    if let best = ofSide.first(where: { $0.vectors == vectors && $0.shares == shares }) {
                        add(.winograd(best))
                    }
                }
            }
        }
        let implicit = ImplicitGEMMConvolution.candidates(settings, traits, images: images)
        for tile in implicit.prefix(traits.groupSize > 1 ? implicit.count : 1) { add(tile) }
        for batching in Im2colConvolution.candidates(settings, traits, images: images) { add(batching) }
        return found
    }

    /// Whether the algorithm computes the convolution on devices of these traits: what was stored may be meant for others.
    func isUsable(for settings: FusedConvolutionSettings, _ traits: DeviceTraits) -> Bool {
        let channels = settings.convolution.output.paddedChannels
        switch self {
        case .direct(let tile):
            let own = traits.vectorWidth * tile.vectors
            return tile.rows >= 1 && tile.pixels >= 1 && tile.vectors >= 1 && channels % own == 0
                && (own % ChannelBlock.size == 0 || ChannelBlock.size % own == 0)
        case .winograd(let tile):
            guard WinogradConvolution.supports(settings.convolution, traits), [2, 4].contains(tile.outputTile),
                tile.itemTiles >= 1, tile.itemImages >= 1, tile.registerTiles >= 1, tile.vectors >= 1, tile.shares >= 1,
                channels % (traits.vectorWidth * tile.vectors) == 0
            else { return false }
            return WinogradConvolution(settings, traits, tile).scratchBytes <= traits.localMemory
        case .implicitGEMM(let tile):
            return ImplicitGEMMCost.isUsable(
                tile, ImplicitGEMMProblem(settings), traits, images: 1)
        case .im2col(let batching):
            return batching.images >= 1
        }
    }
}

extension ConvolutionAlgorithm: CustomStringConvertible {
    var description: String {
        switch self {
        case .direct(let tile):
            return "direct, \(tile.rows) x \(tile.pixels) pixels x \(tile.vectors) vectors"
        case .winograd(let tile):
            let items =
                tile.itemImages > 1 ? "\(tile.itemImages) images an item" : "\(tile.itemTiles) tiles an item"
            return "Winograd F(\(tile.outputTile)x\(tile.outputTile)), \(tile.registerTiles) tiles x "
                + "\(tile.vectors) vectors, \(items)" + (tile.shares > 1 ? ", \(tile.shares) shares" : "")
        case .implicitGEMM(let tile): return tile.description
        case .im2col(let batching): return batching.description
        }
    }
}
