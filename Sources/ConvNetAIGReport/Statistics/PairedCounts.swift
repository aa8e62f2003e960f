import Foundation

/// How often each of two networks is right about the same images.
public struct PairedCounts: Sendable, Hashable, Codable {
    /// Images that both are right about.
    public private(set) var both: Int
    /// Images that only the first is right about.
    public private(set) var onlyFirst: Int
    /// Images that only the second is right about.
    public private(set) var onlySecond: Int
    /// Images that both are wrong about.
    public private(set) var neither: Int

    /// Counts below 0 are taken for 0.
    public init(both: Int = 0, onlyFirst: Int = 0, onlySecond: Int = 0, neither: Int = 0) {
        self.both = max(both, 0)
        self.onlyFirst = max(onlyFirst, 0)
        self.onlySecond = max(onlySecond, 0)
        self.neither = max(neither, 0)
    }

    private enum CodingKeys: String, CodingKey {
        case both, onlyFirst, onlySecond, neither
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        func count(_ key: CodingKeys) throws -> Int { try container.decode(Int.self, forKey: key) }
        self.init(
            both: try count(.both), onlyFirst: try count(.onlyFirst), onlySecond: try count(.onlySecond),
            neither: try count(.neither))
        guard Int.sum([both, onlyFirst, onlySecond, neither]) != nil else {
            throw DecodingError.dataCorrupted(
                .init(
                    codingPath: decoder.codingPath, debugDescription: "There are more pictures than can be counted."))
        }
    }

    /// Counts an image.
    public mutating func add(first: Bool, second: Bool) {
        switch (first, second) {
        case (true, true): both += 1
        case (true, false): onlyFirst += 1
        case (false, true): onlySecond += 1
        case (false, false): neither += 1
        }
    }

    /// Images.
    public var count: Int { both + discordant + neither }
    /// Images that the networks disagree about: one is right, and the other wrong.
    public var discordant: Int { onlyFirst + onlySecond }
    /// By how much the first network's accuracy is above the second's, in -1...1; nil of no images.
    public var difference: Double? { count > 0 ? Double(onlyFirst - onlySecond) / Double(count) : nil }

    /// The 95 % interval of ``difference``: the tenth method of Newcombe (1998), *Improved confidence intervals for the
    /// difference between binomial proportions based on paired data*. Squares of the distances to the ends of both
    /// accuracies' Wilson intervals are added, less what the two have in common by their correlation φ, which is
    /// corrected for continuity.
    ///
    /// - Returns: nil of no images.
    public var differenceInterval: ConfidenceInterval? {
        let (first, second) = (both + onlyFirst, both + onlySecond)
        guard let difference, let ofFirst = ConfidenceInterval.wilson(first, of: count),
            let ofSecond = ConfidenceInterval.wilson(second, of: count)
        else { return nil }
        let (p, q) = (Double(first) / Double(count), Double(second) / Double(count))
        func distance(_ one: Double, _ other: Double) -> Double {
            // What is under the root is a square's length, and below nought only by rounding.
            max(one * one - 2 * correlation * one * other + other * other, 0).squareRoot()
        }
        return ConfidenceInterval(
            low: max(difference - distance(p - ofFirst.low, ofSecond.high - q), -1),
            high: min(difference + distance(ofFirst.high - p, q - ofSecond.low), 1))
    }

    /// φ, as Newcombe's tenth method has it; 0 where one of the networks is right about all images or none.
    private var correlation: Double {
        let sides = [both + onlyFirst, onlySecond + neither, both + onlySecond, onlyFirst + neither].map(Double.init)
        let product = sides.reduce(1, *)
        guard product > 0 else { return 0 }
        let excess = Double(both) * Double(neither) - Double(onlyFirst) * Double(onlySecond)
        return (excess > 0 ? max(excess - Double(count) / 2, 0) : excess) / product.squareRoot()
    }
}

extension PairedCounts {
    /// Whether two networks are equally accurate (McNemar 1947, *Note on the sampling error of the difference between
    /// correlated proportions or percentages*): only the discordant images tell.
    public struct McNemarTest: Sendable, Hashable, Codable {
        public enum Method: String, Sendable, Hashable, Codable {
            /// Of all ways in which the discordant images can fall, equally likely either way, the share that is no
            /// more likely than this one.
            case exact
            /// χ² with one degree of freedom and the correction of Edwards (1948): (|b - c| - 1)² / (b + c).
            case chiSquare = "chi_square"
        }

        public let method: Method
        /// χ²; nil for the exact test.
        public let statistic: Double?
        /// The chance that networks which are equally accurate differ at least as much, either way.
        public let p: Double
    }

    /// Discordant images from which χ² is a fair approximation.
    private static let leastForChiSquare = 25

    /// Exact for fewer than 25 discordant images, and by χ² otherwise.
    public var mcNemarTest: McNemarTest {
        guard discordant >= Self.leastForChiSquare else {
            return McNemarTest(method: .exact, statistic: nil, p: exactProbability)
        }
        // A correction larger than the difference would make a difference out of none.
        let difference = max(abs(Double(onlyFirst - onlySecond)) - 1, 0)
        let statistic = difference * difference / Double(discordant)
        return McNemarTest(method: .chiSquare, statistic: statistic, p: erfc((statistic / 2).squareRoot()))
    }

    /// Twice the binomial distribution's tail, at most 1.
    private var exactProbability: Double {
        // Fewer than 2^25 ways: whole numbers, exactly.
        var (ways, tail) = (1.0, 0.0)
        for successes in 0...min(onlyFirst, onlySecond) {
            tail += ways
            ways *= Double(discordant - successes) / Double(successes + 1)
        }
        return min(2 * tail / pow(2, Double(discordant)), 1)
    }
}
