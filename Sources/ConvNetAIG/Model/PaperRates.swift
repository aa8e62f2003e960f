/// The shares of images that run each block, as Veit and Belongie (arXiv 1711.11503) give them.
package enum PaperRates {
    /// CIFAR-10: ConvNet-AIG-110 runs 82 % of its layers. How they spread over the blocks is not given.
    package static let cifarRate: Float = 0.82
    package static let cifarDepth = 110

    /// The values of t in the schedules of target rates; nil for networks that have no schedule there.
    package static func targets(depth: Int) -> [Float]? {
        switch depth {
        case 50: [0.4, 0.5, 0.6, 0.7]
        case 101: [0.3, 0.5]
        default: nil
        }
    }

    /// The default of the authors' code for every block.
    package static let usualRate: Float = 0.6

    /// Rates, one per block, for a network that has no schedule in the paper: 1 for each stage's first block and for the last
    /// one, where the schedules that there are have it too, and the usual rate for all others.
    package static func likeSchedules(of architecture: Architecture) -> [Float] {
        let last = architecture.blockCount - 1
        return architecture.blocks.map { $0.indexInStage == 0 || $0.index == last ? 1 : usualRate }
    }

    /// The schedule of target rates, one per block, with `target` in the place of t.
    package static func schedule(depth: Int, target: Float) -> [Float]? {
        let t = target
        switch depth {
        case 50: return [1, 1, 0.8, 1, t, t, t, 1, t, t, t, t, t, 1, 0.7, 1]
        case 101: return [Float](repeating: 1, count: 8) + [Float](repeating: t, count: 25)
        default: return nil
        }
    }
}
