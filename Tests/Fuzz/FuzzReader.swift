import Archives
import ConvNetAIG
import Datasets
import Foundation
import Images
import Pickle

/// Gives inputs to the readers of a kind. An error is what they may answer with, as well as a value.
struct FuzzReader {
    private let kind: FuzzKind
    /// For readers that take files.
    private let folder: String

    private static let mostTensors = 64

    init(_ kind: FuzzKind, folder: String) throws {
        self.kind = kind
        self.folder = folder
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        if kind == .labels {
            for name in ["a.png", "b.png", "c/d.png"] {
                let path = folder + "/set/" + name
                try FileManager.default.createDirectory(
                    atPath: (path as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
                try Data([0]).write(to: URL(fileURLWithPath: path))
            }
        }
    }

    /// - Returns: whether it was read.
    func read(_ bytes: [UInt8]) -> Bool {
        do {
            try readOrThrow(bytes)
            return true
        } catch {
            // What it says is for people: it has to be sayable.
            return "\(error)".isEmpty
        }
    }

    private func readOrThrow(_ bytes: [UInt8]) throws {
        switch kind {
        case .png, .jpeg, .webp:
            _ = bytes.withUnsafeBytes { Image.format(of: $0) }
            let strict = ImageReadingOptions(appliesOrientation: false, strictness: .strict)
            _ = try? Image.read(decoding: bytes, name: "input", options: strict)
            _ = try Image.read(decoding: bytes, name: "input")
        case .safetensors:
            let file = try SafetensorsFile(contents: bytes, name: "input")
            for name in file.names.prefix(Self.mostTensors) { _ = try? file.floats(name) }
            _ = try? Weights(file: file)
        case .torch:
            let file = try TensorFiles.open(path: write(bytes, "input.pth"))
            for name in file.names.prefix(Self.mostTensors) { _ = try? file.floats(name) }
            _ = try? Weights(file: file)
        case .pickle:
            let value = try Unpickler.read(bytes, name: "input")
            _ = value["labels"]?.integers
            _ = try value["data"]?.array().integers
        case .tar, .zip:
            let tree = try FileTree(write(bytes, "input." + kind.rawValue), cache: nil)
            for file in tree.files.prefix(16) { _ = try tree.contents(of: file).withBytes { $0.reduce(0, ^) } }
        case .architecture:
            let architecture = try Architecture(json: String(decoding: bytes, as: UTF8.self))
            _ = architecture.cost.macs
            _ = Weights.layout(of: architecture).count
        case .cifar:
            let source = try DataSource(
                path: (write(bytes, "set/test_batch.bin") as NSString).deletingLastPathComponent)
            guard let test = try source.test else { return }
            for index in 0..<min(test.count, 4) { _ = try test.image(index) }
        case .labels:
            let source = try DataSource(path: folder + "/set", labels: write(bytes, "labels.csv"))
            _ = try source.train.classes
        }
    }

    private func write(_ bytes: [UInt8], _ name: String) throws -> String {
        let path = folder + "/" + name
        try FileManager.default.createDirectory(
            atPath: (path as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
        try Data(bytes).write(to: URL(fileURLWithPath: path))
        return path
    }
}
