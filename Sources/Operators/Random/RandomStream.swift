import Foundation

/// Arrays of random numbers, one independent stream per number of a tensor.
package struct RandomStream {
    private let generator: Philox4x32
    private let stream: UInt32
    /// Keeps these streams apart from other uses of the same seed.
    private static let purpose: UInt32 = 0x5745_4947

    package init(seed: UInt64, stream: UInt32) {
        generator = Philox4x32(seed: seed)
        self.stream = stream
    }

    /// Normally distributed numbers with mean 0 (Box and Muller, 1958).
    package func normal(count: Int, standardDeviation: Float) -> [Float] {
        fill(count) { words in
            let first = Self.normalPair(words.0, words.1)
            let second = Self.normalPair(words.2, words.3)
            return (
                first.0 * standardDeviation, first.1 * standardDeviation,
                second.0 * standardDeviation, second.1 * standardDeviation
            )
        }
    }

    /// Uniformly distributed numbers.
    package func uniform(count: Int, in range: Range<Float>) -> [Float] {
        let width = range.upperBound - range.lowerBound
        let scaled = { (word: UInt32) in range.lowerBound + width * Philox4x32.uniform(word) }
        return fill(count) { (scaled($0.0), scaled($0.1), scaled($0.2), scaled($0.3)) }
    }

    private static func normalPair(_ first: UInt32, _ second: UInt32) -> (Float, Float) {
        let radius = (-2 * log(Philox4x32.openUniform(first))).squareRoot()
        let angle = 2 * Float.pi * Philox4x32.uniform(second)
        return (radius * cos(angle), radius * sin(angle))
    }

    /// Four numbers for each counter, the last ones left out where `count` is no multiple of four.
    @inline(__always)
    private func fill(
        _ count: Int, _ numbers: ((UInt32, UInt32, UInt32, UInt32)) -> (Float, Float, Float, Float)
    ) -> [Float] {
        [Float](unsafeUninitializedCapacity: count) { values, initialized in
            for start in stride(from: 0, to: count, by: 4) {
                let counter = UInt64(start / 4)
                let four = numbers(
                    generator(
                        counter: (
                            UInt32(truncatingIfNeeded: counter), UInt32(truncatingIfNeeded: counter >> 32),
                            stream,
                            Self.purpose
                        )))
                values.initializeElement(at: start, to: four.0)
                if start + 1 < count { values.initializeElement(at: start + 1, to: four.1) }
                if start + 2 < count { values.initializeElement(at: start + 2, to: four.2) }
                if start + 3 < count { values.initializeElement(at: start + 3, to: four.3) }
            }
            initialized = count
        }
    }
}
