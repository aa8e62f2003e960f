/// How often blocks run. A block without a gate has rate 1.
public struct RateFigures: Sendable, Hashable, Codable {
    /// Of each block, over all images.
    public var byBlock: [Double]
    /// Of each block for the images of each class: classes x blocks.
    public var byClass: [[Double]]
    /// Accuracy of each class.
    public var top1ByClass: [Double]
    /// Multiply-accumulates spent on an image of each class, on average.
    public var meanMACsByClass: [Double]
    /// Where the accuracy of each class lies; nil for a class without images.
    public var top1IntervalsByClass: [ConfidenceInterval?]?

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
