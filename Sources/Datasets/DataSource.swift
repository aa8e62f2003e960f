import Archives
import Foundation
import Images

/// The dataset at a path, whatever it is: CIFAR's files, or images in class folders, in a folder or an archive; or images
/// anywhere in it, with a file of labels.
///
/// Images are expected as `train/CLASS/…` and `test/CLASS/…`; instead of `test` the folder may be called `val`, `valid`,
/// `validation`, `eval` or `dev`, and `training_set` and `test_set` are such folders too. Class folders at the top are a
/// training set only. A single folder around everything is passed through. Only the part that is asked for has to be there.
public struct DataSource: Sendable {
    public let path: String
    /// What is left out, and what was chosen, once per kind.
    public let notes: [DatasetNote]
    /// How images' files are read, and what was wrong with those that could be, so far.
    public let reading: ImageReading
    /// Whether the training images are called so, and not just all that there are.
    private let isTrainingOnly: Bool
    private let training: Result<any Dataset, any Error>
    private let testing: Result<(any Dataset)?, any Error>

    /// - Parameters:
    ///   - path: a folder, or an archive (tar, also compressed, or zip).
    ///   - labels: a table of names and classes, as CSV or TSV, for images that are in no class folders. All images that
    ///     it names are then training images.
    ///   - known: names of classes, where they are known: folders that are called so are classes.
    ///   - options: how images' files are read.
    ///   - progress: called while a compressed archive is unpacked.
    /// - Throws: ``DatasetError`` if there is no dataset at the path.
    public init(
        path: String, labels: String? = nil, known: [String] = [], options: ImageReadingOptions = .init(),
        progress: (UnpackingProgress) -> Void = { _ in }
    ) throws {
        self.path = path
        let reading = ImageReading(options)
        self.reading = reading
        let tree = try FileTree(dataset: path, progress: progress)
        if labels == nil, let files = try CIFARFiles(in: tree) {
            training = Result { try CIFARDataset(files, split: .train) }
            testing = Result { files.has(.test) ? try CIFARDataset(files, split: .test) : nil }
            notes = []
            isTrainingOnly = true
            return
        }
        let layout = DatasetLayout(ImageFiles(tree), known: Set(known))
        if let labels {
            var notes = layout.notes.filter { $0.kind.isOfFiles }
            training = .success(try Self.labelled(layout, LabelFile(path: labels), reading, &notes))
            testing = .success(nil)
            isTrainingOnly = false
            self.notes = DatasetNote.merged(notes)
            return
        }
        guard !layout.splits.isEmpty else { throw Self.nothing(in: layout) }
        var notes = layout.notes
        let trainings = layout.splits(called: DatasetLayout.trainingNames)
        let tests = layout.splits(called: DatasetLayout.testNames)
        let train = trainings.first ?? layout.splits.first { $0.name.isEmpty }
        isTrainingOnly = train.map { !$0.name.isEmpty } ?? false
        let set = try train.map { try ImageDataset($0, of: layout, reading: reading) }
        training = Result {
            guard let set else { throw DatasetError.noImages(path: path, split: DataSplit.train.rawValue) }
            return set
        }
        let names = Set(known).union(set?.classes ?? [])
        // Folders such as ImageNet's test/images are no classes, where those of another split are.
        let test =
            tests.first { split in split.images.contains { names.contains($0.className) } } ?? tests.first
        testing = Result {
            try test.map { try ImageDataset($0, of: layout, classes: set?.classes ?? [], reading: reading) }
        }
        for (found, used) in [(trainings, train), (tests, test)] {
            guard let used else { continue }
            for other in found where other.name != used.name {
                notes.append(DatasetNote(.otherSplit(name: other.name, used: used.name), count: other.images.count))
            }
        }
        self.notes = DatasetNote.merged(notes)
    }

    private static let archiveEndings: Set<String> = [
        "gz", "tgz", "bz2", "tbz2", "xz", "txz", "zst", "lz4", "zip", "7z", "rar",
    ]

    /// Why there is no dataset.
    private static func nothing(in layout: DatasetLayout) -> DatasetError {
        let path = layout.tree.path
        guard layout.images.isEmpty else { return .imagesInNoClass(path: path, count: layout.images.count) }
        guard let archive = layout.tree.files.first(where: { archiveEndings.contains($0.ending) }) else {
            return .noImages(path: path, split: "")
        }
        return .archivesOnly(path: path, example: archive.path)
    }

    private static func labelled(
        _ layout: DatasetLayout, _ labels: LabelFile, _ reading: ImageReading, _ notes: inout [DatasetNote]
    ) throws -> ImageDataset {
        let found = try labels.labels(of: layout.images.map(\.path), in: layout.tree.path)
        var images: [(file: Archives.FileTree.File, label: String)] = []
        for (index, file) in layout.images.enumerated() {
            if let label = found.labels[index] {
                images.append((file, label))
            } else {
                let isContradicted = found.contradicted.contains(index)
                notes.append(DatasetNote(isContradicted ? .contradicted : .unlabelled, example: file.path))
            }
        }
        guard !images.isEmpty else {
            throw DatasetError.noLabelledImage(path: layout.tree.path, labels: labels.path)
        }
        if let first = found.missing.first {
            notes.append(DatasetNote(.missing(labels: labels.path), example: first, count: found.missing.count))
        }
        return try ImageDataset(images, in: layout.tree, split: "", reading: reading)
    }

    /// What a network learns from.
    public var train: any Dataset { get throws { try training.get() } }

    /// What it is measured on: images of the classes of ``train``, and then of those that it alone has; nil if the dataset
    /// has no such part (see `holdOut(fraction:seed:)`).
    public var test: (any Dataset)? { get throws { try testing.get() } }

    /// What networks are measured on: the test images, or else all that there are.
    public var measured: any Dataset { get throws { try test ?? train } }

    /// Whether ``measured`` are images of a folder of training images, because there are no others.
    public var measuresTraining: Bool { get throws { try isTrainingOnly && test == nil } }

    /// Test images of classes that there are no training images of: nothing is learnt about them.
    /// - Returns: a note for each of these classes.
    package func untrainedClasses() throws -> [DatasetNote] {
        guard let test = try test else { return [] }
        let trained = try train.classes.count
        let notes = (0..<test.count).lazy.filter { test.label($0) >= trained }.map { index in
            DatasetNote(.notTrained(className: test.classes[test.label(index)]), example: test.name(index))
        }
        return DatasetNote.merged(Array(notes))
    }

    /// Names of the training images' classes; a label is an index into these.
    public var classes: [String] { get throws { try train.classes } }
}
