import ConvNetAIG
import ConvNetAIGReport

/// What is counted of pictures under one attack.
struct RobustnessTally {
    private var count = 0
    private var right = 0
    private var macs = 0
    private var decisions = 0
    private var changed = 0
    private var same = 0

    /// - Parameter before: the picture's gates when it was not attacked.
    mutating func add(_ prediction: Prediction, label: Int, before: [Bool]) {
        count += 1
        if prediction.candidates.first?.index == label { right += 1 }
        macs += prediction.graph.macs
        let changes = zip(prediction.graph.gates, before).count { $0 != $1 }
        decisions += before.count
        changed += changes
        if changes == 0 { same += 1 }
    }

    func row(model: String, denseMACs: Int, epsilon: Double, jpegQuality: Int?) -> RobustnessFigures.Row {
        let pictures = Double(max(count, 1))
        let hasGates = decisions > 0
        return RobustnessFigures.Row(
            model: model, epsilon: epsilon, jpegQuality: jpegQuality, top1: Double(right) / pictures,
            macShare: Double(macs) / pictures / Double(denseMACs),
            changedDecisions: hasGates ? Double(changed) / Double(decisions) : nil,
            sameGraph: hasGates ? Double(same) / pictures : nil)
    }
}
