import ConvNetAIG
import ConvNetAIGReport
import ConvNetAIGTraining
import Foundation
import Statistics

/// The graphs that a network runs for the images of a data set: the route and the outcome of each image.
public struct RouteStudy: Sendable {
    /// The outcomes of the images that could be read, in the order of the set.
    public let outcomes: [ImageOutcome]
    /// Why images could not be read: a message for each of them.
    public let failures: [String]
    /// Names of the network's classes.
    public let classes: [String]
    /// The network's blocks that have a gate, by their indices.
    public let gatedBlocks: [Int]
    /// Number of the network's blocks.
    public let blockCount: Int
    /// Multiply-accumulates per image of the dense network.
    public let denseMACs: Int

    /// Classifies every image of a set.
    ///
    /// - Parameters:
    ///   - session: the network; its batch size is the number of images that run together.
    ///   - set: its classes are the network's classes of the same names, see `Evaluation`.
    ///   - policy: how gates decide.
    ///   - limit: the number of images, evenly from all classes; nil for all.
    ///   - threads: how many threads read and decode images. They change no result.
    ///   - progress: called after each batch with the number of images done.
    /// - Throws: `DatasetError`, `SessionError`, `GatePolicyError` or `OpenCLError`; `CancellationError` if the task it runs
    ///   in is cancelled. An image that cannot be read is left out.
    public init(
        of session: Session, on set: any Dataset, policy: GatePolicy = .argmax, limit: Int? = nil,
        threads: Int = DataLoader.defaultThreads, progress: (_ done: Int) -> Void = { _ in }
    ) throws {
        try self.init(of: session, on: set, policy: policy, limit: limit, threads: threads, progress: progress) {
            try Task.checkCancellation()
        }
    }

    /// Classifies every image of a set, without blocking the calling task's thread.
    ///
    /// - Parameter progress: called on another thread after each batch with the number of images done.
    /// - Throws: as the synchronous form.
    public init(
        of session: Session, on set: any Dataset, policy: GatePolicy = .argmax, limit: Int? = nil,
        threads: Int = DataLoader.defaultThreads, progress: @escaping @Sendable (_ done: Int) -> Void = { _ in }
    ) async throws {
        self = try await offThread { cancellation in
            try RouteStudy(
                of: session, on: set, policy: policy, limit: limit, threads: threads, progress: progress,
                checkCancellation: cancellation.check)
        }
    }

    init(
        of session: Session, on set: any Dataset, policy: GatePolicy, limit: Int?, threads: Int,
        progress: (_ done: Int) -> Void, checkCancellation: () throws -> Void
    ) throws {
        let order = set.evenIndices(limit: limit)
        let batches = try EvaluationLoader(of: set, order: order, for: session, threads: threads)
        var outcomes: [ImageOutcome] = []
        var failures: [String] = []
        for batch in batches {
            try checkCancellation()
            let predictions = try session.predict(
                batch.images, policy: policy, top: 1, firstImage: outcomes.count)
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
    /// Mean multiply-accumulates per image.
    public var meanMACs: Double { Self.mean(outcomes) { Double($0.macs) } }

    /// Share of the images for which something holds; 0 without images.
    private func share(_ holds: (ImageOutcome) -> Bool) -> Double { Self.mean(outcomes) { holds($0) ? 1 : 0 } }

    /// The 95 % interval of the share of images for which something holds, by Wilson's score; nil without images.
    static func interval(
        _ outcomes: [ImageOutcome], _ holds: (ImageOutcome) -> Bool
    ) -> ConfidenceInterval? {
        .wilson(outcomes.count(where: holds), of: outcomes.count)
    }

    static func mean(_ outcomes: [ImageOutcome], _ value: (ImageOutcome) -> Double) -> Double {
        outcomes.isEmpty ? 0 : outcomes.reduce(0) { $0 + value($1) } / Double(outcomes.count)
    }

    /// The outcomes of each class.
    public var outcomesByClass: [[ImageOutcome]] {
        var groups = [[ImageOutcome]](repeating: [], count: classes.count)
        for outcome in outcomes { groups[outcome.label].append(outcome) }
        return groups
    }

    /// The share of images that each block ran for; 0 without images.
    static func rates(_ outcomes: [ImageOutcome], blocks: Int) -> [Double] {
        (0..<blocks).map { block in mean(outcomes) { $0.route[block] ? 1 : 0 } }
    }
}

extension RouteStudy {
    var rates: RateFigures {
        let byClass = outcomesByClass
        return RateFigures(
            byBlock: Self.rates(outcomes, blocks: blockCount),
            byClass: byClass.map { Self.rates($0, blocks: blockCount) },
            top1ByClass: byClass.map { Self.mean($0) { $0.isRight ? 1 : 0 } },
            meanMACsByClass: byClass.map { Self.mean($0) { Double($0.macs) } },
            top1IntervalsByClass: byClass.map { Self.interval($0) { $0.isRight } })
    }

    /// How often images of each class were taken for each class.
    public var confusion: ConfusionMatrix {
        var matrix = ConfusionMatrix()
        for outcome in outcomes { matrix.add(actual: outcome.label, predicted: outcome.prediction) }
        return matrix
    }

    /// Number of images of each class that ran each number of blocks: classes x (0 ... blocks).
    var depths: [[Int]] {
        outcomesByClass.map { outcomes in
            var counts = [Int](repeating: 0, count: blockCount + 1)
            for outcome in outcomes { counts[outcome.route.count { $0 }] += 1 }
            return counts
        }
    }

    /// - Parameter limit: the number of graphs that are listed.
    func graphs(limit: Int) -> GraphFigures {
        let groups = Dictionary(grouping: outcomes, by: \.route)
        // Equally frequent graphs by their routes, so that the same images give the same report.
        let ranked = groups.sorted {
            $0.value.count != $1.value.count
                ? $0.value.count > $1.value.count
                : $0.key.lexicographicallyPrecedes($1.key) { $0 && !$1 }
        }
        let entropy = ranked.reduce(0) { sum, group in
            let share = Double(group.value.count) / Double(outcomes.count)
            return sum - share * log2(share)
        }
        return GraphFigures(
            distinct: ranked.count, entropy: entropy,
            commonest: ranked.prefix(limit).map { route, outcomes in
                var byClass = [Int](repeating: 0, count: classes.count)
                for outcome in outcomes { byClass[outcome.label] += 1 }
                return GraphFigures.Graph(
                    route: route, count: outcomes.count, top1: Self.mean(outcomes) { $0.isRight ? 1 : 0 },
                    countByClass: byClass, top1Interval: Self.interval(outcomes) { $0.isRight })
            })
    }

    /// Spearman's rank correlation of the images' losses with the multiply-accumulates spent on them, which is positive if
    /// hard images take longer routes; nil if either is the same for all images.
    public var difficultyCorrelation: Double? {
        Ranks.correlation(outcomes.map { Double($0.loss) }, outcomes.map { Double($0.macs) })
    }
}

/// The route and the prediction of a labelled image.
public struct ImageOutcome: Sendable, Hashable, Codable {
    /// The image's index in its data set.
    public var index: Int
    /// The image's class, as an index into the network's classes.
    public var label: Int
    /// The likeliest class, as an index into the network's classes.
    public var prediction: Int
    /// Whether the image's class is among the five likeliest.
    public var isInFive: Bool
    /// The probability that the network gives the image's class.
    public var probability: Float
    /// Cross-entropy of the image's class, in nats.
    public var loss: Float
    /// Whether each block ran.
    public var route: [Bool]
    /// Multiply-accumulates spent on the image.
    public var macs: Int

    /// Whether the likeliest class is the image's class.
    public var isRight: Bool { prediction == label }

    init(index: Int, label: Int, _ prediction: Prediction) {
        self.index = index
        self.label = label
        let logits = prediction.logits
        self.prediction = logits.argmax ?? 0
        let own = logits[label]
        isInFive = logits.count { $0 > own } < 5
        let (probability, loss) = Self.crossEntropy(logits, label)
        self.probability = probability
        self.loss = loss
        route = prediction.graph.executed
        macs = prediction.graph.macs
    }

    private static func crossEntropy(_ logits: [Float], _ label: Int) -> (probability: Float, loss: Float) {
        let largest = Double(logits.max() ?? 0)
        let sum = logits.reduce(0) { $0 + exp(Double($1) - largest) }
        let loss = log(sum) + largest - Double(logits[label])
        return (Float(exp(-loss)), Float(loss))
    }
}

extension RouteStudy {
    /// Compares the predictions of two networks for the same images.
    ///
    /// - Parameter other: a study of the same set with the same limit. Images that are missing from either study, because
    ///   they could not be read, are left out of ``PairedOutcomes/counts``.
    public func paired(with other: RouteStudy) -> PairedOutcomes { PairedOutcomes(self, other) }
}

/// The predictions of two networks for the same images.
public struct PairedOutcomes: Sendable {
    /// How often each network is right.
    public let counts: PairedCounts
    /// Number of images that were asked for and that not both networks classified.
    public let leftOut: Int

    init(_ first: RouteStudy, _ second: RouteStudy) {
        let others = Dictionary(second.outcomes.map { ($0.index, $0.isRight) }) { first, _ in first }
        var counts = PairedCounts()
        for outcome in first.outcomes {
            guard let other = others[outcome.index] else { continue }
            counts.add(first: outcome.isRight, second: other)
        }
        self.counts = counts
        leftOut = max(first.asked, second.asked) - counts.count
    }
}

extension RouteStudy {
    /// Number of images that were asked for.
    fileprivate var asked: Int { outcomes.count + failures.count }
}

extension ComparisonFigures {
    init(first: String, second: String, _ outcomes: PairedOutcomes) {
        self.init(first: first, second: second, counts: outcomes.counts, leftOut: outcomes.leftOut)
    }
}
