import ConvNetAIG
import Foundation

/// Noise for the gates: Gumbel(0, 1), as the authors draw it, -log(e - log(u + e)) with e = 1e-10 and u uniform in [0, 1).
struct GumbelNoise {
    private let generator: Philox4x32
    private let step: UInt64
    private let factor: Float
    /// Keeps these draws apart from other uses of the same seed: no other counter begins with this bit and not the next, see
    /// `StochasticDepth`.
    private static let purpose: UInt32 = 0x8000_0000

    /// - Parameters:
    ///   - step: of the training run.
    ///   - factor: what every number is multiplied by.
    init(seed: UInt64, step: Int, factor: Float = 1) {
        generator = Philox4x32(seed: seed)
        self.step = UInt64(truncatingIfNeeded: step)
        self.factor = factor
    }

    /// The noise of a gate: [image][skip, execute].
    func callAsFunction(gate: Int, images: Int) -> [Float] {
        var noise: [Float] = []
        noise.reserveCapacity(2 * images)
        for image in 0..<images {
            let words = generator(
                counter: (
                    Self.purpose | UInt32(truncatingIfNeeded: gate), UInt32(truncatingIfNeeded: image),
                    UInt32(truncatingIfNeeded: step), UInt32(truncatingIfNeeded: step >> 32)
                ))
            noise.append(factor * Self.gumbel(Philox4x32.uniform(words.0)))
            noise.append(factor * Self.gumbel(Philox4x32.uniform(words.1)))
        }
        return noise
    }

    private static func gumbel(_ uniform: Float) -> Float {
        let epsilon: Float = 1e-10
        return -log(epsilon - log(uniform + epsilon))
    }
}

/// Which branches a training step leaves out (Huang et al. 2016, "Deep Networks with Stochastic Depth", arXiv 1603.09382).
///
/// Block l of L, counting from 1, is dropped with a rate that rises linearly, p_l = l / L p, up to p for the last one. What is
/// dropped is the branch; the shortcut stays, in blocks that change the resolution too. It is drawn for each image by itself,
/// where the paper draws for a whole mini-batch, and a branch that stays is divided by its survival rate, so that nothing is to
/// be scaled when the network is used, where the paper multiplies by it then: as torchvision's `stochastic_depth` in mode "row".
/// Batch norm sees all images: the branch is computed for each, and multiplied by 0 for those that drop it.
///
/// Draws depend on the seed, the step, the block, and the image's place in the batch.
struct StochasticDepth {
    private let generator: Philox4x32
    private let step: UInt64
    private let rate: Float
    private let blocks: Int
    /// Keeps these draws apart from other uses of the same seed: no other counter begins with these bits, but for a gate whose
    /// number is above a billion, see ``GumbelNoise``.
    private static let purpose: UInt32 = 0xC000_0000

    /// - Returns: nil if nothing is to be left out.
    init?(_ settings: StepSettings, blocks: Int) {
        guard settings.stochasticDepth > 0 else { return nil }
        generator = Philox4x32(seed: settings.seed)
        step = UInt64(truncatingIfNeeded: settings.step)
        rate = settings.stochasticDepth
        self.blocks = blocks
    }

    /// The share of the images that run a block, which counts from 0.
    func survival(block: Int) -> Float { 1 - Float(block + 1) / Float(blocks) * rate }

    /// What a block's branch is multiplied by, for each image: 0, or 1 over its survival rate.
    func factors(block: Int, images: Int) -> [Float] {
        let survival = survival(block: block)
        return (0..<images).map { image in
            let word = generator(
                counter: (
                    Self.purpose | UInt32(truncatingIfNeeded: block), UInt32(truncatingIfNeeded: image),
                    UInt32(truncatingIfNeeded: step), UInt32(truncatingIfNeeded: step >> 32)
                )
            ).0
            return Philox4x32.uniform(word) < survival ? 1 / survival : 0
        }
    }
}
