import ConvNetAIG
import Foundation

/// Noise for the gates: Gumbel(0, 1), as the authors draw it, -log(e - log(u + e)) with e = 1e-10 and u uniform in [0, 1).
struct GumbelNoise {
    private let generator: Philox4x32
    private let step: UInt64
    private let factor: Float
    /// Keeps these draws apart from other uses of the same seed: no other counter begins with this bit and not the next, see
    /// ``StochasticDepth``.
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
