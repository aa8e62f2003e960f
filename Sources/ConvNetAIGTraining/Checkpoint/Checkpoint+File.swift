import ConvNetAIG
import FileSystem
import Foundation

extension Checkpoint {
    static let version = "1"
    private static let formatKey = "checkpoint_version"
    private static let descriptionKey = "checkpoint"
    private static let checksumKey = "checkpoint_checksum"

    /// What is no tensor.
    private struct Description: Codable {
        let configuration: TrainingConfiguration
        let architecture: Architecture
        let data: TrainingData
        let position: TrainingPosition
        let stepsPerEpoch: Int
        let history: [EpochMetrics]
        let best: BestEpoch?
        let totals: EpochTotals
    }

    private enum Part: String, CaseIterable {
        case weights, momentum, average

        var prefix: String { rawValue + "." }

        var path: WritableKeyPath<TrainingState, [String: Tensor]> {
            switch self {
            case .weights: \.weights
            case .momentum: \.momentum
            case .average: \.average
            }
        }
    }

    /// Writes the checkpoint. The file appears complete or not at all, see `Safetensors.write(tensors:metadata:to:)`.
    ///
    /// - Throws: ``CheckpointError/unwritable(path:problem:)``.
    public func write(to path: String) throws(CheckpointError) {
        var tensors: [(name: String, tensor: Tensor)] = []
        for part in Part.allCases {
            for (name, tensor) in state[keyPath: part.path].sorted(by: { $0.key < $1.key }) {
                tensors.append((part.prefix + name, tensor))
            }
        }
        do {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
            let description = Description(
                configuration: configuration, architecture: architecture, data: data, position: position,
                stepsPerEpoch: stepsPerEpoch, history: history, best: best, totals: totals)
            let text = String(decoding: try encoder.encode(description), as: UTF8.self)
            var checksum = Checksum()
            checksum.add(text)
            for (name, tensor) in tensors {
                checksum.add(name, tensor)
            }
            var metadata = data.metadata
            metadata["architecture"] = try architecture.json()
            metadata[Self.formatKey] = Self.version
            metadata[Self.descriptionKey] = text
            metadata[Self.checksumKey] = String(checksum.value, radix: 16)
            try Safetensors.write(tensors: tensors, metadata: metadata, to: path)
        } catch SafetensorsError.unwritable(_, let problem) {
            throw .unwritable(path: path, problem: problem)
        } catch {
            throw .unwritable(path: path, problem: "\(error)")
        }
    }

    /// Reads a checkpoint.
    ///
    /// - Throws: ``CheckpointError``, also if a single bit of a tensor, or of what else the run depends on, is not as it
    ///   was written.
    public init(path: String) throws(CheckpointError) {
        do {
            let file = try SafetensorsFile(path: path)
            guard let version = file.metadata[Self.formatKey] else { throw CheckpointError.noCheckpoint(path: path) }
            guard version == Self.version else {
                throw CheckpointError.unknownVersion(path: path, version: version)
            }
            try self.init(file)
        } catch let error as CheckpointError {
            throw error
        } catch SafetensorsError.unreadable(_, let problem) {
            throw .unreadable(path: path, problem: problem)
        } catch SafetensorsError.malformed(_, let problem) {
            throw .damaged(path: path, problem: problem)
        } catch {
            throw .damaged(path: path, problem: "\(error)")
        }
    }

    private init(_ file: SafetensorsFile) throws {
        guard let text = file.metadata[Self.descriptionKey], let expected = file.metadata[Self.checksumKey] else {
            throw CheckpointError.damaged(path: file.path, problem: "a part of its metadata is missing")
        }
        var state = TrainingState(weights: [:])
        var checksum = Checksum()
        checksum.add(text)
        for part in Part.allCases {
            for name in file.names where name.hasPrefix(part.prefix) {
                let tensor = try file.tensor(name)
                checksum.add(name, tensor)
                state[keyPath: part.path][String(name.dropFirst(part.prefix.count))] = tensor
            }
        }
        guard String(checksum.value, radix: 16) == expected else {
            throw CheckpointError.damaged(path: file.path, problem: "its contents do not match their checksum")
        }
        let description = try JSONDecoder().decode(Description.self, from: Data(text.utf8))
        configuration = description.configuration
        architecture = description.architecture
        data = description.data
        position = description.position
        stepsPerEpoch = description.stepsPerEpoch
        history = description.history
        best = description.best
        totals = description.totals
        self.state = state
    }
}

extension Checksum {
    /// Adds the name, the shape and the values of a tensor.
    mutating func add(_ name: String, _ tensor: Tensor) {
        add(name)
        add("\(tensor.shape)")
        tensor.withUnsafeFloats { add(UnsafeRawBufferPointer($0)) }
    }
}
