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
