/// The epoch whose network did best in validation.
public struct BestEpoch: Sendable, Hashable, Codable {
    /// Counts from 1.
    public var epoch: Int
    public var top1: Double

    public init(epoch: Int, top1: Double) {
        self.epoch = epoch
        self.top1 = top1
    }
}
