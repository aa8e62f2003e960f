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

    /// Makes counts; those below 0 become 0.
    public init(both: Int = 0, onlyFirst: Int = 0, onlySecond: Int = 0, neither: Int = 0) {
        self.both = max(both, 0)
        self.onlyFirst = max(onlyFirst, 0)
        self.onlySecond = max(onlySecond, 0)
        self.neither = max(neither, 0)
    }

    private enum CodingKeys: String, CodingKey {
        case both, onlyFirst, onlySecond, neither
    }

    /// Reads the four counts.
    ///
    /// - Throws: `DecodingError`, also if their sum overflows.
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
    ///
    /// - Parameters:
    ///   - first: whether the first network is right about it.
    ///   - second: whether the second network is.
    public mutating func add(first: Bool, second: Bool) {
        switch (first, second) {
        case (true, true): both += 1
        case (true, false): onlyFirst += 1
        case (false, true): onlySecond += 1
        case (false, false): neither += 1
        }
    }

    /// Number of images.
    public var count: Int { both + discordant + neither }
    /// Number of images that one network is right about and the other is not.
    public var discordant: Int { onlyFirst + onlySecond }
    /// The first network's accuracy less the second's, in -1...1; nil without images.
    public var difference: Double? { count > 0 ? Double(onlyFirst - onlySecond) / Double(count) : nil }

    /// The 95 % interval of ``difference``: the tenth method of Newcombe (1998), *Improved confidence intervals for the
    /// difference between binomial proportions based on paired data*. It adds the squares of the distances to the ends of
    /// both accuracies' Wilson intervals, less what the two have in common by their correlation φ, corrected for
    /// continuity; nil without images.
    public var differenceInterval: ConfidenceInterval? {
        let (first, second) = (both + onlyFirst, both + onlySecond)
        guard let difference, let ofFirst = ConfidenceInterval.wilson(first, of: count),
            let ofSecond = ConfidenceInterval.wilson(second, of: count)
        else { return nil }
        let (p, q) = (Double(first) / Double(count), Double(second) / Double(count))
        func distance(_ one: Double, _ other: Double) -> Double {
            // The radicand is a squared length, and below 0 only by rounding.
            max(one * one - 2 * correlation * one * other + other * other, 0).squareRoot()
        }
        return ConfidenceInterval(
            low: max(difference - distance(p - ofFirst.low, ofSecond.high - q), -1),
            high: min(difference + distance(ofFirst.high - p, q - ofSecond.low), 1))
    }

    /// φ of Newcombe's tenth method; 0 where one of the networks is right about all images or none.
    private var correlation: Double {
        let sides = [both + onlyFirst, onlySecond + neither, both + onlySecond, onlyFirst + neither].map(Double.init)
        let product = sides.reduce(1, *)
        guard product > 0 else { return 0 }
        let excess = Double(both) * Double(neither) - Double(onlyFirst) * Double(onlySecond)
        return (excess > 0 ? max(excess - Double(count) / 2, 0) : excess) / product.squareRoot()
    }
}

extension PairedCounts {
    /// A test of whether two networks are equally accurate (McNemar 1947, *Note on the sampling error of the difference
    /// between correlated proportions or percentages*), which only the discordant images tell.
    public struct McNemarTest: Sendable, Hashable, Codable {
        /// How the p-value is calculated.
        public enum Method: String, Sendable, Hashable, Codable {
            /// The share of all ways to divide the discordant images between the networks that are at most as likely as
            /// this one, if either network is equally likely to be the right one.
            case exact
            /// χ² with one degree of freedom and the correction of Edwards (1948): (|b − c| − 1)² / (b + c), b and c being
            /// ``PairedCounts/onlyFirst`` and ``PairedCounts/onlySecond``.
            case chiSquare = "chi_square"
        }

        /// How ``p`` was calculated.
        public let method: Method
        /// χ²; nil for the exact test.
        public let statistic: Double?
        /// The probability that equally accurate networks differ at least this much in either direction.
        public let p: Double
    }

    /// The number of discordant images from which on χ² is a fair approximation.
    private static let minForChiSquare = 25

    /// McNemar's test: exact for fewer than 25 discordant images, and by χ² otherwise.
    public var mcNemarTest: McNemarTest {
        guard discordant >= Self.minForChiSquare else {
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
