import ConvNetAIG

/// How a network does on labelled pictures.
public struct Evaluation: Sendable {
    /// The likeliest class of each picture, in the order of the set; nil where the picture could not be read.
    public private(set) var predictions: [Int?] = []
    /// Pictures that could not be read, with the reason.
    public private(set) var failures: [String] = []
    private var correct = 0
    private var correctInFive = 0
    private var macs = 0
    private var open: [Int] = []

    /// Pictures that were classified.
    public var count: Int { predictions.count - failures.count }
    /// Share of pictures whose likeliest class is the right one.
    public var top1: Double { Double(correct) / Double(max(count, 1)) }
    /// Share of pictures whose right class is among the five likeliest.
    public var top5: Double { Double(correctInFive) / Double(max(count, 1)) }
    /// Multiply-accumulates spent on a picture, on average.
    public var meanMACs: Double { Double(macs) / Double(max(count, 1)) }
    /// How often each gated block ran.
    public var executionRates: [Double] { open.map { Double($0) / Double(max(count, 1)) } }

    /// Classifies every picture of a set.
    ///
    /// A class of the set is the network's class of the same name, where the weights name their classes, or else of the
    /// same index.
    ///
    /// - Parameters:
    ///   - session: its batch size is how many pictures are read and run at a time.
    ///   - limit: only so many pictures, from the start of the set.
    ///   - progress: called after each batch with the number of pictures done.
    /// - Throws: ``DataSetError`` if a class of the set is none of the network's; what `Session.predict` throws; a picture that cannot be read is counted and left out instead.
    public init(
        of session: Session, on set: PictureSet, policy: GatePolicy = .argmax, limit: Int? = nil,
        progress: (_ done: Int) -> Void = { _ in }
    ) throws {
        let labels = try Self.labels(of: set, in: session)
        let items = set.items.prefix(max(limit ?? set.items.count, 0))
        open = [Int](repeating: 0, count: session.architecture.gatedBlocks.count)
        for start in stride(from: 0, to: items.count, by: session.batch) {
            var images: [Image] = []
            var readable: [PictureSet.Item?] = []
            for item in items[start..<min(start + session.batch, items.count)] {
                do {
                    images.append(try set.image(item))
                    readable.append(item)
                } catch {
                    failures.append("\(error)")
                    readable.append(nil)
                }
            }
            var predicted = try session.predict(images, policy: policy, firstImage: count)[...]
            for item in readable {
                guard let item, let prediction = predicted.popFirst() else {
                    predictions.append(nil)
                    continue
                }
                count(prediction, label: labels[item.label])
            }
            progress(predictions.count)
        }
    }

    private static func labels(of set: PictureSet, in session: Session) throws -> [Int] {
        guard let names = session.classNames else {
            guard set.classes.count <= session.architecture.classes else {
                throw DataSetError.tooManyClasses(
                    path: set.path, found: set.classes.count, classes: session.architecture.classes)
            }
            return Array(set.classes.indices)
        }
        return try set.classes.map { name in
            guard let index = names.firstIndex(of: name) else {
                throw DataSetError.unknownClass(path: set.path, name: name, classes: names)
            }
            return index
        }
    }

    private mutating func count(_ prediction: Prediction, label: Int) {
        predictions.append(prediction.candidates.first?.index)
        if prediction.candidates.first?.index == label { correct += 1 }
        if prediction.candidates.contains(where: { $0.index == label }) { correctInFive += 1 }
        macs += prediction.graph.macs
        for (gate, isOpen) in prediction.graph.gates.enumerated() where isOpen { open[gate] += 1 }
    }
}
