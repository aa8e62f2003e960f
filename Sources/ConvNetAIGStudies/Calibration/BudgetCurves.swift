import ConvNetAIG

/// A network's cost and accuracy as the thresholds of its gates move, all alike and each by itself, and the calibration that
/// follows from them.
public struct BudgetCurves: Sendable, Hashable, Codable {
    /// Positions with one threshold for all gates, by ascending cost.
    public let global: [BudgetCalibration.Position]
    /// Positions with a threshold for each gate, by ascending cost.
    public let perBlock: [BudgetCalibration.Position]
    /// Number of images that were measured.
    public let images: Int

    private enum CodingKeys: String, CodingKey {
        case global, perBlock
        case images = "pictures"
    }

    /// The largest difference of the costs of neighbouring positions, as a share of the dense network's, unless thresholds
    /// cannot come closer.
    public static let defaultResolution = 0.02

    /// Runs the images with many thresholds.
    ///
    /// - Parameters:
    ///   - resolution: the largest difference of the costs of neighbouring positions, as a share of the dense network's,
    ///     unless thresholds cannot come closer.
    ///   - passes: how often the images are run at most for each of the two curves.
    ///   - progress: called after each pass with the number of passes done.
    /// - Throws: `SessionError`, `OpenCLError`; `CancellationError` if the task it runs in is cancelled;
    ///   ``CalibrationError`` if the network has no gates or there are no images.
    public init(
        of session: Session, on images: CalibrationImages, resolution: Double = defaultResolution, passes: Int = 60,
        progress: (_ passes: Int) -> Void = { _ in }
    ) throws {
        try self.init(of: session, on: images, resolution: resolution, passes: passes, progress: progress) {
            try Task.checkCancellation()
        }
    }

    /// Runs the images with many thresholds, without blocking the calling task's thread.
    ///
    /// - Parameter progress: called on another thread after each pass with the number of passes done.
    /// - Throws: as the synchronous form.
    public init(
        of session: Session, on images: CalibrationImages, resolution: Double = defaultResolution, passes: Int = 60,
        progress: @escaping @Sendable (_ passes: Int) -> Void = { _ in }
    ) async throws {
        self = try await offThread { cancellation in
            try BudgetCurves(
                of: session, on: images, resolution: resolution, passes: passes, progress: progress,
                checkCancellation: cancellation.check)
        }
    }

    init(
        of session: Session, on images: CalibrationImages, resolution: Double, passes: Int,
        progress: (_ passes: Int) -> Void, checkCancellation: () throws -> Void
    ) throws {
        guard session.architecture.isAdaptive else { throw CalibrationError.noGates(session.architecture.name) }
        guard images.count > 0 else { throw CalibrationError.noImages }
        let gates = session.architecture.gatedBlocks.count
        let argmax = try CalibrationPass([Float](repeating: 0, count: gates), session, images, checkCancellation)
        var done = 1
        progress(done)
        func curve(_ method: BudgetCalibration.Method) throws -> [BudgetCalibration.Position] {
            let family = ThresholdFamily(method, argmax: argmax)
            var known: [(place: Double, position: BudgetCalibration.Position)] = [(0, argmax.position)]
            func add(_ place: Double) throws {
                let pass = try CalibrationPass(family.thresholds(at: place), session, images, checkCancellation)
                known.append((place, pass.position))
                known.sort { $0.place < $1.place }
                done += 1
                progress(done)
            }
            try add(ThresholdFamily.ends.lowerBound)
            try add(ThresholdFamily.ends.upperBound)
            while known.count < passes {
                // The widest gap between costs that a threshold in between may close.
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

    /// The calibration by the curve that is more accurate on average over the budgets that both can meet.
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

    /// The top-1 accuracy at a cost, interpolated linearly between measured positions.
    ///
    /// - Parameter share: the cost as a share of the dense network's multiply-accumulates.
    /// - Returns: nil for costs that no thresholds of this kind reached.
    public func top1(_ method: BudgetCalibration.Method, at share: Double) -> Double? {
        let positions = positions(method)
        // Costs that are meant to be the same differ by rounding.
        let rounding = 1e-9
        guard let above = positions.firstIndex(where: { $0.share >= share - rounding }) else { return nil }
        let upper = positions[above]
        guard upper.share > share + rounding else { return upper.top1 }
        guard above > 0 else { return nil }
        let lower = positions[above - 1]
        return lower.top1 + (share - lower.share) / (upper.share - lower.share) * (upper.top1 - lower.top1)
    }
}

/// Why a network cannot be calibrated.
public enum CalibrationError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The network with this name has no gates.
    case noGates(String)
    /// There are no images, or none of them could be read.
    case noImages

    /// A message for the user.
    public var description: String {
        switch self {
        case .noGates(let name):
            "\(name) has no gates, and costs the same for every picture: there is nothing to calibrate"
        case .noImages: "none of the pictures could be read: a calibration needs some"
        }
    }
}
