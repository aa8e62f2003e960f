/// An estimate of what a tile costs, to choose one without measuring.
///
/// A core is taken to start two multiply-adds and two loads per cycle, and to have a result four cycles later: so a tile
/// needs eight accumulators to hide the latency, and more multiply-adds than loads.
struct DirectTileCost: Comparable {
    let tileRows: Int
    let tilePixels: Int
    let tileVectors: Int
    /// Cycles for one input channel and tap of a whole feature map.
    let cycles: Double
    /// Tiles of the feature map: each reads its weights once more.
    let tiles: Int
    let loadsPerMultiply: Double

    /// Pixels of the largest tile, and vectors of the widest.
    private static let largest = 28
    private static let widest = 4
    static let latencyCycles = 4.0

    init(_ settings: FusedConvolutionSettings, _ traits: DeviceTraits, tileRows: Int, tilePixels: Int, tileVectors: Int)
    {
        let (height, width) = (settings.convolution.output.height, settings.convolution.output.width)
        func tileCycles(_ pixels: Int) -> Double {
            guard pixels > 0 else { return 0 }
            return max(Double(pixels * tileVectors) / 2, Double(pixels + tileVectors) / 2, Self.latencyCycles)
        }
        func rowCycles(_ rows: Int) -> Double {
            Double(width / tilePixels) * tileCycles(rows * tilePixels) + tileCycles(rows * (width % tilePixels))
        }
        let groups = settings.convolution.output.paddedChannels / (traits.vectorWidth * tileVectors)
        self.tileRows = tileRows
        self.tilePixels = tilePixels
        self.tileVectors = tileVectors
        cycles = Double(groups) * (Double(height / tileRows) * rowCycles(tileRows) + rowCycles(height % tileRows))
        tiles = (height + tileRows - 1) / tileRows * ((width + tilePixels - 1) / tilePixels)
        loadsPerMultiply =
            Double(tileRows * tilePixels + tileVectors) / Double(tileRows * tilePixels * tileVectors)
    }

    /// The tiles whose accumulators, weights and value fit the registers.
    static func candidates(_ settings: FusedConvolutionSettings, _ traits: DeviceTraits) -> [DirectTileCost] {
        // With 32 registers (AVX-512) a multiply-add takes its value straight from memory.
        let valueRegisters = traits.vectorRegisters >= 32 ? 0 : 1
        let (height, width) = (settings.convolution.output.height, settings.convolution.output.width)
        return (1...widest).flatMap { vectors -> [DirectTileCost] in
            let channels = traits.vectorWidth * vectors
            // Whole blocks of channels, or whole parts of one.
            guard settings.convolution.output.paddedChannels % channels == 0,
                channels % ChannelBlock.size == 0 || ChannelBlock.size % channels == 0
            else { return [] }
            return (1...min(largest, width)).flatMap { pixels -> [DirectTileCost] in
                // Several rows only where a tile has the whole width, and more room still.
                let mostRows = pixels == width && traits.groupSize == 1 ? min(largest / pixels, height) : 1
                return (1...mostRows).compactMap { rows in
                    guard rows * pixels * vectors + vectors + valueRegisters <= traits.vectorRegisters else {
                        return nil
                    }
                    return DirectTileCost(settings, traits, tileRows: rows, tilePixels: pixels, tileVectors: vectors)
                }
            }
        }
    }

    var tile: DirectConvolution.Tile {
        DirectConvolution.Tile(rows: tileRows, pixels: tilePixels, vectors: tileVectors)
    }

    /// Cycles of a launch.
    func launchCycles(_ settings: FusedConvolutionSettings, _ traits: DeviceTraits, images: Int) -> Double {
        let descriptor = DirectConvolution(settings, traits, tile)
        let taps = descriptor.inputChannels * settings.convolution.kernel * settings.convolution.kernel
        let units = Double(traits.computeUnits)
        let weights = MemoryCost(
            bytes: Double(taps * descriptor.outputChannels) * 4 / units, repeats: Double(images))
        return Double(images) * (cycles * Double(taps) / units + 0.15 * weights.cycles)
    }

    static func < (first: DirectTileCost, second: DirectTileCost) -> Bool {
        (first.cycles, first.tiles, first.loadsPerMultiply)
            < (second.cycles, second.tiles, second.loadsPerMultiply)
    }
}
