import Foundation

/// Which thresholds of the gates make pictures cost how much: measured once for trained weights, and stored with them.
///
/// Lowering a threshold opens a gate for more pictures. Between two measured positions thresholds are interpolated by the
/// cost, so that any budget can be met.
public struct BudgetCalibration: Sendable, Hashable, Codable {
    /// A position of the dial, and what it came to.
    public struct Position: Sendable, Hashable, Codable {
        /// Of each gated block: its gate opens where its log-odds, logit 1 - logit 0, exceed this.
        public var thresholds: [Float]
        /// Mean multiply-accumulates of a picture, as a share of the dense network's.
        public var share: Double
        /// The same of the picture that cost most.
        public var largestShare: Double
        /// Share of the pictures whose likeliest class was the right one.
        public var top1: Double

        /// Makes a position of these measurements.
        public init(thresholds: [Float], share: Double, largestShare: Double, top1: Double) {
            self.thresholds = thresholds
            self.share = share
            self.largestShare = largestShare
            self.top1 = top1
        }
    }

    /// How the thresholds of the gates go together.
    public enum Method: String, Sendable, Hashable, Codable, CaseIterable {
        /// All gates have the same.
        case global
        /// Each gate has its own.
        case perBlock
    }

    /// Pictures that were measured.
    public var pictures: Int
    /// How the thresholds of the gates go together.
    public var method: Method
    /// By ascending share.
    public var positions: [Position]

    /// Makes a calibration of measured positions.
    ///
    /// - Parameter positions: In any order; of those with the same share one is kept.
    public init(pictures: Int, method: Method, positions: [Position]) {
        self.pictures = pictures
        self.method = method
        self.positions = positions.sorted { $0.share < $1.share }.reduce(into: []) { kept, position in
            if kept.last?.share != position.share { kept.append(position) }
        }
    }

    /// The threshold of a gate that always opens. Infinities cannot be in files, nor be interpolated.
    public static let always: Float = -100
    /// The threshold of a gate that never opens.
    public static let never: Float = 100

    /// Where neighbouring positions cost so different shares that a mean budget between them may be exceeded.
    ///
    /// A calibration looks for positions in between. There are none where a gate has the same log-odds for many pictures:
    /// it opens for all of these at once, and any threshold costs one end or the other.
    ///
    /// - Parameter width: the difference of shares above which two positions count.
    /// - Returns: the shares of the dense network's multiply-accumulates on either side, ascending.
    public func jumps(above width: Double) -> [ClosedRange<Double>] {
        zip(positions, positions.dropFirst()).filter { $1.share - $0.share > width }.map { $0.share...$1.share }
    }

    // MARK: In metadata

    /// The key in the metadata of weights.
    public static let metadataKey = "budget_calibration"

    /// The calibration as a line of JSON.
    public func json() throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        return String(decoding: try encoder.encode(self), as: UTF8.self)
    }

    /// - Returns: what is wrong with it for a network with so many gates; nil if nothing is.
    func problem(gates: Int) -> String? {
        if positions.isEmpty { return "it has no positions" }
        for position in positions {
            if position.thresholds.count != gates {
                return
                    "a position has \(position.thresholds.count) thresholds, but the network has \(gates) gated blocks"
            }
            if !position.thresholds.allSatisfy(\.isFinite) { return "a threshold is not a finite number" }
        }
        if zip(positions, positions.dropFirst()).contains(where: { $0.share >= $1.share }) {
            return "its positions are not in order"
        }
        return nil
    }
}
