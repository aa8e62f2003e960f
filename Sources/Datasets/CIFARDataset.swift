import Archives
import Images

/// CIFAR-10 or CIFAR-100 as published, in the binary or the Python version: 32 x 32 images in memory-mapped files.
public struct CIFARDataset: Dataset {
    /// One of the two datasets.
    public enum Kind: String, Sendable, Hashable, CaseIterable {
        /// 10 classes.
        case cifar10 = "CIFAR-10"
        /// 100 classes, the fine labels.
        case cifar100 = "CIFAR-100"
    }

    /// The folder of the files.
    public let path: String
    /// Which dataset it is.
    public let kind: Kind
    /// The names that come with the files, or else the numbers of the classes.
    public let classes: [String]
    private let files: [CIFARFiles.Records]
    /// The index of each file's first image in the dataset.
    private let firsts: [Int]
    /// Number of images.
    public let count: Int

    private static let side = 32

    /// Opens a split.
    ///
    /// - Parameters:
    ///   - path: A folder or an archive with the files, at its top or in a folder such as `cifar-10-batches-bin`.
    ///   - split: The split. The files of the other one may be missing.
    /// - Throws: ``DatasetError`` if a file is missing, cut short, or has an invalid label.
    public init(path: String, split: DataSplit) throws(DatasetError) {
        guard let files = try CIFARFiles(in: FileTree(dataset: path)) else {
            throw .missingFiles(
                path: path, files: split == .train ? (1...5).map { "data_batch_\($0).bin" } : ["test_batch.bin"])
        }
        try self.init(files, split: split)
    }

    init(_ files: CIFARFiles, split: DataSplit) throws(DatasetError) {
        kind = files.kind
        path = files.path
        self.files = try files.records(split)
        classes = try files.classNames()
        var firsts: [Int] = []
        var count = 0
        for records in self.files {
            firsts.append(count)
            count += records.labels.count
        }
        self.firsts = firsts
        self.count = count
    }

    /// The label of the image at an index in `0..<count`.
    public func label(_ index: Int) -> Int {
        let (records, record) = place(of: index)
        return Int(records.labels[record])
    }

    /// The file and the record of the image at an index, as in `data_batch_1.bin:17`.
    public func name(_ index: Int) -> String {
        let (records, record) = place(of: index)
        return "\(records.name):\(record)"
    }

    /// The image at an index, 32 x 32 pixels.
    public func image(_ index: Int) throws -> Image {
        let (records, record) = place(of: index)
        let planeCount = Self.side * Self.side
        let pixels = records.withSamples(of: record) { samples in
            [UInt8](unsafeUninitializedCapacity: 3 * planeCount) { buffer, initializedCount in
                for pixel in 0..<planeCount {
                    for channel in 0..<3 { buffer[3 * pixel + channel] = samples[channel * planeCount + pixel] }
                }
                initializedCount = 3 * planeCount
            }
        }
        return try Image(width: Self.side, height: Self.side, pixels: pixels)
    }

    private func place(of index: Int) -> (CIFARFiles.Records, Int) {
        let file = (firsts.firstIndex { $0 > index } ?? files.count) - 1
        return (files[file], index - firsts[file])
    }
}
