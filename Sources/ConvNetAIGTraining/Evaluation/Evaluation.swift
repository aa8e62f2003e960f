import ConvNetAIG
import Statistics

/// How a network does on labelled images.
public struct Evaluation: Sendable {
    /// An image of the set that was classified.
    public struct ImageResult: Sendable {
        /// The image's index in the set.
        public let index: Int
        /// Its class, as an index into ``classes``.
        public let label: Int
        public let prediction: Prediction
        /// Names of the network's classes, see ``Evaluation/networkClasses``.
        public let classes: [String]

        /// Whether the likeliest class is the right one.
        public var isRight: Bool { prediction.candidates.first?.index == label }
    }

    /// What is counted of the images of one class.
    private struct Tally {
        var count = 0
        var correct = 0
        var open: [Int]
    }

    /// The likeliest class of each image, in the order of the set; nil where the image could not be read.
    public private(set) var predictions: [Int?] = []
    /// Images that could not be read, with the reason.
    public private(set) var failures: [String] = []
    /// Names of the set's classes.
    public let classes: [String]
    /// Names of the network's classes: those of the weights, or else of the set's, and numbers where neither names them.
    public let networkClasses: [String]
    /// Which of the network's classes were taken for which.
    public private(set) var confusion = ConfusionMatrix()
    private var tallies: [Tally]
    private var correctInFive = 0
    private var macs = 0

    /// Images that were classified.
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
    /// How often each gated block ran.
    public var executionRates: [Double] {
        (tallies.first?.open.indices ?? 0..<0).map { gate in
            Double(tallies.reduce(0) { $0 + $1.open[gate] }) / Double(max(count, 1))
        }
    }

    private var correct: Int { tallies.reduce(0) { $0 + $1.correct } }

    /// Images of each class of the set that were classified.
    public var countsByClass: [Int] { tallies.map(\.count) }
    /// Share of each class's images whose likeliest class is the right one; 0 for a class without images.
    public var top1ByClass: [Double] { tallies.map { Double($0.correct) / Double(max($0.count, 1)) } }
    /// The 95 % interval of each of ``top1ByClass``, by Wilson's score; nil for a class without images.
    public var top1IntervalsByClass: [ConfidenceInterval?] {
        tallies.map { ConfidenceInterval.wilson($0.correct, of: $0.count) }
    }
    /// How often each gated block ran, for the images of each class of the set: classes x gated blocks. 0 for a class
    /// without images.
    public var executionRatesByClass: [[Double]] {
        tallies.map { tally in tally.open.map { Double($0) / Double(max(tally.count, 1)) } }
    }

    /// Classifies every image of a set.
    ///
    /// A class of the set is the network's class of the same name, where the weights name their classes, or else of the
    /// same index; also if the set calls its classes by their numbers.
    ///
    /// - Parameters:
    ///   - session: its batch size is how many images are run at a time.
    ///   - limit: only so many images, evenly from all classes.
    ///   - threads: how many threads read and decode images ahead of the device. They change no result.
    ///   - progress: called after each batch with the number of images done.
    ///   - visit: called with each image that was classified, in the order of the set.
    /// - Throws: ``DatasetError`` if a class of the set is none of the network's; `SessionError` if the network does not take
    ///   images; what `Session.predict` throws; an image that cannot be read is counted and left out instead.
    public init(
        of session: Session, on set: any Dataset, policy: GatePolicy = .argmax, limit: Int? = nil,
        threads: Int = DataLoader.usualThreads, progress: (_ done: Int) -> Void = { _ in },
        visit: (_ image: ImageResult) -> Void = { _ in }
    ) throws {
        classes = set.classes
        tallies = [Tally](
            repeating: Tally(open: [Int](repeating: 0, count: session.architecture.gatedBlocks.count)),
            count: set.classes.count)
        let order = set.evenIndices(limit: limit)
        let places = Dictionary(zip(order, order.indices)) { first, _ in first }
        predictions = [Int?](repeating: nil, count: order.count)
        var done = 0
        let batches = try LabelledBatches(of: set, order: order, for: session, threads: threads)
        networkClasses = batches.classNames
        for batch in batches {
            let predicted =
                batch.indices.isEmpty
                ? [] : try session.predict(batch.images, policy: policy, firstImage: done - failures.count)
            for (image, prediction) in zip(batch.indices.indices, predicted) {
                let index = batch.indices[image]
                if let place = places[index] { predictions[place] = prediction.candidates.first?.index }
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

    /// - Parameter label: the image's class in the set.
    private mutating func count(_ image: ImageResult, ofClass label: Int) {
        let prediction = image.prediction
        tallies[label].count += 1
        if image.isRight { tallies[label].correct += 1 }
        if prediction.candidates.contains(where: { $0.index == image.label }) { correctInFive += 1 }
        if let likeliest = prediction.candidates.first?.index {
            confusion.add(actual: image.label, predicted: likeliest)
        }
        macs += prediction.graph.macs
        for (gate, isOpen) in prediction.graph.gates.enumerated() where isOpen { tallies[label].open[gate] += 1 }
    }
}
