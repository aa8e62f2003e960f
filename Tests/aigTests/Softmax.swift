import Foundation

/// The second of two probabilities.
func softmax(_ first: Float, _ second: Float) -> Float { 1 / (1 + exp(first - second)) }
