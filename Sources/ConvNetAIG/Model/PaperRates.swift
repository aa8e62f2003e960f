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
