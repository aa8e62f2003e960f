import Archives
import ArgumentParser
import ConvNetAIG
import ConvNetAIGTraining

/// The labelled pictures that a network is measured on.
struct DatasetOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The pictures: a folder, or an archive (tar, also compressed, or zip).",
            discussion: "See 'aig help train' for what is in it.", valueName: "path"), completion: .file())
    var data: String

    @Option(
        help: ArgumentHelp(
            "Classes of pictures that are in no class folders: a CSV or TSV file, or a list, of names and classes.",
            valueName: "file"), completion: .file())
    var labels: String?

    @OptionGroup var reading: ReadingOptions
    @OptionGroup var preprocessing: PreprocessingOptions

    /// Pictures, and what was wrong with those that have been read.
    struct Pictures {
        let set: any LabelledPictures
        fileprivate let reading: PictureReading

        /// Says what was wrong with pictures that could be read.
        func tellWarnings() { ReadingOptions.tell(reading.warnings) }
    }

    /// The pictures to measure a network on, their classes called as it calls them; what is left out is said.
    /// - Parameter limit: only so many, evenly from all classes.
    func measured(for weights: Weights, limit: Int?) throws -> Pictures {
        let source = try source(for: weights)
        if try source.measuresTraining { Self.tell([.measuredOnTraining]) }
        return Pictures(set: try Self.named(source.measured, by: weights).limited(to: limit), reading: source.reading)
    }

    /// The pictures that a network could have been trained with, likewise.
    func training(for weights: Weights, limit: Int?) throws -> Pictures {
        let source = try source(for: weights)
        return Pictures(set: try Self.named(source.train, by: weights).limited(to: limit), reading: source.reading)
    }

    private func source(for weights: Weights) throws -> DataSource {
        let source = try Self.source(
            data, labels: labels, known: weights.classNames ?? [], options: reading.reading)
        Self.tell(source.notes)
        return source
    }

    /// What is at a path, with progress while an archive is unpacked.
    static func source(
        _ path: String, labels: String?, known: [String] = [], options: ImageReadingOptions = .init()
    ) throws -> DataSource {
        try unpacking(path) {
            try DataSource(path: path, labels: labels, known: known, options: options, progress: $0)
        }
    }

    /// Shows how far unpacking an archive is while `body` reads it.
    static func unpacking<Result>(
        _ path: String, _ body: (_ progress: (UnpackingProgress) -> Void) throws -> Result
    ) rethrows -> Result {
        let line = ProgressLine()
        defer { line.clear() }
        return try body { progress in
            let share = Double(progress.bytesRead) / Double(max(progress.byteCount, 1))
            line.show("unpacking \(path.printable()): \(share.percentage)")
        }
    }

    /// Says what is left out, and what was chosen, on standard error.
    static func tell(_ notes: [DatasetNote]) {
        for note in notes { Console.complain("Note: \(note)") }
    }

    private static func named(_ set: any LabelledPictures, by weights: Weights) throws -> any LabelledPictures {
        let (pictures, matching) = try set.renamed(
            by: weights.classNames, others: ImageNetClasses.otherNames(classes: weights.architecture.classes),
            count: weights.architecture.classes)
        if matching.isByOrder { tell([.classesByOrder]) }
        return pictures
    }
}
