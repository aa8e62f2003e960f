import Archives
// Progress of unpacking an archive is part of this library's interface.
@_exported import struct Archives.UnpackingProgress
import Foundation
import Images

/// The training and test datasets at a path, a folder or an archive: CIFAR's files, or images in class folders, or images
/// anywhere with a table of labels.
///
/// Images are expected in `train/CLASS/…` and `test/CLASS/…`; the test folder may also be called `val`, `valid`,
/// `validation`, `eval` or `dev`, and `training_set` and `test_set` are such folders too. Class folders at the top are
/// training images. A single folder around everything is ignored. Only the splits that are used have to exist.
public struct DataSource: Sendable {
    /// The path, as given.
    public let path: String
    /// Notes about files that are left out and choices that were made, one for each kind.
    public let notes: [DatasetNote]
    /// The reader of the images, which collects warnings.
    public let reading: ImageReader
    /// Whether the training images are in a training folder, and not just all images.
    private let isTrainingOnly: Bool
    private let training: Result<any Dataset, DatasetError>
    private let testing: Result<(any Dataset)?, DatasetError>

    /// Finds the datasets at a path.
    ///
    /// - Parameters:
    ///   - path: A folder or an archive (tar, possibly compressed, or zip).
    ///   - labels: A table of names and classes, as CSV or TSV, for images without class folders. All images that it names
    ///     are training images.
    ///   - known: Names of classes, if known: folders of these names are classes.
    ///   - options: How images are read.
    ///   - progress: Called while a compressed archive is unpacked.
    /// - Throws: ``DatasetError`` if there is no dataset at the path.
    public init(
        path: String, labels: String? = nil, known: [String] = [], options: ImageReadingOptions = .init(),
        progress: (UnpackingProgress) -> Void = { _ in }
    ) throws(DatasetError) {
        self.path = path
        let reading = ImageReader(options)
        self.reading = reading
        let tree = try FileTree(dataset: path, progress: progress)
        if labels == nil, let files = try CIFARFiles(in: tree) {
            training = Result { () throws(DatasetError) in try CIFARDataset(files, split: .train) }
            testing = Result { () throws(DatasetError) in
                files.has(.test) ? try CIFARDataset(files, split: .test) : nil
            }
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
        let set = try train.map { split throws(DatasetError) in
            try ImageDataset(split, of: layout, reading: reading)
        }
        training = Result { () throws(DatasetError) in
            guard let set else { throw DatasetError.noImages(path: path, split: DataSplit.train.rawValue) }
            return set
        }
        let names = Set(known).union(set?.classes ?? [])
        // Prefers a split with known classes: folders such as ImageNet's test/images are not classes.
        let test =
            tests.first { split in split.images.contains { names.contains($0.className) } } ?? tests.first
        testing = Result { () throws(DatasetError) in
            guard let test else { return nil }
            return try ImageDataset(test, of: layout, classes: set?.classes ?? [], reading: reading)
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

    /// The reason why there is no dataset.
    private static func nothing(in layout: DatasetLayout) -> DatasetError {
        let path = layout.tree.path
        guard layout.images.isEmpty else { return .imagesInNoClass(path: path, count: layout.images.count) }
        guard let archive = layout.tree.files.first(where: { archiveEndings.contains($0.ending) }) else {
            return .noImages(path: path, split: "")
        }
        return .archivesOnly(path: path, example: archive.path)
    }

    private static func labelled(
        _ layout: DatasetLayout, _ labels: LabelFile, _ reading: ImageReader, _ notes: inout [DatasetNote]
    ) throws(DatasetError) -> ImageDataset {
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
            throw .noLabelledImage(path: layout.tree.path, labels: labels.path)
        }
        if let first = found.missing.first {
            notes.append(DatasetNote(.missing(labels: labels.path), example: first, count: found.missing.count))
        }
        return try ImageDataset(images, in: layout.tree, split: "", reading: reading)
    }

    /// The training images.
    public var train: any Dataset { get throws(DatasetError) { try training.get() } }

    /// The test images, whose classes are those of ``train`` and then others; nil if there are none (see
    /// `holdOut(fraction:seed:)`).
    public var test: (any Dataset)? { get throws(DatasetError) { try testing.get() } }

    /// The images for evaluating networks: the test images, or else all images.
    public var evaluation: any Dataset {
        get throws(DatasetError) {
            if let test = try test { return test }
            return try train
        }
    }

    /// Whether ``evaluation`` is a folder of training images, because there are no others.
    public var evaluatesTraining: Bool {
        get throws(DatasetError) { isTrainingOnly ? try test == nil : false }
    }

    /// A note for each class that has test images but no training images.
    package func untrainedClasses() throws(DatasetError) -> [DatasetNote] {
        guard let test = try test else { return [] }
        let trained = try train.classes.count
        let notes = (0..<test.count).lazy.filter { test.label($0) >= trained }.map { index in
            DatasetNote(.notTrained(className: test.classes[test.label(index)]), example: test.name(index))
        }
        return DatasetNote.merged(Array(notes))
    }

    /// The names of the training images' classes; labels are indices into them.
    public var classes: [String] { get throws(DatasetError) { try train.classes } }
}
