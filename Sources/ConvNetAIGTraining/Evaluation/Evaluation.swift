import ConvNetAIG
import Statistics

/// The accuracy and the cost of a network on labelled images.
///
/// ```swift
/// let evaluation = try await Evaluation(of: session, on: ImageDataset(path: "photos"))
/// print(evaluation.top1, evaluation.meanMACs)
/// ```
public struct Evaluation: Sendable {
    /// A classified image of the dataset.
    public struct ImageResult: Sendable {
        /// The image's index in the dataset.
        public let index: Int
        /// Its class, as an index into ``classes``.
        public let label: Int
        /// The network's likeliest classes for it, and the graph that ran.
        public let prediction: Prediction
        /// Names of the network's classes, see ``Evaluation/networkClasses``.
        public let classes: [String]

        /// Whether the likeliest class is the right one.
        public var isRight: Bool { prediction.topClasses.first?.index == label }
    }

    /// Counts over the images of one class.
    private struct Tally {
        var count = 0
        var correct = 0
        var open: [Int]
    }

    /// The likeliest class of each image, in the dataset's order; nil if the image could not be read.
    public private(set) var predictions: [Int?] = []
    /// The reason for each image that could not be read.
    public private(set) var failures: [String] = []
    /// Names of the dataset's classes.
    public let classes: [String]
    /// Names of the network's classes: those in the weights, or else the dataset's, and numbers where neither has a name.
    public let networkClasses: [String]
    /// How often an image of one class was taken for another, by the network's classes.
    public private(set) var confusion = ConfusionMatrix()
    private var tallies: [Tally]
    private var correctInFive = 0
    private var macs = 0

    /// Number of images that were classified.
    public var count: Int { predictions.count - failures.count }
    /// Share of images whose likeliest class is the right one.
    public var top1: Double { Double(correct) / Double(max(count, 1)) }
    /// The 95 % interval of ``top1``, by Wilson's score; nil without images.
    public var top1Interval: ConfidenceInterval? { .wilson(correct, of: count) }
    /// Share of images whose right class is among the five likeliest.
    public var top5: Double { Double(correctInFive) / Double(max(count, 1)) }
    /// The 95 % interval of ``top5``, by Wilson's score; nil without images.
    public var top5Interval: ConfidenceInterval? { .wilson(correctInFive, of: count) }
    /// Multiply-accumulates spent on an image, on average.
    public var meanMACs: Double { Double(macs) / Double(max(count, 1)) }
    /// Share of images that ran each gated block, in the order of `Architecture.gatedBlocks`.
    public var executionRates: [Double] {
        (tallies.first?.open.indices ?? 0..<0).map { gate in
            Double(tallies.reduce(0) { $0 + $1.open[gate] }) / Double(max(count, 1))
        }
    }

    private var correct: Int { tallies.reduce(0) { $0 + $1.correct } }

    /// Number of classified images of each class of the dataset.
    public var countsByClass: [Int] { tallies.map(\.count) }
    /// Share of each class's images whose likeliest class is the right one; 0 for a class without images.
    public var top1ByClass: [Double] { tallies.map { Double($0.correct) / Double(max($0.count, 1)) } }
    /// The 95 % interval of each of ``top1ByClass``, by Wilson's score; nil for a class without images.
    public var top1IntervalsByClass: [ConfidenceInterval?] {
        tallies.map { ConfidenceInterval.wilson($0.correct, of: $0.count) }
    }
    /// Share of the images of each class of the dataset that ran each gated block: classes x gated blocks. 0 for a class
    /// without images.
    public var executionRatesByClass: [[Double]] {
        tallies.map { tally in tally.open.map { Double($0) / Double(max(tally.count, 1)) } }
    }

    // MARK: Classifying

    /// Classifies every image of a dataset, on the calling thread.
    ///
    /// A class of the dataset is the network's class of the same name if the weights name their classes, or else of the same
    /// index; also if the dataset's classes are named by numbers.
    ///
    /// - Parameters:
    ///   - session: its batch size is how many images run at a time.
    ///   - set: the images and their classes.
    ///   - policy: how gates decide.
    ///   - limit: maximum number of images, taken evenly from all classes; nil takes all.
    ///   - threads: threads that read and decode images ahead of the device; they change no result.
    ///   - progress: called after each batch with the number of images done.
    ///   - visit: called with each classified image, in the dataset's order.
    /// - Throws: `DatasetError` if the network lacks a class of the dataset; `SessionError` if the network does not take
    ///   images; what `Session.predict` throws. Images that cannot be read are counted in ``failures`` instead.
    public init(
        of session: Session, on set: any Dataset, policy: GatePolicy = .argmax, limit: Int? = nil,
        threads: Int = DataLoader.defaultThreads, progress: (_ done: Int) -> Void = { _ in },
        visit: (_ image: ImageResult) -> Void = { _ in }
    ) throws {
        try self.init(
            of: session, on: set, policy: policy, limit: limit, threads: threads, checkCancellation: {},
            progress: progress, visit: visit)
    }

    /// Classifies every image of a dataset on a thread outside Swift's pool, where `progress` and `visit` are called too.
    /// Otherwise the same as the synchronous initializer.
    ///
    /// - Throws: as the synchronous initializer; `CancellationError`, after the batch at hand, if the task is cancelled.
    public init(
        of session: Session, on set: any Dataset, policy: GatePolicy = .argmax, limit: Int? = nil,
        threads: Int = DataLoader.defaultThreads, progress: @escaping @Sendable (_ done: Int) -> Void = { _ in },
        visit: @escaping @Sendable (_ image: ImageResult) -> Void = { _ in }
    ) async throws {
        self = try await offThread { cancellation in
            try Evaluation(
                of: session, on: set, policy: policy, limit: limit, threads: threads,
                checkCancellation: { try cancellation.check() }, progress: progress, visit: visit)
        }
    }

    /// - Parameter checkCancellation: called before each batch; ends the evaluation by throwing.
    init(
        of session: Session, on set: any Dataset, policy: GatePolicy = .argmax, limit: Int? = nil,
        threads: Int = DataLoader.defaultThreads, checkCancellation: () throws -> Void,
        progress: (_ done: Int) -> Void = { _ in }, visit: (_ image: ImageResult) -> Void = { _ in }
    ) throws {
        classes = set.classes
        tallies = [Tally](
            repeating: Tally(open: [Int](repeating: 0, count: session.architecture.gatedBlocks.count)),
            count: set.classes.count)
        let order = set.evenIndices(limit: limit)
        let places = Dictionary(zip(order, order.indices)) { first, _ in first }
        predictions = [Int?](repeating: nil, count: order.count)
        var done = 0
        let batches = try EvaluationLoader(of: set, order: order, for: session, threads: threads)
        networkClasses = batches.classNames
        for batch in batches {
            try checkCancellation()
            let predicted =
                batch.indices.isEmpty
                ? [] : try session.predict(batch.images, policy: policy, firstImage: done - failures.count)
            for (image, prediction) in zip(batch.indices.indices, predicted) {
                let index = batch.indices[image]
                if let place = places[index] { predictions[place] = prediction.topClasses.first?.index }
                let classified = ImageResult(
                    index: index, label: batch.labels[image], prediction: prediction, classes: networkClasses)
                count(classified, ofClass: set.label(index))
                visit(classified)
            }
            failures += batch.failures.map(\.reason)
            done += batch.indices.count + batch.failures.count
            progress(done)
        }
    }

    /// - Parameter label: the image's class in the dataset.
    private mutating func count(_ image: ImageResult, ofClass label: Int) {
        let prediction = image.prediction
        tallies[label].count += 1
        if image.isRight { tallies[label].correct += 1 }
        if prediction.topClasses.contains(where: { $0.index == image.label }) { correctInFive += 1 }
        if let likeliest = prediction.topClasses.first?.index {
            confusion.add(actual: image.label, predicted: likeliest)
        }
        macs += prediction.graph.macs
        for (gate, isOpen) in prediction.graph.gates.enumerated() where isOpen { tallies[label].open[gate] += 1 }
    }
}
