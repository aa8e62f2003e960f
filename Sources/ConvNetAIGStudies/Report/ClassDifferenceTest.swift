import ConvNetAIG

/// A permutation test of whether the execution rates of classes differ by more than chance, in which the images get each
/// other's labels (Fisher 1935).
struct ClassDifferenceTest {
    /// Mean absolute difference of rates over all pairs of classes and gated blocks.
    let meanDistance: Double
    /// Mean of the same with random labels.
    let expectedDistance: Double
    /// Share of labellings, the real one included, with which rates differ at least as much; nil if nothing can differ.
    let p: Double?
    /// The gated block whose rates are farthest apart.
    let widestBlock: (block: Int, low: Double, lowClass: Int, high: Double, highClass: Int)

    private static let permutations = 1000

    init(_ routes: RouteStudy) {
        let gates = routes.gatedBlocks
        let outcomesByClass = routes.outcomesByClass
        let present = outcomesByClass.indices.filter { !outcomesByClass[$0].isEmpty }
        let graphs = routes.outcomes.map { outcome in gates.map { outcome.route[$0] } }
        var labels = routes.outcomes.map(\.label)
        func rates(_ labels: [Int]) -> [[Double]] {
            var open = [[Double]](
                repeating: [Double](repeating: 0, count: gates.count), count: routes.classes.count)
            var counts = [Double](repeating: 0, count: routes.classes.count)
            for (label, graph) in zip(labels, graphs) {
                counts[label] += 1
                for gate in graph.indices where graph[gate] { open[label][gate] += 1 }
            }
            return present.map { label in open[label].map { $0 / counts[label] } }
        }
        func distance(_ rates: [[Double]]) -> Double {
            let matrix = ClassSimilarity(rates: rates).distances
            let pairs = Double(max(rates.count * (rates.count - 1), 1))
            return matrix.reduce(0) { $0 + $1.reduce(0, +) } / pairs
        }
        let own = rates(labels)
        meanDistance = distance(own)
        var widest = (block: gates.first ?? 0, low: 0.0, lowClass: 0, high: 0.0, highClass: 0)
        for gate in gates.indices {
            let values = own.map { $0[gate] }
            guard let low = values.indices.min(by: { values[$0] < values[$1] }),
                let high = values.indices.max(by: { values[$0] < values[$1] })
            else { continue }
            if values[high] - values[low] > widest.high - widest.low {
                widest = (gates[gate], values[low], present[low], values[high], present[high])
            }
        }
        widestBlock = widest
        guard !gates.isEmpty, present.count > 1 else {
            (p, expectedDistance) = (nil, 0)
            return
        }
        var generator = PhiloxGenerator(seed: 0)
        var (atLeast, sum) = (1, 0.0)
        for _ in 0..<Self.permutations {
            labels.shuffle(using: &generator)
            let permuted = distance(rates(labels))
            sum += permuted
            if permuted >= meanDistance { atLeast += 1 }
        }
        expectedDistance = sum / Double(Self.permutations)
        p = Double(atLeast) / Double(Self.permutations + 1)
    }
}

/// A sequence of random words that is the same for the same seed.
struct PhiloxGenerator: RandomNumberGenerator {
    private let generator: Philox4x32
    private var counter: UInt64 = 0

    init(seed: UInt64) { generator = Philox4x32(seed: seed) }

    mutating func next() -> UInt64 {
        let words = generator(counter: (UInt32(truncatingIfNeeded: counter), UInt32(counter >> 32), 0, 0))
        counter += 1
        return UInt64(words.0) << 32 | UInt64(words.1)
    }
}
