import Archives
import ArgumentParser
import ConvNetAIG
import ConvNetAIGTraining

/// The labelled images that a network is measured on.
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

    /// A dataset, and the warnings about those of its images that were read.
    struct LoadedDataset {
        let set: any Dataset
        fileprivate let reading: ImageReader

        /// Says what was wrong with images that could be read.
        func tellWarnings() { ReadingOptions.tell(reading.warnings) }
    }

    /// The images to measure a network on, their classes called as it calls them; what is left out is said.
    /// - Parameter limit: only so many, evenly from all classes.
    func measured(for weights: Weights, limit: Int?) throws -> LoadedDataset {
        let source = try source(for: weights)
        if try source.evaluatesTraining { Self.tell([.evaluatedOnTraining]) }
        return LoadedDataset(
            set: try Self.named(source.evaluation, by: weights).limited(to: limit), reading: source.reading)
    }

    /// The images that a network could have been trained with, likewise.
    func training(for weights: Weights, limit: Int?) throws -> LoadedDataset {
        let source = try source(for: weights)
        return LoadedDataset(
            set: try Self.named(source.train, by: weights).limited(to: limit), reading: source.reading)
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

    private static func named(_ set: any Dataset, by weights: Weights) throws -> any Dataset {
        let (images, matching) = try set.renamed(
            by: weights.classNames, others: ImageNetClasses.otherNames(classes: weights.architecture.classes),
            count: weights.architecture.classes)
        if matching.isByOrder { tell([.classesByOrder]) }
        return images
    }
}
