/// An estimate of what a tile costs per output row, to choose one without measuring.
///
/// A core is taken to start two multiply-adds and two loads per cycle, and to have a result four cycles later: so a tile
/// needs eight accumulators to hide the latency, and more multiply-adds than loads.
struct TileCost: Comparable {
    let tilePixels: Int
    let tileVectors: Int
    /// Cycles for one input channel and tap of all output channels of a row.
    let cycles: Double
    /// Each tile reads its weights once more.
    let tiles: Int
    let loadsPerMultiply: Double

    static let longestTile = 28
    static let widestTile = 4
    private static let latencyCycles = 4.0

    init(_ problem: ConvolutionProblem, _ traits: DeviceTraits, tilePixels: Int, tileVectors: Int) {
        let width = problem.output.width
        func tileCycles(_ pixels: Int) -> Double {
            guard pixels > 0 else { return 0 }
            return max(Double(pixels * tileVectors) / 2, Double(pixels + tileVectors) / 2, Self.latencyCycles)
        }
        let groups = problem.output.paddedChannels / (traits.vectorWidth * tileVectors)
        let whole = width / tilePixels
        self.tilePixels = tilePixels
        self.tileVectors = tileVectors
        cycles = Double(groups) * (Double(whole) * tileCycles(tilePixels) + tileCycles(width % tilePixels))
        tiles = (width + tilePixels - 1) / tilePixels
        loadsPerMultiply = Double(tilePixels + tileVectors) / Double(tilePixels * tileVectors)
    }

    /// The tiles whose accumulators, weights and value fit the registers.
    static func candidates(_ problem: ConvolutionProblem, _ traits: DeviceTraits) -> [TileCost] {
        // With 32 registers (AVX-512) a multiply-add takes its value straight from memory.
        let valueRegisters = traits.vectorRegisters >= 32 ? 0 : 1
        return (1...widestTile).flatMap { vectors -> [TileCost] in
            guard problem.output.paddedChannels % (traits.vectorWidth * vectors) == 0 else { return [] }
            return (1...min(longestTile, max(problem.output.width, 1))).compactMap { pixels in
                guard pixels * vectors + vectors + valueRegisters <= traits.vectorRegisters else { return nil }
                return TileCost(problem, traits, tilePixels: pixels, tileVectors: vectors)
            }
        }
    }

    static func < (first: TileCost, second: TileCost) -> Bool {
        (first.cycles, first.tiles, first.loadsPerMultiply)
            < (second.cycles, second.tiles, second.loadsPerMultiply)
    }
}
