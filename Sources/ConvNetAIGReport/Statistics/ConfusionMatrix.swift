/// How often images of each class were taken for each class. Only what occurs is kept, so that a thousand classes take no
/// more room than their images.
public struct ConfusionMatrix: Sendable, Hashable, Codable {
    /// Images of one class that were taken for one class.
    public struct Entry: Sendable, Hashable, Codable {
        /// The images' class, as an index into the network's classes.
        public var actual: Int
        /// The likeliest class, as an index into the network's classes.
        public var predicted: Int
        /// Images: 1 or more.
        public var count: Int

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

    public init() {}

    /// - Parameter entries: those of the same pair are added up.
    public init(_ entries: some Sequence<Entry>) {
        for entry in entries { add(actual: entry.actual, predicted: entry.predicted, count: entry.count) }
    }

    /// Counts images; less than one is nothing.
    public mutating func add(actual: Int, predicted: Int, count: Int = 1) {
        guard count > 0 else { return }
        counts[Cell(actual: actual, predicted: predicted), default: 0] += count
    }

    /// What occurs, in the order of the classes: by the images' class, then by the predicted one.
    public var entries: [Entry] {
        counts.map { Entry(actual: $0.actual, predicted: $0.predicted, count: $1) }
            .sorted { ($0.actual, $0.predicted) < ($1.actual, $1.predicted) }
    }

    /// What occurs and is wrong, most frequent first; in the order of the classes where it is as frequent.
    public var confusions: [Entry] {
        entries.filter { $0.actual != $0.predicted }
            .sorted { ($1.count, $0.actual, $0.predicted) < ($0.count, $1.actual, $1.predicted) }
    }

    /// Images of class `actual` that were taken for class `predicted`.
    public func count(actual: Int, predicted: Int) -> Int {
        counts[Cell(actual: actual, predicted: predicted), default: 0]
    }

    /// Images of each class that occurs.
    public var totals: [Int: Int] {
        counts.reduce(into: [:]) { totals, cell in totals[cell.key.actual, default: 0] += cell.value }
    }

    /// From an array of entries.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let entries = try container.decode([Entry].self)
        guard Int.sum(entries.map(\.count)) != nil else {
            throw DecodingError.dataCorruptedError(
                in: container, debugDescription: "There are more pictures than can be counted.")
        }
        self.init(entries)
    }

    /// As an array of entries, so that the same matrix is the same text.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(entries)
    }
}
