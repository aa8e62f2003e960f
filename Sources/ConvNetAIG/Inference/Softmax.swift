import Foundation

/// exp(x_i) / sum of exp(x_j), computed from the differences to the largest, so that nothing overflows.
func softmax(_ logits: [Float]) -> [Float] {
    guard let largest = logits.max() else { return [] }
    let powers = logits.map { exp($0 - largest) }
    let sum = powers.reduce(0, +)
    return powers.map { $0 / sum }
}

/// 1 / (1 + exp(-x)): softmax over two logits, as a function of their difference.
func sigmoid(_ logOdds: Float) -> Float {
    1 / (1 + exp(-logOdds))
}
