import ConvNetAIG

/// A network's cost and accuracy as the thresholds of its gates move, together and each by itself; and the calibration that
/// follows.
public struct BudgetCurves: Sendable, Hashable, Codable {
    /// By ascending cost, one threshold for all gates.
    public let global: [BudgetCalibration.Position]
    /// By ascending cost, a threshold for each gate.
    public let perBlock: [BudgetCalibration.Position]
    /// Images that were measured.
    public let images: Int

    private enum CodingKeys: String, CodingKey {
        case global, perBlock
        case images = "pictures"
    }

    /// How far costs of neighbouring positions differ at most, as a share of the dense network, where thresholds can do it.
    public static let usualResolution = 0.02

    /// Runs the images with many thresholds.
    ///
    /// - Parameters:
    ///   - resolution: costs of neighbouring positions differ by no more than this share of the dense network, where
    ///     thresholds can do it.
    ///   - passes: how often the images are run for each of the two curves, at most.
    ///   - progress: called after each pass with the passes done.
    /// - Throws: `SessionError`, `OpenCLError`; `CancellationError` if the task it runs in is cancelled;
    ///   ``CalibrationError`` if the network has no gates or there are no images.
    public init(
        of session: Session, on images: CalibrationImages, resolution: Double = usualResolution, passes: Int = 60,
        progress: (_ passes: Int) -> Void = { _ in }
    ) throws {
        guard session.architecture.isAdaptive else { throw CalibrationError.noGates(session.architecture.name) }
        guard images.count > 0 else { throw CalibrationError.noImages }
        let gates = session.architecture.gatedBlocks.count
        let argmax = try CalibrationPass([Float](repeating: 0, count: gates), session, images)
        var done = 1
        progress(done)
        func curve(_ method: BudgetCalibration.Method) throws -> [BudgetCalibration.Position] {
            let family = ThresholdFamily(method, argmax: argmax)
            var known: [(place: Double, position: BudgetCalibration.Position)] = [(0, argmax.position)]
            func add(_ place: Double) throws {
                let pass = try CalibrationPass(family.thresholds(at: place), session, images)
                known.append((place, pass.position))
                known.sort { $0.place < $1.place }
                done += 1
                progress(done)
            }
            try add(ThresholdFamily.ends.lowerBound)
            try add(ThresholdFamily.ends.upperBound)
            while known.count < passes {
                // The widest gap that is not yet a single point of the dial.
                let gaps = zip(known, known.dropFirst()).filter { $1.place - $0.place > 1e-3 }
                    .map { (middle: ($0.place + $1.place) / 2, width: abs($1.position.share - $0.position.share)) }
                guard let widest = gaps.max(by: { $0.width < $1.width }), widest.width > resolution else { break }
                try add(widest.middle)
            }
            return BudgetCalibration(images: images.count, method: method, positions: known.map(\.position))
                .positions
        }
        global = try curve(.global)
        perBlock = try curve(.perBlock)
        self.images = images.count
    }

    init(
        global: [BudgetCalibration.Position], perBlock: [BudgetCalibration.Position], images: Int
    ) {
        self.global = global
        self.perBlock = perBlock
        self.images = images
    }

    /// The curve that is the more accurate on average over the budgets that both can meet.
    public var calibration: BudgetCalibration {
        let budgets = stride(from: max(global.first?.share ?? 1, perBlock.first?.share ?? 1), to: 1, by: 0.01)
        let gain = budgets.reduce(0.0) { sum, budget in
            guard let perBlock = top1(.perBlock, at: budget), let global = top1(.global, at: budget) else { return sum }
            return sum + perBlock - global
        }
        let method: BudgetCalibration.Method = gain > 0 ? .perBlock : .global
        return BudgetCalibration(images: images, method: method, positions: positions(method))
    }

    private func positions(_ method: BudgetCalibration.Method) -> [BudgetCalibration.Position] {
        switch method {
        case .global: global
        case .perBlock: perBlock
        }
    }

    /// The accuracy at a cost, between measured positions as by a straight line.
    ///
    /// - Parameter share: of the dense network's multiply-accumulates.
    /// - Returns: a share of the images; nil for costs that no thresholds of this kind came to.
    public func top1(_ method: BudgetCalibration.Method, at share: Double) -> Double? {
        let positions = positions(method)
        // Costs that were meant to be the same differ by rounding.
        let rounding = 1e-9
        guard let above = positions.firstIndex(where: { $0.share >= share - rounding }) else { return nil }
        let upper = positions[above]
        guard upper.share > share + rounding else { return upper.top1 }
        guard above > 0 else { return nil }
        let lower = positions[above - 1]
        return lower.top1 + (share - lower.share) / (upper.share - lower.share) * (upper.top1 - lower.top1)
    }
}
