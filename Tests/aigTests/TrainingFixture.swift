import ConvNetAIG
import ConvNetAIGTraining
import Foundation
import TestSupport
import Testing

/// Small images of three colours, and a network that learns to tell them apart in a few epochs.
struct TrainingFixture {
    /// What the images come as.
    enum Layout: CaseIterable {
        case folder, archive, cifar
    }

    static let classes = ["blue", "green", "red"]
    static let trainingCount = 60
    static let testCount = 24
    static let batch = 12
    /// OpenCL where there is a device.
    static let backend = Fixtures.backends[0]

    let folder: TemporaryFolder
    let data: String
    /// Three blocks, all of them gated.
    let architecture: String
    /// The same without gates.
    let plainArchitecture: String

    /// - Parameter hasTest: whether there are images to measure on, and else class folders at the top.
    init(_ layout: Layout = .folder, hasTest: Bool = true) throws {
        folder = try TemporaryFolder()
        architecture = try folder.file("gated.json", Array(Self.json(gateHidden: 4).utf8))
        plainArchitecture = try folder.file("plain.json", Array(Self.json(gateHidden: nil).utf8))
        switch layout {
        case .folder, .archive:
            let images = folder.file("pictures")
            for (split, first, count) in [("train", 0, Self.trainingCount), ("test", 1000, Self.testCount)] {
                guard split == "train" || hasTest else { continue }
                let top = hasTest ? "pictures/\(split)/" : "pictures/"
                for index in 0..<count {
                    let label = index % Self.classes.count
                    try Self.makeFolder(folder.file(top + Self.classes[label]))
                    let pixels = Self.pixels(side: 10, label: label, seed: first + index)
                    _ = try folder.file(
                        "\(top)\(Self.classes[label])/\(first + index).png",
                        PNGFile.bytes(width: 10, height: 10, pixels: pixels))
                }
            }
            guard layout == .archive else {
                data = images
                return
            }
            data = folder.file("pictures.tar")
            let tar = Process()
            tar.executableURL = URL(fileURLWithPath: "/usr/bin/env")
            tar.arguments = ["tar", "-C", images, "-cf", data, "."]
            try tar.run()
            tar.waitUntilExit()
            #expect(tar.terminationStatus == 0)
        case .cifar:
            data = folder.file("cifar")
            try Self.makeFolder(data)
            for file in 0..<6 {
                let count = file < 5 ? Self.trainingCount / 5 : Self.testCount
                let records = (0..<count).flatMap { index in
                    let label = index % Self.classes.count
                    let pixels = Self.pixels(side: 32, label: label, seed: 1000 * file + index)
                    let planes = (0..<3).flatMap { channel in
                        stride(from: channel, to: pixels.count, by: 3).map { pixels[$0] }
                    }
                    return [UInt8(label)] + planes
                }
                _ = try folder.file("cifar/" + (file < 5 ? "data_batch_\(file + 1).bin" : "test_batch.bin"), records)
            }
            // CIFAR-10 has ten classes, whatever there are images of.
            let names = Self.classes + (4...10).map { "unused \($0)" }
            _ = try folder.file("cifar/batches.meta.txt", Array(names.joined(separator: "\n").utf8))
        }
    }

    /// A file or folder beside the images.
    func path(_ name: String) -> String { folder.file(name) }

    /// Options of a run into a folder.
    func options(
        _ output: String, epochs: Int = 6, _ others: [String] = [], backend: String = backend
    ) -> [String] {
        [
            "train", "--architecture", architecture, "--data", data, "--output", path(output), "--epochs", "\(epochs)",
            "--batch", "\(Self.batch)", "--learning-rate", "0.1", "--seed", "5", "--backend", backend,
        ] + others
    }

    /// Continues a run.
    func resuming(_ output: String) -> [String] {
        ["train", "--resume", "--output", path(output), "--backend", Self.backend]
    }

    func metrics(_ output: String) throws -> [EpochMetrics] {
        try MetricsFile(path: path("\(output)/\(RunFolder.metricsName)")).read()
    }

    func checkpoint(_ output: String) throws -> Checkpoint {
        try Checkpoint(path: path("\(output)/\(RunFolder.checkpointName)"))
    }

    func bytes(_ name: String) throws -> Data { try Data(contentsOf: URL(fileURLWithPath: path(name))) }

    func exists(_ name: String) -> Bool { FileManager.default.fileExists(atPath: path(name)) }

    static func makeFolder(_ path: String) throws {
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    private static func json(gateHidden: Int?) -> String {
        """
        {
            "name": "small", "input": {"channels": 3, "height": 8, "width": 8}, "blockKind": "basic", "classes": 3,
            "stem": {"channels": 8, "kernel": 3, "stride": 1, "padding": 1, "maxPooling": false},
            "stages": [{"blocks": 1, "stride": 1, "width": 8}, {"blocks": 2, "stride": 2, "width": 16}]
            \(gateHidden.map { ", \"gateHidden\": \($0)" } ?? "")
        }
        """
    }

    /// Noise, with somewhat more of the class's colour.
    private static func pixels(side: Int, label: Int, seed: Int) -> [UInt8] {
        var state = UInt64(truncatingIfNeeded: seed) &* 0x9E37_79B9_7F4A_7C15 &+ 1
        return (0..<3 * side * side).map { sample in
            state ^= state << 13
            state ^= state >> 7
            state ^= state << 17
            let noise = UInt8(truncatingIfNeeded: state >> 32) / 2
            return sample % 3 == 2 - label ? noise + 64 : noise
        }
    }
}
