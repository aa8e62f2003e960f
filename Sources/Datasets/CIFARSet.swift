import Archives
import Foundation
import Images

/// CIFAR-10 or CIFAR-100 in the binary form in which they are published: 32 x 32 pictures, memory-mapped.
///
/// CIFAR-10 has `data_batch_1.bin` to `data_batch_5.bin` and `test_batch.bin`, of records of a label and 3072 samples.
/// CIFAR-100 has `train.bin` and `test.bin`, whose records begin with two labels, of which the second, the fine one, is
/// used. The samples are 1024 of red, 1024 of green and 1024 of blue, rows from the top.
///
/// Source: Krizhevsky, "Learning Multiple Layers of Features from Tiny Images", 2009, and the description beside the files.
public struct CIFARSet: LabelledPictures {
    /// Which of the two sets.
    public enum Kind: String, Sendable, Hashable, CaseIterable {
        case cifar10 = "CIFAR-10"
        case cifar100 = "CIFAR-100"
    }

    /// Where the files are.
    struct Location {
        fileprivate let tree: FileTree
        /// The folder of the files, in the tree; empty, or ended by a slash.
        fileprivate let folder: String
        fileprivate let kind: Kind
        fileprivate let files: [String: FileTree.File]

        /// - Returns: nil if the tree holds none of the files, at its top or in one or two folders.
        /// - Throws: ``DataSetError`` if it holds both sets.
        init?(in tree: FileTree) throws(DataSetError) {
            var found: [(depth: Int, folder: String, kind: Kind)] = []
            for file in tree.files {
                let parts = file.path.split(separator: "/")
                guard parts.count <= 3, let name = parts.last else { continue }
                for kind in Kind.allCases where kind.isOwn(String(name)) {
                    let folder = parts.dropLast().map { $0 + "/" }.joined()
                    if !found.contains(where: { $0.folder == folder && $0.kind == kind }) {
                        found.append((parts.count, folder, kind))
                    }
                }
            }
            guard let depth = found.map(\.depth).min() else { return nil }
            let nearest = found.filter { $0.depth == depth }
            guard Set(nearest.map(\.kind)).count == 1, let first = nearest.first else {
                throw .severalSets(path: tree.path, folders: nearest.map { String($0.folder.dropLast()) })
            }
            self.tree = tree
            folder = first.folder
            kind = first.kind
            var files: [String: FileTree.File] = [:]
            for file in tree.files where file.path.hasPrefix(first.folder) {
                files[String(file.path.dropFirst(first.folder.count))] = file
            }
            self.files = files
        }

        /// Whether any file of a split is there.
        func has(_ split: DataSplit) -> Bool { kind.files(split).contains { files[$0] != nil } }

        /// What messages call the folder.
        fileprivate var path: String {
            folder.isEmpty ? tree.path : (tree.path.hasSuffix("/") ? tree.path : tree.path + "/") + folder.dropLast()
        }
    }

    /// A file's contents: whole records.
    private struct Records: Sendable {
        let name: String
        /// The index of its first picture in the set.
        let first: Int
        let contents: FileContents
    }

    /// The folder that holds the files.
    public let path: String
    public let kind: Kind
    /// The names in `batches.meta.txt` or `fine_label_names.txt`; without that file the numbers of the classes.
    public let classes: [String]
    private let files: [Records]
    private let labels: [UInt8]

    private static let side = 32

    /// - Parameters:
    ///   - path: the folder or the archive with the files, at its top or in a folder such as `cifar-10-batches-bin`.
    ///   - split: which of the files. Those of the other need not be there.
    /// - Throws: ``DataSetError`` if a file is missing, cut short, or has a label that is no class.
    public init(path: String, split: DataSplit) throws {
        guard let location = try Location(in: FileTree(dataset: path)) else {
            throw DataSetError.missingFiles(path: path, files: Kind.cifar10.files(split))
        }
        try self.init(location, split: split)
    }

    init(_ location: Location, split: DataSplit) throws {
        kind = location.kind
        path = location.path
        let names = kind.files(split)
        let missing = names.filter { location.files[$0] == nil }
        guard missing.isEmpty else { throw DataSetError.missingFiles(path: path, files: missing) }
        classes = try Self.classNames(location)
        var files: [Records] = []
        var labels: [UInt8] = []
        for name in names {
            let contents = try Self.records(name, location)
            files.append(Records(name: name, first: labels.count, contents: contents))
            let kind = kind
            let fileLabels = contents.withBytes { bytes in
                stride(from: kind.labelCount - 1, to: bytes.count, by: kind.recordSize).map { bytes[$0] }
            }
            if let record = fileLabels.firstIndex(where: { Int($0) >= kind.classCount }) {
                throw DataSetError.labelOutOfRange(
                    path: path + "/" + name, record: record, label: Int(fileLabels[record]), classes: kind.classCount)
            }
            labels += fileLabels
        }
        self.files = files
        self.labels = labels
    }

    public var count: Int { labels.count }

    public func label(_ index: Int) -> Int { Int(labels[index]) }

    /// The file and the number of the record in it, as `data_batch_1.bin:17`.
    public func name(_ index: Int) -> String {
        let file = file(of: index)
        return "\(file.name):\(index - file.first)"
    }

    public func image(_ index: Int) throws -> Image {
        let file = file(of: index)
        let planeCount = Self.side * Self.side
        let start = (index - file.first) * kind.recordSize + kind.labelCount
        let pixels = file.contents.withBytes { bytes in
            [UInt8](unsafeUninitializedCapacity: 3 * planeCount) { buffer, initializedCount in
                for pixel in 0..<planeCount {
                    for channel in 0..<3 {
                        buffer[3 * pixel + channel] = bytes[start + channel * planeCount + pixel]
                    }
                }
                initializedCount = 3 * planeCount
            }
        }
        return try Image(width: Self.side, height: Self.side, pixels: pixels)
    }

    private func file(of index: Int) -> Records {
        files[(files.firstIndex { $0.first > index } ?? files.count) - 1]
    }

    private static func records(_ name: String, _ location: Location) throws -> FileContents {
        let path = location.path + "/" + name
        guard let file = location.files[name] else {
            throw DataSetError.missingFiles(path: location.path, files: [name])
        }
        let contents = try location.tree.contents(of: file)
        guard contents.count > 0, contents.count % location.kind.recordSize == 0 else {
            throw DataSetError.incompleteRecords(
                path: path, bytes: contents.count, recordSize: location.kind.recordSize)
        }
        return contents
    }

    private static func classNames(_ location: Location) throws -> [String] {
        let kind = location.kind
        guard let file = location.files[kind.namesFile] else { return (0..<kind.classCount).map(String.init) }
        let text = try location.tree.contents(of: file).withBytes { String(decoding: $0, as: UTF8.self) }
        let names = text.split(whereSeparator: \.isNewline).map { $0.trimmingCharacters(in: .whitespaces) }
            .filter { !$0.isEmpty }
        guard names.count == kind.classCount, Set(names).count == names.count else {
            throw DataSetError.wrongClassNames(
                path: location.path + "/" + kind.namesFile, found: Set(names).count, expected: kind.classCount)
        }
        return names
    }
}

extension CIFARSet.Kind {
    /// Whether a file of that name is one of the set, which one is enough to tell: that others are missing is then said,
    /// instead of that there are no pictures.
    fileprivate func isOwn(_ name: String) -> Bool {
        DataSplit.allCases.contains { files($0).contains(name) }
    }

    fileprivate var namesFile: String {
        switch self {
        case .cifar10: "batches.meta.txt"
        case .cifar100: "fine_label_names.txt"
        }
    }

    fileprivate func files(_ split: DataSplit) -> [String] {
        switch (self, split) {
        case (.cifar10, .train): (1...5).map { "data_batch_\($0).bin" }
        case (.cifar10, .test): ["test_batch.bin"]
        case (.cifar100, .train): ["train.bin"]
        case (.cifar100, .test): ["test.bin"]
        }
    }

    fileprivate var classCount: Int { self == .cifar10 ? 10 : 100 }

    /// Bytes before a record's samples; the last one is the label.
    fileprivate var labelCount: Int { self == .cifar10 ? 1 : 2 }

    fileprivate var recordSize: Int { labelCount + 3072 }
}
