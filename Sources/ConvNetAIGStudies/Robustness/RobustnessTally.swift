import ConvNetAIG
import ConvNetAIGReport

/// What is counted of pictures under one attack.
struct RobustnessTally {
    /// Whether each picture was taken for what it is.
    private(set) var isRight: [Bool] = []
    /// Of each picture's decisions, the share that changed; empty for a network without gates.
    private var changedShares: [Double] = []
    private var macs = 0
    private var decisions = 0
    private var changed = 0
    private var same = 0

    /// - Parameter before: the picture's gates when it was not attacked.
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
        let pictures = Double(max(isRight.count, 1))
        let hasGates = decisions > 0
        return RobustnessFigures.Row(
            model: model, epsilon: epsilon, jpegQuality: jpegQuality, top1: Double(right) / pictures,
            macShare: Double(macs) / pictures / Double(denseMACs),
            changedDecisions: hasGates ? Double(changed) / Double(decisions) : nil,
            sameGraph: hasGates ? Double(same) / pictures : nil,
            top1Interval: .wilson(right, of: isRight.count),
            changedDecisionsInterval: hasGates ? changedInterval : nil)
    }

    /// Where the share of changed decisions lies. That of a mean has no width where nothing changed, though something may in
    /// other pictures: then it is Wilson's for the pictures, of which each may change all of its decisions.
    private var changedInterval: ConfidenceInterval? {
        let isAlike = same == isRight.count && same >= ConfidenceInterval.leastForMean
        return isAlike ? .wilson(0, of: same) : .mean(of: changedShares)
    }
}
