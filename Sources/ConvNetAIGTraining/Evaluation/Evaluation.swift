import ConvNetAIG

/// How a network does on labelled pictures.
public struct Evaluation: Sendable {
    /// What is counted of the pictures of one class.
    private struct Tally {
        var count = 0
        var correct = 0
        var open: [Int]
    }

    /// The likeliest class of each picture, in the order of the set; nil where the picture could not be read.
    public private(set) var predictions: [Int?] = []
    /// Pictures that could not be read, with the reason.
    public private(set) var failures: [String] = []
    /// Names of the set's classes.
    public let classes: [String]
    private var tallies: [Tally]
    private var correctInFive = 0
    private var macs = 0

    /// Pictures that were classified.
    public var count: Int { predictions.count - failures.count }
    /// Share of pictures whose likeliest class is the right one.
    public var top1: Double { Double(tallies.reduce(0) { $0 + $1.correct }) / Double(max(count, 1)) }
    /// Share of pictures whose right class is among the five likeliest.
    public var top5: Double { Double(correctInFive) / Double(max(count, 1)) }
    /// Multiply-accumulates spent on a picture, on average.
    public var meanMACs: Double { Double(macs) / Double(max(count, 1)) }
    /// How often each gated block ran.
    public var executionRates: [Double] {
        (tallies.first?.open.indices ?? 0..<0).map { gate in
            Double(tallies.reduce(0) { $0 + $1.open[gate] }) / Double(max(count, 1))
        }
    }

    /// Pictures of each class of the set that were classified.
    public var countsByClass: [Int] { tallies.map(\.count) }
    /// Share of each class's pictures whose likeliest class is the right one; 0 for a class without pictures.
    public var top1ByClass: [Double] { tallies.map { Double($0.correct) / Double(max($0.count, 1)) } }
    /// How often each gated block ran, for the pictures of each class of the set: classes x gated blocks. 0 for a class
    /// without pictures.
    public var executionRatesByClass: [[Double]] {
        tallies.map { tally in tally.open.map { Double($0) / Double(max(tally.count, 1)) } }
    }

    /// Classifies every picture of a set.
    ///
    /// A class of the set is the network's class of the same name, where the weights name their classes, or else of the
    /// same index; also if the set calls its classes by their numbers.
    ///
    /// - Parameters:
    ///   - session: its batch size is how many pictures are run at a time.
    ///   - limit: only so many pictures, from the start of the set.
    ///   - threads: how many threads read and decode pictures ahead of the device. They change no result.
    ///   - progress: called after each batch with the number of pictures done.
    /// - Throws: ``DataSetError`` if a class of the set is none of the network's; `SessionError` if the network does not take
    ///   pictures; what `Session.predict` throws; a picture that cannot be read is counted and left out instead.
    public init(
        of session: Session, on set: any LabelledPictures, policy: GatePolicy = .argmax, limit: Int? = nil,
        threads: Int = BatchLoader.usualThreads, progress: (_ done: Int) -> Void = { _ in }
    ) throws {
        classes = set.classes
        tallies = [Tally](
            repeating: Tally(open: [Int](repeating: 0, count: session.architecture.gatedBlocks.count)),
            count: set.classes.count)
        let order = Array(0..<min(max(limit ?? set.count, 0), set.count))
        predictions = [Int?](repeating: nil, count: order.count)
        var done = 0
        for batch in try LabelledBatches(of: set, order: order, for: session, threads: threads) {
            let predicted =
                batch.indices.isEmpty
                ? [] : try session.predict(batch.images, policy: policy, firstImage: done - failures.count)
            for (picture, prediction) in zip(batch.indices.indices, predicted) {
                let index = batch.indices[picture]
                predictions[index] = prediction.candidates.first?.index
                count(prediction, label: set.label(index), expected: batch.labels[picture])
            }
            failures += batch.failures.map(\.reason)
            done += batch.indices.count + batch.failures.count
            progress(done)
        }
    }

    /// - Parameters:
    ///   - label: the picture's class in the set.
    ///   - expected: its class in the network.
    private mutating func count(_ prediction: Prediction, label: Int, expected: Int) {
        tallies[label].count += 1
        if prediction.candidates.first?.index == expected { tallies[label].correct += 1 }
        if prediction.candidates.contains(where: { $0.index == expected }) { correctInFive += 1 }
        macs += prediction.graph.macs
        for (gate, isOpen) in prediction.graph.gates.enumerated() where isOpen { tallies[label].open[gate] += 1 }
    }
}
