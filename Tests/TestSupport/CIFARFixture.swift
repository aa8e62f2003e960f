import Foundation

/// The binary files of CIFAR-10 and CIFAR-100, with made-up images.
package enum CIFARFixture {
    package static let names10 = [
        "airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck",
    ]

    /// The samples of a record as they are in the file: planes of red, green and blue.
    package static func samples(_ seed: Int) -> [UInt8] { SyntheticImages.noise(3072, seed: seed) }

    /// CIFAR-10 with `counts` records in its five files and the test file. Record r of file f has label (f + r) % 10 and
    /// samples of seed 100 f + r.
    package static func write10(_ folder: TemporaryFolder, _ prefix: String = "", counts: [Int] = [3, 1, 2, 1, 1, 4])
        throws
    {
        if !prefix.isEmpty {
            try FileManager.default.createDirectory(atPath: folder.file(prefix), withIntermediateDirectories: true)
        }
        for (file, count) in counts.enumerated() {
            let name = file < 5 ? "data_batch_\(file + 1).bin" : "test_batch.bin"
            let records = (0..<count).flatMap { [UInt8((file + $0) % 10)] + samples(100 * file + $0) }
            _ = try folder.file(prefix + name, records)
        }
        _ = try folder.file(prefix + "batches.meta.txt", Array((names10.joined(separator: "\n") + "\n\n").utf8))
    }

    package static func write100(_ folder: TemporaryFolder, _ prefix: String = "") throws {
        if !prefix.isEmpty {
            try FileManager.default.createDirectory(atPath: folder.file(prefix), withIntermediateDirectories: true)
        }
        _ = try folder.file(prefix + "train.bin", [3, 99] + samples(0) + [19, 0] + samples(1))
        _ = try folder.file(prefix + "test.bin", [7, 42] + samples(2))
    }
}
