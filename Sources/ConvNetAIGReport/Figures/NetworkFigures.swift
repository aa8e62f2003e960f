import Statistics

/// The network that a report is about.
public struct ModelFigures: Sendable, Hashable, Codable {
    /// A residual block.
    public struct Block: Sendable, Hashable, Codable {
        /// Such as `layer2.1`.
        public var name: String
        /// Counts from 1.
        public var stage: Int
        /// Whether a gate decides for each image if the block runs; without one it always does.
        public var isGated: Bool
        /// Multiply-accumulates of the block's branch and gate.
        public var macs: Int

        /// Makes a block of its figures.
        public init(name: String, stage: Int, isGated: Bool, macs: Int) {
            self.name = name
            self.stage = stage
            self.isGated = isGated
            self.macs = macs
        }
    }

    /// The architecture's name, such as `convnet-aig-cifar-20`.
    public var name: String
    /// Number of parameters.
    public var parameters: Int
    /// Multiply-accumulates per image if every block runs.
    public var denseMACs: Int
    /// The residual blocks in the order in which they run.
    public var blocks: [Block]
    /// Names of the classes, in the order of every list by class.
    public var classes: [String]
    /// How gates decided, such as `argmax`.
    public var policy: String
    /// The device that ran the network.
    public var device: String

    /// Makes the figures of a network.
    public init(
        name: String, parameters: Int, denseMACs: Int, blocks: [Block], classes: [String], policy: String,
        device: String
    ) {
        self.name = name
        self.parameters = parameters
        self.denseMACs = denseMACs
        self.blocks = blocks
        self.classes = classes
        self.policy = policy
        self.device = device
    }
}

/// The images that a report is about.
public struct DataFigures: Sendable, Hashable, Codable {
    /// The name of the folder or file.
    public var name: String
    /// Number of images that were classified.
    public var images: Int
    /// Number of images of each class.
    public var imagesByClass: [Int]
    /// Why images could not be read: a message for each of them.
    public var skipped: [String]

    private enum CodingKeys: String, CodingKey {
        case name, skipped
        case images = "pictures"
        case imagesByClass = "picturesByClass"
    }

    /// Makes the figures of a data set.
    public init(name: String, images: Int, imagesByClass: [Int], skipped: [String]) {
        self.name = name
        self.images = images
        self.imagesByClass = imagesByClass
        self.skipped = skipped
    }
}

/// A network's accuracy and cost.
public struct ContenderFigures: Sendable, Hashable, Codable {
    /// Such as `convnet-aig-cifar-20`, with the policy if it is not the report's.
    public var name: String
    /// Share of images whose likeliest class is the right one.
    public var top1: Double
    /// Share of images whose right class is among the five likeliest.
    public var top5: Double
    /// Mean multiply-accumulates per image.
    public var meanMACs: Double
    /// Median time for one image at a time, in milliseconds; nil if it was not measured.
    public var latency: Double?
    /// The interval of ``top1``; nil if the number of images is not known.
    public var top1Interval: ConfidenceInterval?
    /// The interval of ``top5``; nil if the number of images is not known.
    public var top5Interval: ConfidenceInterval?

    /// Makes the figures of a network among others.
    public init(
        name: String, top1: Double, top5: Double, meanMACs: Double, latency: Double?,
        top1Interval: ConfidenceInterval? = nil, top5Interval: ConfidenceInterval? = nil
    ) {
        self.name = name
        self.top1 = top1
        self.top5 = top5
        self.meanMACs = meanMACs
        self.latency = latency
        self.top1Interval = top1Interval
        self.top5Interval = top5Interval
    }
}

/// The contenders of a report by their roles.
struct Contenders {
    let all: [ContenderFigures]
    /// The network that the report is about.
    let own: ContenderFigures?
    /// The ResNet that it is measured against.
    let resNet: ContenderFigures?
    private let denseMACs: Int

    init(_ figures: ReportFigures) {
        all = figures.contenders
        denseMACs = figures.model.denseMACs
        resNet = all.first { Self.isResNet($0.name) }
        own = all.first { $0.name == figures.model.name } ?? all.first { !Self.isResNet($0.name) }
    }

    /// Whether a network's name is that of a ResNet without gates.
    static func isResNet(_ name: String) -> Bool {
        let name = name.lowercased()
        return name.contains("resnet") && !name.contains("aig")
    }

    /// Mean MACs as a share of the MACs of the report's network with every block running.
    func share(_ contender: ContenderFigures) -> Double {
        denseMACs > 0 ? contender.meanMACs / Double(denseMACs) : .nan
    }

    /// A letter that stands for the contender in charts; a number from the 27th on.
    static func letter(_ index: Int) -> String {
        guard let letter = Unicode.Scalar(UInt32(65 + index)), index < 26 else { return String(index + 1) }
        return String(Character(letter))
    }
}

/// How the accuracies of two networks compare on the same images.
public struct ComparisonFigures: Sendable, Hashable, Codable {
    /// The network that the report is about.
    public var first: String
    /// The network that it is measured against.
    public var second: String
    /// How many images each of them classified correctly.
    public var counts: PairedCounts
    /// Number of images that are left out because one of the networks could not read them.
    public var leftOut: Int
    /// The first network's accuracy less the second's, in -1...1; nil without images.
    public var difference: Double?
    /// The interval of ``difference``, see `PairedCounts.differenceInterval`.
    public var interval: ConfidenceInterval?
    /// A test of whether the networks are equally accurate.
    public var test: PairedCounts.McNemarTest

    /// Compares two networks by their counts.
    public init(first: String, second: String, counts: PairedCounts, leftOut: Int = 0) {
        self.first = first
        self.second = second
        self.counts = counts
        self.leftOut = leftOut
        difference = counts.difference
        interval = counts.differenceInterval
        test = counts.mcNemarTest
    }
}
