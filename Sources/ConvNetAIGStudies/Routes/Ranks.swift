/// Ranks of values, and how they go together.
enum Ranks {
    /// The rank of each value, from 1; equal values share the mean of theirs.
    static func of(_ values: [Double]) -> [Double] {
        let order = values.indices.sorted { values[$0] < values[$1] }
        var ranks = [Double](repeating: 0, count: values.count)
        var start = 0
        while start < order.count {
            var end = start
            while end < order.count, values[order[end]] == values[order[start]] { end += 1 }
            for place in start..<end { ranks[order[place]] = Double(start + 1 + end) / 2 }
            start = end
        }
        return ranks
    }

    /// Pearson's correlation; nil where one of them does not vary.
    static func correlation(_ first: [Double], _ second: [Double]) -> Double? {
        let count = Double(first.count)
        guard count > 1 else { return nil }
        let (a, b) = (first.reduce(0, +) / count, second.reduce(0, +) / count)
        var (both, ofFirst, ofSecond) = (0.0, 0.0, 0.0)
        for (x, y) in zip(first, second) {
            both += (x - a) * (y - b)
            ofFirst += (x - a) * (x - a)
            ofSecond += (y - b) * (y - b)
        }
        guard ofFirst > 0, ofSecond > 0 else { return nil }
        return both / (ofFirst * ofSecond).squareRoot()
    }
}
