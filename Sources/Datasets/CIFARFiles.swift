import Archives
import FileSystem
import Foundation
import Pickle

/// The files of CIFAR-10 or CIFAR-100.
///
/// The binary version has `data_batch_1.bin` to `data_batch_5.bin` and `test_batch.bin`, whose records are a label and 3072
/// samples; for CIFAR-100, `train.bin` and `test.bin`, whose records begin with two labels, of which the second, the fine
/// one, is used. The files of the Python version have the same names without an extension, and are pickles of an array of
/// samples and a list of labels.
///
/// Source: Krizhevsky, "Learning Multiple Layers of Features from Tiny Images", 2009, and the description with the files.
struct CIFARFiles {
    typealias Kind = CIFARDataset.Kind

    enum Form: CaseIterable {
        case binary
        case python
    }

    /// The images of one file: 3072 samples each, at a regular stride.
    struct Records: Sendable {
        enum Samples: Sendable {
            case binary(FileContents)
            case python(NumPyArray)
        }

        /// The file's name.
        let name: String
        let labels: [UInt8]
        fileprivate let samples: Samples
        /// Bytes from one image to the next, and the offset of the first.
        fileprivate let stride: Int
        fileprivate let start: Int

        /// Calls `body` with the samples of an image of the file: planes of red, green and blue, rows from the top.
        func withSamples<Result>(of index: Int, _ body: (UnsafeRawBufferPointer) -> Result) -> Result {
            let range = start + index * stride..<start + index * stride + CIFARFiles.sampleCount
            switch samples {
            case .binary(let contents):
                return contents.withBytes { body(UnsafeRawBufferPointer(rebasing: $0[range])) }
            case .python(let array):
                return array.withUnsafeBytes { body(UnsafeRawBufferPointer(rebasing: $0[range])) }
            }
        }
    }

    static let sampleCount = 3 * 32 * 32

    let kind: Kind
    let form: Form
    private let tree: FileTree
    /// The folder in the tree; empty, or with a trailing slash.
    private let folder: String
    private let files: [String: FileTree.File]

    /// Maximum number of folders around the files.
    private static let maxDepth = 2

    /// - Returns: nil if the tree has none of the files.
    /// - Throws: ``DatasetError`` if it has both datasets.
    init?(in tree: FileTree) throws(DatasetError) {
        var names: [String: Set<String>] = [:]
        for file in tree.files {
            let parts = file.path.split(separator: "/")
            guard parts.count <= Self.maxDepth + 1, let name = parts.last else { continue }
            names[parts.dropLast().map { $0 + "/" }.joined(), default: []].insert(String(name))
        }
        var found: [(depth: Int, folder: String, kind: Kind, form: Form)] = []
        for (folder, names) in names.sorted(by: { $0.key < $1.key }) {
            for kind in Kind.allCases {
                // The same images in two forms are one dataset.
                guard let form = Form.allCases.first(where: { $0.isPresent(kind, names) }) else { continue }
                found.append((folder.count { $0 == "/" }, folder, kind, form))
            }
        }
        guard let depth = found.map(\.depth).min() else { return nil }
        let nearest = found.filter { $0.depth == depth }
        guard Set(nearest.map(\.kind)).count == 1,
            let first = nearest.first(where: { $0.form == .binary }) ?? nearest.first
        else {
            throw .severalDatasets(path: tree.path, folders: nearest.map { String($0.folder.dropLast()) })
        }
        self.tree = tree
        (folder, kind, form) = (first.folder, first.kind, first.form)
        let own = tree.files.filter { $0.path.hasPrefix(first.folder) }
        files = Dictionary(own.map { (String($0.path.dropFirst(first.folder.count)), $0) }) { first, _ in first }
    }

    /// Whether any file of a split exists.
    func has(_ split: DataSplit) -> Bool { form.names(kind, split).contains { files[$0] != nil } }

    /// The folder's path, for messages.
    var path: String {
        folder.isEmpty ? tree.path : (tree.path.hasSuffix("/") ? tree.path : tree.path + "/") + folder.dropLast()
    }

    // MARK: Reading

    /// - Throws: ``DatasetError`` if a file is missing, damaged, or has an invalid label.
    func records(_ split: DataSplit) throws(DatasetError) -> [Records] {
        let names = form.names(kind, split)
        let missing = names.filter { files[$0] == nil }
        guard missing.isEmpty else { throw .missingFiles(path: path, files: missing) }
        return try names.map { name throws(DatasetError) in
            let records = try form == .binary ? binary(name) : python(name)
            if let record = records.labels.firstIndex(where: { Int($0) >= kind.classCount }) {
                throw .labelOutOfRange(
                    path: path + "/" + name, record: record, label: Int(records.labels[record]),
                    classes: kind.classCount)
            }
            return records
        }
    }

    /// The names of the classes that come with the files, or else their numbers.
    ///
    /// - Throws: ``DatasetError`` if the number of names is wrong.
    func classNames() throws(DatasetError) -> [String] {
        let file = form.namesFile(kind)
        guard let contents = try contents(file) else { return (0..<kind.classCount).map(String.init) }
        let names: [String]
        switch form {
        case .binary:
            let text = contents.withBytes { String(decoding: $0, as: UTF8.self) }
            names = text.split(whereSeparator: \.isNewline).map { $0.trimmingCharacters(in: .whitespaces) }
                .filter { !$0.isEmpty }
        case .python:
            names = try pickle(file)[kind == .cifar10 ? "label_names" : "fine_label_names"]?.texts ?? []
        }
        guard names.count == kind.classCount, Set(names).count == names.count else {
            throw .wrongClassNames(
                path: path + "/" + file, found: Set(names).count, expected: kind.classCount)
        }
        return names
    }

    private func contents(_ name: String) throws(DatasetError) -> FileContents? {
        guard let file = files[name] else { return nil }
        do {
            return try tree.contents(of: file)
        } catch {
            throw .unreadable(path: path + "/" + name, reason: error.problem)
        }
    }

    private func binary(_ name: String) throws(DatasetError) -> Records {
        guard let contents = try contents(name) else { throw .missingFiles(path: path, files: [name]) }
        let labelCount = kind == .cifar10 ? 1 : 2
        let stride = labelCount + Self.sampleCount
        guard contents.count > 0, contents.count % stride == 0 else {
            throw .incompleteRecords(path: path + "/" + name, bytes: contents.count, recordSize: stride)
        }
        let labels = contents.withBytes { bytes in
            Swift.stride(from: labelCount - 1, to: bytes.count, by: stride).map { bytes[$0] }
        }
        return Records(name: name, labels: labels, samples: .binary(contents), stride: stride, start: labelCount)
    }

    private func python(_ name: String) throws(DatasetError) -> Records {
        let file = path + "/" + name
        let value = try pickle(name)
        let key = kind == .cifar10 ? "labels" : "fine_labels"
        guard let labels = value[key]?.integers, let data = value["data"] else {
            throw .unreadable(path: file, reason: "it has no \"data\" and \"\(key)\"; fetch it anew")
        }
        let array: NumPyArray
        do {
            array = try data.array()
        } catch {
            throw .unreadable(path: file, reason: "\(error)")
        }
        guard array.shape == [labels.count, Self.sampleCount], !labels.isEmpty, !array.isFortranOrder,
            array.type.kind == .unsigned, array.type.byteCount == 1
        else {
            throw .unreadable(
                path: file,
                reason:
                    "its data are \(array.shape) for \(labels.count) labels, not bytes of \(Self.sampleCount) for each"
            )
        }
        let bytes = labels.map { UInt8(clamping: $0 < 0 ? Int(UInt8.max) : $0) }
        return Records(name: name, labels: bytes, samples: .python(array), stride: Self.sampleCount, start: 0)
    }

    private func pickle(_ name: String) throws(DatasetError) -> PickleValue {
        guard let contents = try contents(name) else { throw .missingFiles(path: path, files: [name]) }
        do throws(PickleError) {
            // In place, so that its samples are not copied.
            let (value, end) = try Unpickler.read(
                contents.file, at: contents.range.lowerBound, name: path + "/" + name)
            guard end <= contents.range.upperBound else {
                throw .truncated(source: path + "/" + name, position: contents.count)
            }
            return value
        } catch {
            throw .unreadable(path: path + "/" + name, reason: "\(error)")
        }
    }
}

extension CIFARFiles.Form {
    fileprivate func names(_ kind: CIFARDataset.Kind, _ split: DataSplit) -> [String] {
        let stems =
            switch (kind, split) {
            case (.cifar10, .train): (1...5).map { "data_batch_\($0)" }
            case (.cifar10, .test): ["test_batch"]
            case (.cifar100, .train): ["train"]
            case (.cifar100, .test): ["test"]
            }
        return self == .binary ? stems.map { $0 + ".bin" } : stems
    }

    fileprivate func namesFile(_ kind: CIFARDataset.Kind) -> String {
        switch (self, kind) {
        case (.binary, .cifar10): "batches.meta.txt"
        case (.binary, .cifar100): "fine_label_names.txt"
        case (.python, .cifar10): "batches.meta"
        case (.python, .cifar100): "meta"
        }
    }

    /// Whether a folder has the dataset. One file is enough, so that errors name the missing ones. Files that are just called
    /// `train` or `test` could be anything, so two of them are needed.
    fileprivate func isPresent(_ kind: CIFARDataset.Kind, _ found: Set<String>) -> Bool {
        let own = DataSplit.allCases.flatMap { names(kind, $0) }
        guard self == .python, kind == .cifar100 else { return own.contains(where: found.contains) }
        return (own + [namesFile(kind)]).count(where: found.contains) >= 2
    }
}

extension CIFARDataset.Kind {
    var classCount: Int { self == .cifar10 ? 10 : 100 }
}
