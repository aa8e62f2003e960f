import ConvNetAIG
import ConvNetAIGReport

/// What is counted of images under one attack.
struct RobustnessTally {
    /// Whether each image was taken for what it is.
    private(set) var isRight: [Bool] = []
    /// Of each image's decisions, the share that changed; empty for a network without gates.
    private var changedShares: [Double] = []
    private var macs = 0
    private var decisions = 0
    private var changed = 0
    private var same = 0

    /// - Parameter before: the image's gates when it was not attacked.
    mutating func add(_ prediction: Prediction, label: Int, before: [Bool]) {
        isRight.append(prediction.candidates.first?.index == label)
        macs += prediction.graph.macs
        let changes = zip(prediction.graph.gates, before).count { $0 != $1 }
        decisions += before.count
        changed += changes
        if !before.isEmpty { changedShares.append(Double(changes) / Double(before.count)) }
        if changes == 0 { same += 1 }
    }

    func row(model: String, denseMACs: Int, epsilon: Double, jpegQuality: Int?) -> RobustnessFigures.Row {
        let right = isRight.count { $0 }
        let images = Double(max(isRight.count, 1))
        let hasGates = decisions > 0
        return RobustnessFigures.Row(
            model: model, epsilon: epsilon, jpegQuality: jpegQuality, top1: Double(right) / images,
            macShare: Double(macs) / images / Double(denseMACs),
            changedDecisions: hasGates ? Double(changed) / Double(decisions) : nil,
            sameGraph: hasGates ? Double(same) / images : nil,
            top1Interval: .wilson(right, of: isRight.count),
            changedDecisionsInterval: hasGates ? changedInterval : nil)
    }

    /// Where the share of changed decisions lies. That of a mean has no width where nothing changed, though something may in
    /// other images: then it is Wilson's for the images, of which each may change all of its decisions.
    private var changedInterval: ConfidenceInterval? {
        let isAlike = same == isRight.count && same >= ConfidenceInterval.leastForMean
        return isAlike ? .wilson(0, of: same) : .mean(of: changedShares)
    }
}
