/// The shares of images that run each block, from Veit and Belongie (arXiv 1711.11503).
package enum PaperRates {
    /// On CIFAR-10, ConvNet-AIG-110 runs 82 % of its layers. The paper does not say which.
    package static let cifarRate: Float = 0.82
    /// The depth of the network for CIFAR-10.
    package static let cifarDepth = 110

    /// The values of t in the schedules of target rates, or nil for networks without a schedule in the paper.
    package static func targets(depth: Int) -> [Float]? {
        switch depth {
        case 50: [0.4, 0.5, 0.6, 0.7]
        case 101: [0.3, 0.5]
        default: nil
        }
    }

    /// The default of the authors' code for every block.
    package static let usualRate: Float = 0.6

    /// Rates, one per block, for a network without a schedule in the paper. As in the published schedules, each stage's first
    /// block and the network's last have the rate 1. All others have the usual rate.
    package static func likeSchedules(of architecture: Architecture) -> [Float] {
        let last = architecture.blockCount - 1
        return architecture.blocks.map { $0.indexInStage == 0 || $0.index == last ? 1 : usualRate }
    }

    /// The schedule of target rates, one per block, with `target` for t, or nil for networks without one.
    package static func schedule(depth: Int, target: Float) -> [Float]? {
        let t = target
        switch depth {
        case 50: return [1, 1, 0.8, 1, t, t, t, 1, t, t, t, t, t, 1, 0.7, 1]
        case 101: return [Float](repeating: 1, count: 8) + [Float](repeating: t, count: 25)
        default: return nil
        }
    }
}
