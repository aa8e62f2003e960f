import ConvNetAIG
import ConvNetAIGReport
import ConvNetAIGTraining

/// Which graphs a network runs for which images: every image of a set, with its route and what it led to.
public struct RouteStudy: Sendable {
    /// The images that could be read, in the order of the set.
    public let outcomes: [ImageOutcome]
    /// Images that could not be read, with the reason.
    public let failures: [String]
    /// Names of the network's classes.
    public let classes: [String]
    /// The network's blocks that have a gate.
    public let gatedBlocks: [Int]
    /// Blocks of the network.
    public let blockCount: Int
    /// Multiply-accumulates of the dense network.
    public let denseMACs: Int

    /// Classifies every image of a set.
    ///
    /// - Parameters:
    ///   - session: its batch size is how many images are run at a time.
    ///   - set: its classes are the network's of the same names, see `Evaluation`.
    ///   - limit: only so many images, evenly from all classes; nil for all.
    ///   - threads: how many threads read and decode images ahead of the device. They change no result.
    ///   - progress: called after each batch with the number of images done.
    /// - Throws: `DatasetError`, `SessionError`, `GatePolicyError` or `OpenCLError`; `CancellationError` if the task it runs
    ///   in is cancelled. An image that cannot be read is left out.
    public init(
        of session: Session, on set: any Dataset, policy: GatePolicy = .argmax, limit: Int? = nil,
        threads: Int = DataLoader.defaultThreads, progress: (_ done: Int) -> Void = { _ in }
    ) throws {
        let order = set.evenIndices(limit: limit)
        let batches = try EvaluationLoader(of: set, order: order, for: session, threads: threads)
        var outcomes: [ImageOutcome] = []
        var failures: [String] = []
        for batch in batches {
            try Task.checkCancellation()
            let predictions = try session.predict(
                batch.images, policy: policy, candidates: 1, firstImage: outcomes.count)
            for (image, prediction) in predictions.enumerated() {
                outcomes.append(
                    ImageOutcome(index: batch.indices[image], label: batch.labels[image], prediction))
            }
            failures += batch.failures.map(\.reason)
            progress(outcomes.count + failures.count)
        }
        self.init(
            outcomes: outcomes, failures: failures,
            classes: batches.classNames, architecture: session.architecture)
    }

    init(outcomes: [ImageOutcome], failures: [String], classes: [String], architecture: Architecture) {
        self.outcomes = outcomes
        self.failures = failures
        self.classes = classes
        gatedBlocks = architecture.gatedBlocks
        blockCount = architecture.blockCount
        denseMACs = architecture.cost.macs
    }

    // MARK: Figures

    /// Share of images whose likeliest class is the right one.
    public var top1: Double { share { $0.isRight } }
    /// Share of images whose right class is among the five likeliest.
    public var top5: Double { share { $0.isInFive } }
    /// The 95 % interval of ``top1``, by Wilson's score; nil without images.
    public var top1Interval: ConfidenceInterval? { Self.interval(outcomes) { $0.isRight } }
    /// The 95 % interval of ``top5``, by Wilson's score; nil without images.
    public var top5Interval: ConfidenceInterval? { Self.interval(outcomes) { $0.isInFive } }
    /// Multiply-accumulates spent on an image, on average.
    public var meanMACs: Double { Self.mean(outcomes) { Double($0.macs) } }

    /// Share of the images for which something holds; 0 of none.
    private func share(_ holds: (ImageOutcome) -> Bool) -> Double { Self.mean(outcomes) { holds($0) ? 1 : 0 } }

    /// The 95 % interval of the share of images for which something holds, by Wilson's score; nil of none.
    static func interval(
        _ outcomes: [ImageOutcome], _ holds: (ImageOutcome) -> Bool
    ) -> ConfidenceInterval? {
        .wilson(outcomes.count(where: holds), of: outcomes.count)
    }

    static func mean(_ outcomes: [ImageOutcome], _ value: (ImageOutcome) -> Double) -> Double {
        outcomes.isEmpty ? 0 : outcomes.reduce(0) { $0 + value($1) } / Double(outcomes.count)
    }

    /// The images of each class.
    public var outcomesByClass: [[ImageOutcome]] {
        var groups = [[ImageOutcome]](repeating: [], count: classes.count)
        for outcome in outcomes { groups[outcome.label].append(outcome) }
        return groups
    }

    /// How often each block ran for some images; 0 for none.
    static func rates(_ outcomes: [ImageOutcome], blocks: Int) -> [Double] {
        (0..<blocks).map { block in mean(outcomes) { $0.route[block] ? 1 : 0 } }
    }
}
