import ConvNetAIG
import ConvNetAIGReport
import ConvNetAIGTraining

/// Which graphs a network runs for which pictures: every picture of a set, with its route and what it led to.
public struct RouteStudy: Sendable {
    /// The pictures that could be read, in the order of the set.
    public let outcomes: [PictureOutcome]
    /// Pictures that could not be read, with the reason.
    public let failures: [String]
    /// Names of the network's classes.
    public let classes: [String]
    /// The network's blocks that have a gate.
    public let gatedBlocks: [Int]
    /// Blocks of the network.
    public let blockCount: Int
    /// Multiply-accumulates of the dense network.
    public let denseMACs: Int

    /// Classifies every picture of a set.
    ///
    /// - Parameters:
    ///   - session: its batch size is how many pictures are run at a time.
    ///   - set: its classes are the network's of the same names, see `Evaluation`.
    ///   - limit: only so many pictures, evenly from all classes; nil for all.
    ///   - threads: how many threads read and decode pictures ahead of the device. They change no result.
    ///   - progress: called after each batch with the number of pictures done.
    /// - Throws: `DataSetError`, `SessionError`, `GatePolicyError` or `OpenCLError`; `CancellationError` if the task it runs
    ///   in is cancelled. A picture that cannot be read is left out.
    public init(
        of session: Session, on set: any LabelledPictures, policy: GatePolicy = .argmax, limit: Int? = nil,
        threads: Int = BatchLoader.usualThreads, progress: (_ done: Int) -> Void = { _ in }
    ) throws {
        let order = set.evenIndices(limit: limit)
        let batches = try LabelledBatches(of: set, order: order, for: session, threads: threads)
        var outcomes: [PictureOutcome] = []
        var failures: [String] = []
        for batch in batches {
            try Task.checkCancellation()
            let predictions = try session.predict(
                batch.images, policy: policy, candidates: 1, firstImage: outcomes.count)
            for (picture, prediction) in predictions.enumerated() {
                outcomes.append(
                    PictureOutcome(index: batch.indices[picture], label: batch.labels[picture], prediction))
            }
            failures += batch.failures.map(\.reason)
            progress(outcomes.count + failures.count)
        }
        self.init(
            outcomes: outcomes, failures: failures,
            classes: batches.classNames, architecture: session.architecture)
    }

    init(outcomes: [PictureOutcome], failures: [String], classes: [String], architecture: Architecture) {
        self.outcomes = outcomes
        self.failures = failures
        self.classes = classes
        gatedBlocks = architecture.gatedBlocks
        blockCount = architecture.blockCount
        denseMACs = architecture.cost.macs
    }

    // MARK: Figures

    /// Share of pictures whose likeliest class is the right one.
    public var top1: Double { share { $0.isRight } }
    /// Share of pictures whose right class is among the five likeliest.
    public var top5: Double { share { $0.isInFive } }
    /// The 95 % interval of ``top1``, by Wilson's score; nil without pictures.
    public var top1Interval: ConfidenceInterval? { Self.interval(outcomes) { $0.isRight } }
    /// The 95 % interval of ``top5``, by Wilson's score; nil without pictures.
    public var top5Interval: ConfidenceInterval? { Self.interval(outcomes) { $0.isInFive } }
    /// Multiply-accumulates spent on a picture, on average.
    public var meanMACs: Double { Self.mean(outcomes) { Double($0.macs) } }

    /// Share of the pictures for which something holds; 0 of none.
    private func share(_ holds: (PictureOutcome) -> Bool) -> Double { Self.mean(outcomes) { holds($0) ? 1 : 0 } }

    /// The 95 % interval of the share of pictures for which something holds, by Wilson's score; nil of none.
    static func interval(
        _ outcomes: [PictureOutcome], _ holds: (PictureOutcome) -> Bool
    ) -> ConfidenceInterval? {
        .wilson(outcomes.count(where: holds), of: outcomes.count)
    }

    static func mean(_ outcomes: [PictureOutcome], _ value: (PictureOutcome) -> Double) -> Double {
        outcomes.isEmpty ? 0 : outcomes.reduce(0) { $0 + value($1) } / Double(outcomes.count)
    }

    /// The pictures of each class.
    public var outcomesByClass: [[PictureOutcome]] {
        var groups = [[PictureOutcome]](repeating: [], count: classes.count)
        for outcome in outcomes { groups[outcome.label].append(outcome) }
        return groups
    }

    /// How often each block ran for some pictures; 0 for none.
    static func rates(_ outcomes: [PictureOutcome], blocks: Int) -> [Double] {
        (0..<blocks).map { block in mean(outcomes) { $0.route[block] ? 1 : 0 } }
    }
}
