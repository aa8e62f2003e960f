import ConvNetAIG
import Foundation
import TestSupport
import Testing

@testable import ConvNetAIGTraining

@Suite struct CheckpointTests {
    /// A checkpoint in the middle of an epoch.
    static func make(in folder: TemporaryFolder) throws -> String {
        let run = TestRun(folder: folder.path)
        let stop = StopRequest()
        _ = try run.start().run(stop: stop) { if $0.epoch == 2, $0.step == 3 { stop.request() } }
        return folder.file(RunFolder.checkpointName)
    }

    @Test func everyBitComesBack() throws {
        let folder = try TemporaryFolder()
        var checkpoint = try Checkpoint(path: Self.make(in: folder))
        let values: [Float] = [
            -0.0, .leastNonzeroMagnitude, -.leastNormalMagnitude, .greatestFiniteMagnitude, .pi, 1 / 3, 0.1, 1e-30,
        ]
        checkpoint.state.momentum["odd"] = try Tensor(shape: [2, 4], values: values)
        checkpoint.configuration.learningRate = 0.1.nextUp
        checkpoint.configuration.weightDecay = .leastNonzeroMagnitude
        checkpoint.configuration.seed = .max
        checkpoint.history[0].loss = 0.1 + 0.2
        checkpoint.history[0].seconds = Double.pi.nextDown
        checkpoint.data.mean = [Float(1) / 3, 0.7]
        let path = folder.file("copy.safetensors")
        try checkpoint.write(to: path)
        let read = try Checkpoint(path: path)
        #expect(read.state.momentum["odd"]?.values.map(\.bitPattern) == values.map(\.bitPattern))
        #expect(read.state.weights == checkpoint.state.weights && read.state.momentum == checkpoint.state.momentum)
        #expect(read.state.average == checkpoint.state.average && !read.state.average.isEmpty)
        #expect(read.configuration == checkpoint.configuration)
        #expect(read.architecture == checkpoint.architecture)
        #expect(read.data == checkpoint.data)
        #expect(read.position == checkpoint.position)
        #expect(read.position.epoch == 1 && read.position.stepInEpoch == 3 && read.position.step == 8)
        #expect(read.stepsPerEpoch == 5)
        #expect(read.history == checkpoint.history && read.best == checkpoint.best && read.totals == checkpoint.totals)
        #expect(read.totals.steps == 3)
    }

    @Test func weightsCanBeReadOutOfIt() throws {
        let folder = try TemporaryFolder()
        let path = try Self.make(in: folder)
        let weights = try Weights(file: SafetensorsFile(path: path), prefix: "weights.")
        let checkpoint = try Checkpoint(path: path)
        #expect(try weights.tensors() == checkpoint.state.weights)
        #expect(weights.architecture == checkpoint.architecture)
        #expect(weights.classNames == ["ape", "bear", "cat"])
    }

    @Test func anyChangedByteIsNoticed() throws {
        let folder = try TemporaryFolder()
        let path = try Self.make(in: folder)
        let whole = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
        let original = try Checkpoint(path: path)
        for position in stride(from: 0, to: whole.count, by: 13) {
            var changed = whole
            changed[position] ^= 1 << UInt8(position % 8)
            let damaged = try folder.file("damaged.safetensors", changed)
            do throws(CheckpointError) {
                // Some of the header says again what is checked elsewhere, for other programs.
                let read = try Checkpoint(path: damaged)
                #expect(read.state.weights == original.state.weights && read.state.momentum == original.state.momentum)
                #expect(read.position == original.position && read.totals == original.totals)
                #expect(read.configuration == original.configuration && read.history == original.history)
            } catch {
                #expect(error.description.contains(damaged))
            }
        }
        for length in stride(from: 0, to: whole.count, by: 1009) {
            let cut = try folder.file("cut.safetensors", Array(whole.prefix(length)))
            #expect(throws: CheckpointError.self) { try Checkpoint(path: cut) }
        }
    }

    @Test func whatIsNoCheckpoint() throws {
        let folder = try TemporaryFolder()
        let missing = folder.file("missing")
        let error = #expect(throws: CheckpointError.self) { try Checkpoint(path: missing) }
        if case .unreadable(missing, _) = error {} else { Issue.record("\(String(describing: error))") }

        let weights = folder.file("weights.safetensors")
        try Weights.random(for: TestRun.architecture(), seed: 1).write(to: weights)
        #expect(throws: CheckpointError.noCheckpoint(path: weights)) { try Checkpoint(path: weights) }

        let newer = folder.file("newer.safetensors")
        try Safetensors.write(tensors: [], metadata: ["checkpoint_version": "2"], to: newer)
        #expect(throws: CheckpointError.unknownVersion(path: newer, version: "2")) { try Checkpoint(path: newer) }

        let hollow = folder.file("hollow.safetensors")
        try Safetensors.write(tensors: [], metadata: ["checkpoint_version": "1"], to: hollow)
        #expect(throws: CheckpointError.damaged(path: hollow, problem: "a part of its metadata is missing")) {
            try Checkpoint(path: hollow)
        }
    }

    @Test func unwritablePlaces() throws {
        let folder = try TemporaryFolder()
        let checkpoint = try Checkpoint(path: Self.make(in: folder))
        for path in [folder.path, folder.file("none/checkpoint"), "/dev/full"] {
            #expect(throws: CheckpointError.self) { try checkpoint.write(to: path) }
        }
    }

    @Test func leftoversAreCleared() throws {
        let folder = try TemporaryFolder()
        for name in [".3f.safetensors.tmp", "notes.txt", "mine.safetensors.tmp", ".hidden"] {
            _ = try folder.file(name, [1])
        }
        let run = try RunFolder(path: folder.path)
        #expect(try folder.contents == [".hidden", ".lock", "mine.safetensors.tmp", "notes.txt"])
        #expect(throws: TrainingError.folderInUse(path: folder.path)) { try RunFolder(path: folder.path) }
        withExtendedLifetime(run) {}
    }
}
