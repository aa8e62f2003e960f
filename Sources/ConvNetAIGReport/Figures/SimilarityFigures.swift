/// How alike the graphs of the classes are.
public struct SimilarityFigures: Sendable, Hashable, Codable {
    /// Two clusters become one. Clusters 0 ..< classes are the classes; merge i makes cluster classes + i.
    public struct Merge: Sendable, Hashable, Codable {
        public var left: Int
        public var right: Int
        /// Mean distance between their members.
        public var distance: Double

        public init(left: Int, right: Int, distance: Double) {
            self.left = left
            self.right = right
            self.distance = distance
        }
    }

    /// Whether two groups of classes take different graphs.
    public struct Separation: Sendable, Hashable, Codable {
        /// Such as `animals`.
        public var groups: [String]
        /// Which group each class belongs to.
        public var groupByClass: [Int]
        /// Mean distance between two classes of the same group.
        public var within: Double
        /// Mean distance between classes of different groups.
        public var between: Double
        /// Share of all ways to divide the classes into groups of these sizes that separate at least as well.
        public var p: Double

        public init(groups: [String], groupByClass: [Int], within: Double, between: Double, p: Double) {
            self.groups = groups
            self.groupByClass = groupByClass
            self.within = within
            self.between = between
            self.p = p
        }
    }

    /// Classes x classes: mean over the gated blocks of the difference between the classes' execution rates.
    public var distances: [[Double]]
    /// The classes in an order that keeps merged clusters together.
    public var order: [Int]
    /// Average linkage; ascending distances.
    public var merges: [Merge]
    /// nil where the classes have no known groups.
    public var separation: Separation?

    public init(distances: [[Double]], order: [Int], merges: [Merge], separation: Separation?) {
        self.distances = distances
        self.order = order
        self.merges = merges
        self.separation = separation
    }
}
