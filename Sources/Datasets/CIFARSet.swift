import Images
import Foundation

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

    /// A file's contents: whole records.
    private struct Records: Sendable {
        let name: String
        /// The index of its first picture in the set.
        let first: Int
        let data: Data
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
    ///   - path: the folder with the files, or the one that holds `cifar-10-batches-bin` or `cifar-100-binary`.
    ///   - split: which of the files.
    /// - Throws: ``DataSetError`` if a file is missing, cut short, or has a label that is no class.
    public init(path: String, split: DataSplit) throws {
        guard let (folder, kind) = try Self.find(path) else {
            throw DataSetError.missingFiles(path: path, files: Kind.cifar10.files(split))
        }
        let names = kind.files(split)
        let missing = names.filter { !FileManager.default.fileExists(atPath: folder + "/" + $0) }
        guard missing.isEmpty else { throw DataSetError.missingFiles(path: folder, files: missing) }
        self.path = folder
        self.kind = kind
        classes = try Self.classNames(kind, in: folder)
        var files: [Records] = []
        var labels: [UInt8] = []
        for name in names {
            let data = try Self.records(folder + "/" + name, kind)
            files.append(Records(name: name, first: labels.count, data: data))
            let fileLabels = data.withUnsafeBytes { (bytes: UnsafeRawBufferPointer) in
                stride(from: kind.labelCount - 1, to: bytes.count, by: kind.recordSize).map { bytes[$0] }
            }
            if let record = fileLabels.firstIndex(where: { Int($0) >= kind.classCount }) {
                throw DataSetError.labelOutOfRange(
                    path: folder + "/" + name, record: record, label: Int(fileLabels[record]),
                    classes: kind.classCount)
            }
            labels += fileLabels
        }
        self.files = files
        self.labels = labels
    }

    /// Whether a folder holds one of the sets, or the folder of one.
    /// - Throws: ``DataSetError`` if it holds both.
    public static func isSet(_ path: String) throws -> Bool { try find(path) != nil }

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
        let pixels = file.data.withUnsafeBytes { (bytes: UnsafeRawBufferPointer) in
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

    /// The folder with the files: the one given, or its folder of the usual name.
    private static func find(_ path: String) throws -> (folder: String, kind: Kind)? {
        for kind in Kind.allCases where isPresent(kind, in: path) { return (path, kind) }
        let found = Kind.allCases.map { (path + "/" + $0.folder, $0) }.filter { isPresent($1, in: $0) }
        guard found.count <= 1 else {
            throw DataSetError.severalSets(path: path, folders: Kind.allCases.map(\.folder))
        }
        return found.first
    }

    /// One file is enough: that others are missing is then told, instead of that there are no pictures.
    private static func isPresent(_ kind: Kind, in folder: String) -> Bool {
        DataSplit.allCases.flatMap(kind.files).contains {
            FileManager.default.fileExists(atPath: folder + "/" + $0)
        }
    }

    private static func records(_ path: String, _ kind: Kind) throws -> Data {
        let data: Data
        do {
            data = try Data(contentsOf: URL(fileURLWithPath: path), options: .alwaysMapped)
        } catch {
            throw DataSetError.unreadable(path: path, reason: error.localizedDescription)
        }
        guard !data.isEmpty, data.count % kind.recordSize == 0 else {
            throw DataSetError.incompleteRecords(path: path, bytes: data.count, recordSize: kind.recordSize)
        }
        return data
    }

    private static func classNames(_ kind: Kind, in folder: String) throws -> [String] {
        let path = folder + "/" + kind.namesFile
        guard FileManager.default.fileExists(atPath: path) else { return (0..<kind.classCount).map(String.init) }
        let text: String
        do {
            text = try String(contentsOfFile: path, encoding: .utf8)
        } catch {
            throw DataSetError.unreadable(path: path, reason: error.localizedDescription)
        }
        let names = text.split(whereSeparator: \.isNewline).map { $0.trimmingCharacters(in: .whitespaces) }
            .filter { !$0.isEmpty }
        guard names.count == kind.classCount, Set(names).count == names.count else {
            throw DataSetError.wrongClassNames(path: path, found: Set(names).count, expected: kind.classCount)
        }
        return names
    }
}

extension CIFARSet.Kind {
    /// The name under which the archive of the files unpacks.
    fileprivate var folder: String {
        switch self {
        case .cifar10: "cifar-10-batches-bin"
        case .cifar100: "cifar-100-binary"
        }
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
