/// A network's accuracy and what it costs.
public struct ContenderFigures: Sendable, Hashable, Codable {
    /// Such as `convnet-aig-cifar-20`, or that with the policy `always`.
    public var name: String
    public var top1: Double
    public var top5: Double
    /// Multiply-accumulates spent on an image, on average.
    public var meanMACs: Double
    /// Median time for one image at a time; nil where it was not measured.
    public var latency: Double?
    /// Where the accuracy lies; nil where it is not known of how many images it is.
    public var top1Interval: ConfidenceInterval?
    public var top5Interval: ConfidenceInterval?

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
