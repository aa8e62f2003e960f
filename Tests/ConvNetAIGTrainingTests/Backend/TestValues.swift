import ConvNetAIG

/// Numbers for tests, a function of the seed and of their index.
enum TestValues {
    /// From -1 to 1, different everywhere.
    static func uniform(_ count: Int, seed: UInt64) -> [Float] {
        let generator = Philox4x32(seed: seed)
        return (0..<count).map { index in
            2 * Philox4x32.uniform(generator(counter: (UInt32(index), 4, 5, 6)).0) - 1
        }
    }

    /// Indices into `count` values, with the first and the last.
    static func sample(_ count: Int, most: Int = 24) -> [Int] {
        guard count > most else { return Array(0..<count) }
        return (0..<most).map { $0 * (count - 1) / (most - 1) }
    }
}
