import Statistics

/// How often blocks run. The rate of a block without a gate is 1.
public struct RateFigures: Sendable, Hashable, Codable {
    /// The rate of each block over all images.
    public var byBlock: [Double]
    /// The rate of each block for the images of each class: classes x blocks.
    public var byClass: [[Double]]
    /// The top-1 accuracy of each class.
    public var top1ByClass: [Double]
    /// Mean multiply-accumulates per image of each class.
    public var meanMACsByClass: [Double]
    /// The interval of each of ``top1ByClass``; nil for a class without images.
    public var top1IntervalsByClass: [ConfidenceInterval?]?

    /// Makes the figures of how often blocks run.
    public init(
        byBlock: [Double], byClass: [[Double]], top1ByClass: [Double], meanMACsByClass: [Double],
        top1IntervalsByClass: [ConfidenceInterval?]? = nil
    ) {
        self.byBlock = byBlock
        self.byClass = byClass
        self.top1ByClass = top1ByClass
        self.meanMACsByClass = meanMACsByClass
        self.top1IntervalsByClass = top1IntervalsByClass
    }
}

/// How often each distinct graph occurs.
public struct GraphFigures: Sendable, Hashable, Codable {
    /// A graph that occurs.
    public struct Graph: Sendable, Hashable, Codable {
        /// Whether each block runs.
        public var route: [Bool]
        /// Number of images that ran it.
        public var count: Int
        /// Share of these images whose likeliest class is the right one.
        public var top1: Double
        /// Number of images of each class that ran it.
        public var countByClass: [Int]
        /// The interval of ``top1``.
        public var top1Interval: ConfidenceInterval?

        /// Makes the figures of a graph.
        public init(
            route: [Bool], count: Int, top1: Double, countByClass: [Int], top1Interval: ConfidenceInterval? = nil
        ) {
            self.route = route
            self.count = count
            self.top1 = top1
            self.countByClass = countByClass
            self.top1Interval = top1Interval
        }
    }

    /// Number of graphs that occur at least once.
    public var distinct: Int
    /// Shannon entropy of the graphs' frequencies, in bits.
    public var entropy: Double
    /// The most frequent graphs, most frequent first.
    public var commonest: [Graph]

    /// Makes the figures of the graphs that occur.
    public init(distinct: Int, entropy: Double, commonest: [Graph]) {
        self.distinct = distinct
        self.entropy = entropy
        self.commonest = commonest
    }
}

/// The images of a class that are easiest and hardest for the network: those with the lowest and the highest loss.
public struct ClassExamples: Sendable, Hashable, Codable {
    /// An image and its prediction.
    public struct Example: Sendable, Hashable, Codable {
        /// The image's name in its data set.
        public var name: String
        /// The image itself as a `data:` URL.
        public var image: String
        /// The name of the likeliest class.
        public var prediction: String
        /// The probability that the network gives the right class.
        public var probability: Double
        /// Whether each block ran.
        public var route: [Bool]
        /// Multiply-accumulates spent on the image.
        public var macs: Int

        private enum CodingKeys: String, CodingKey {
            case name, prediction, probability, route, macs
            case image = "picture"
        }

        /// Makes an example of an image and its prediction.
        public init(
            name: String, image: String, prediction: String, probability: Double, route: [Bool], macs: Int
        ) {
            self.name = name
            self.image = image
            self.prediction = prediction
            self.probability = probability
            self.route = route
            self.macs = macs
        }
    }

    /// The name of the class.
    public var name: String
    /// The images with the lowest loss, easiest first.
    public var easiest: [Example]
    /// The images with the highest loss, hardest first.
    public var hardest: [Example]

    /// Makes the examples of a class.
    public init(name: String, easiest: [Example], hardest: [Example]) {
        self.name = name
        self.easiest = easiest
        self.hardest = hardest
    }
}

/// How alike the graphs of the classes are.
public struct SimilarityFigures: Sendable, Hashable, Codable {
    /// Two clusters that become one. Clusters 0 ..< classes are the classes; merge i makes cluster classes + i.
    public struct Merge: Sendable, Hashable, Codable {
        /// One of the two clusters.
        public var left: Int
        /// The other cluster.
        public var right: Int
        /// Mean distance between the clusters' members.
        public var distance: Double

        /// Merges two clusters.
        public init(left: Int, right: Int, distance: Double) {
            self.left = left
            self.right = right
            self.distance = distance
        }
    }

    /// Whether two groups of classes take different graphs.
    public struct Separation: Sendable, Hashable, Codable {
        /// Names of the groups, such as `animals`.
        public var groups: [String]
        /// The group of each class, as an index into ``groups``.
        public var groupByClass: [Int]
        /// Mean distance between two classes of the same group.
        public var within: Double
        /// Mean distance between classes of different groups.
        public var between: Double
        /// Share of all ways to divide the classes into groups of these sizes that separate them at least as well.
        public var p: Double

        /// Makes the figures of two groups.
        public init(groups: [String], groupByClass: [Int], within: Double, between: Double, p: Double) {
            self.groups = groups
            self.groupByClass = groupByClass
            self.within = within
            self.between = between
            self.p = p
        }
    }

    /// Classes x classes: mean absolute difference of two classes' execution rates over the gated blocks.
    public var distances: [[Double]]
    /// The classes in an order that keeps merged clusters together.
    public var order: [Int]
    /// The merges of average linkage, by ascending distance.
    public var merges: [Merge]
    /// nil if the classes have no known groups.
    public var separation: Separation?

    /// Makes the figures of the classes' similarity.
    public init(distances: [[Double]], order: [Int], merges: [Merge], separation: Separation?) {
        self.distances = distances
        self.order = order
        self.merges = merges
        self.separation = separation
    }
}
