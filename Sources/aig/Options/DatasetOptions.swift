import Archives
import ArgumentParser
import ConvNetAIG
import ConvNetAIGTraining
import Datasets
import FileSystem
import Terminal

/// Which labelled images a network is measured on.
struct DatasetOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The pictures: a folder, or an archive (tar, also compressed, or zip).",
            discussion: "See 'aig help train' for what is in it.", valueName: "path"), completion: .file())
    var data: String

    @Option(help: .labels, completion: .file())
    var labels: String?

    @OptionGroup var reading: ReadingOptions
    @OptionGroup var preprocessing: PreprocessingOptions

    /// A dataset, and the warnings about those of its images that were read.
    struct LoadedDataset {
        let set: any Dataset
        fileprivate let reading: ImageReader

        /// Prints warnings about images that could be read.
        func tellWarnings() { ReadingOptions.tell(reading.warnings) }
    }

    /// The images to measure a network on, with the network's names for their classes. Prints what is left out.
    /// - Parameter limit: the number of images, evenly from all classes; nil for all.
    func measured(for weights: Weights, limit: Int?) throws -> LoadedDataset {
        let source = try source(for: weights)
        if try source.evaluatesTraining { Self.tell([.evaluatedOnTraining]) }
        return LoadedDataset(
            set: try Self.named(source.evaluation, by: weights).limited(to: limit), reading: source.reading)
    }

    /// The images that a network could have been trained with, likewise named.
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

    /// The dataset at a path. Shows progress while an archive is unpacked.
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

    /// Prints what is left out, and what was chosen, to standard error.
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

/// How image files are read.
struct ReadingOptions: ParsableArguments {
    @Flag(help: "Take pictures as they are stored, and not turned as their EXIF orientation says.")
    var ignoreOrientation = false

    @Flag(
        help: ArgumentHelp(
            "Take pictures whose file is damaged where it holds no pixels for unreadable.",
            discussion: "Usually they are read, with a warning."))
    var strict = false

    var reading: ImageReadingOptions {
        ImageReadingOptions(appliesOrientation: !ignoreOrientation, strictness: strict ? .strict : .tolerant)
    }

    private static let mostWarnings = 10

    /// Prints warnings about images that could be read.
    static func tell(_ warnings: [ImageWarning]) {
        for warning in warnings.prefix(mostWarnings) { Console.warn("\(warning)") }
        let more = warnings.count - mostWarnings
        if more > 0 { Console.warn("and so \(more.counted("picture")) more.") }
    }
}

/// An argument that names images: an image file, or a folder or an archive of images.
enum ImageArgument {
    private static let archiveEndings = [
        ".tar", ".zip", ".tgz", ".tar.gz", ".tar.bz2", ".tar.xz", ".tar.zst", ".txz", ".tbz2", ".tar.lz4",
    ]

    /// Whether the path is that of a folder, or has an archive's extension.
    static func isContainer(_ path: String) -> Bool {
        let name = path.lowercased()
        return FileStatus(path)?.isFolder == true || archiveEndings.contains { name.hasSuffix($0) }
    }

    /// The images in a folder or an archive; nil for anything else. Prints what is left out.
    /// - Throws: `DatasetError` if it cannot be listed.
    static func images(in path: String) throws -> ImageFiles? {
        guard isContainer(path) else { return nil }
        let images = try DatasetOptions.unpacking(path) { try ImageFiles(path: path, progress: $0) }
        DatasetOptions.tell(images.notes)
        guard !images.files.isEmpty else {
            throw CommandFailure("\(path) has no pictures; give JPEG, PNG or WebP files, or folders of these.")
        }
        return images
    }
}
