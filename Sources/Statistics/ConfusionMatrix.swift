/// How often images of each class were taken for each class. Only pairs of classes that occur are kept, so that the matrix of
/// a thousand classes takes no more room than their images.
public struct ConfusionMatrix: Sendable, Hashable, Codable {
    /// Images of one class that were taken for one class.
    public struct Entry: Sendable, Hashable, Codable {
        /// The images' class, as an index into the network's classes.
        public var actual: Int
        /// The likeliest class, as an index into the network's classes.
        public var predicted: Int
        /// Number of images: 1 or more.
        public var count: Int

        /// Makes an entry of its classes and its count.
        public init(actual: Int, predicted: Int, count: Int) {
            self.actual = actual
            self.predicted = predicted
            self.count = count
        }

        /// In JSON a row's class is `true`, as in the tables.
        private enum CodingKeys: String, CodingKey {
            case predicted, count
            case actual = "true"
        }
    }

    /// A pair of classes.
    private struct Cell: Hashable {
        let actual: Int
        let predicted: Int
    }

    private var counts: [Cell: Int] = [:]

    /// Makes a matrix without images.
    public init() {}

    /// Makes a matrix of its entries; those of the same pair of classes are added up.
    public init(_ entries: some Sequence<Entry>) {
        for entry in entries { add(actual: entry.actual, predicted: entry.predicted, count: entry.count) }
    }

    /// Counts images; a count below 1 changes nothing.
    public mutating func add(actual: Int, predicted: Int, count: Int = 1) {
        guard count > 0 else { return }
        counts[Cell(actual: actual, predicted: predicted), default: 0] += count
    }

    /// The pairs that occur, in the order of the classes: by the images' class, then by the predicted one.
    public var entries: [Entry] {
        counts.map { Entry(actual: $0.actual, predicted: $0.predicted, count: $1) }
            .sorted { ($0.actual, $0.predicted) < ($1.actual, $1.predicted) }
    }

    /// The pairs of different classes that occur, most frequent first; equally frequent ones in the order of the classes.
    public var confusions: [Entry] {
        entries.filter { $0.actual != $0.predicted }
            .sorted { ($1.count, $0.actual, $0.predicted) < ($0.count, $1.actual, $1.predicted) }
    }

    /// The number of images of class `actual` that were taken for class `predicted`.
    public func count(actual: Int, predicted: Int) -> Int {
        counts[Cell(actual: actual, predicted: predicted), default: 0]
    }

    /// The number of images of each class that occurs.
    public var totals: [Int: Int] {
        counts.reduce(into: [:]) { totals, cell in totals[cell.key.actual, default: 0] += cell.value }
    }

    /// Reads an array of entries.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let entries = try container.decode([Entry].self)
        guard Int.sum(entries.map(\.count)) != nil else {
            throw DecodingError.dataCorruptedError(
                in: container, debugDescription: "There are more pictures than can be counted.")
        }
        self.init(entries)
    }

    /// Writes an array of entries in their order, so that the same matrix gives the same text.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(entries)
    }
}

extension Int {
    /// The sum of values, those below 0 counting as 0; nil if it overflows, as that of numbers from a file may.
    static func sum(_ values: [Int]) -> Int? {
        var total = 0
        for value in values {
            let (sum, didOverflow) = total.addingReportingOverflow(Swift.max(value, 0))
            if didOverflow { return nil }
            total = sum
        }
        return total
    }
}
