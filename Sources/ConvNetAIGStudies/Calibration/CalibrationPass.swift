import ConvNetAIG

/// What some thresholds come to on all images of a calibration.
struct CalibrationPass {
    private(set) var position: BudgetCalibration.Position
    /// Of each gated block, the log-odds of each image.
    private(set) var logOdds: [[Float]]

    init(_ thresholds: [Float], _ session: Session, _ images: CalibrationImages) throws {
        let dense = Double(session.cost.macs)
        var (macs, largest, right, count) = (0, 0, 0, 0)
        logOdds = [[Float]](repeating: [], count: thresholds.count)
        for (input, labels) in images.batches {
            try Task.checkCancellation()
            let output = try session.run(input, policy: .logOdds(thresholds))
            for (image, label) in labels.enumerated() {
                let cost = session.cost.executedMACs(open: output.gates(of: image))
                macs += cost
                largest = max(largest, cost)
                if output.logits(of: image).argmax == label { right += 1 }
                for (gate, value) in output.gateLogOdds(of: image).enumerated() { logOdds[gate].append(value) }
            }
            count += labels.count
        }
        position = BudgetCalibration.Position(
            thresholds: thresholds, share: Double(macs) / Double(max(count, 1)) / dense,
            largestShare: Double(largest) / dense, top1: Double(right) / Double(max(count, 1)))
    }
}
