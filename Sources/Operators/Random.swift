import Foundation

/// Philox 4x32-10, a counter-based random number generator: each counter gives four random words, independent
/// of every other counter's, in any order and on any device.
///
/// Source: Salmon, Moraes, Dror and Shaw, "Parallel Random Numbers: As Easy as 1, 2, 3", SC 2011. Agrees with
/// the known answers of their Random123 library.
package struct Philox4x32: Sendable, Hashable {
    @usableFromInline let key0: UInt32
    @usableFromInline let key1: UInt32

    @inlinable
    package init(key: (UInt32, UInt32)) {
        (key0, key1) = key
    }

    /// A generator whose key is the seed's low and high word.
    @inlinable
    package init(seed: UInt64) {
        self.init(key: (UInt32(truncatingIfNeeded: seed), UInt32(truncatingIfNeeded: seed >> 32)))
    }

    /// The four random words for a counter.
    @inlinable
    package func callAsFunction(
        counter: (UInt32, UInt32, UInt32, UInt32)
    ) -> (UInt32, UInt32, UInt32, UInt32) {
        var (c0, c1, c2, c3) = counter
        var (k0, k1) = (key0, key1)
        for _ in 0..<10 {
            let p0 = UInt64(0xD251_1F53) &* UInt64(c0)
            let p1 = UInt64(0xCD9E_8D57) &* UInt64(c2)
            c0 = UInt32(truncatingIfNeeded: p1 >> 32) ^ c1 ^ k0
            c1 = UInt32(truncatingIfNeeded: p1)
            c2 = UInt32(truncatingIfNeeded: p0 >> 32) ^ c3 ^ k1
            c3 = UInt32(truncatingIfNeeded: p0)
            k0 &+= 0x9E37_79B9
            k1 &+= 0xBB67_AE85
        }
        return (c0, c1, c2, c3)
    }

    /// A number in [0, 1) from a random word: its upper 24 bits, so that every value is exact in a Float.
    @inlinable
    package static func uniform(_ word: UInt32) -> Float {
        Float(word >> 8) * 0x1p-24
    }

    /// A number in (0, 1) from a random word, for logarithms: the middles of 2^23 equal intervals, from 2^-24
    /// to 1 - 2^-24.
    @inlinable
    package static func openUniform(_ word: UInt32) -> Float {
        // 23 bits, not 24: with the added half, 24 would need 25 bits of significand and could round to 1.
        (Float(word >> 9) + 0.5) * 0x1p-23
    }
}

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
