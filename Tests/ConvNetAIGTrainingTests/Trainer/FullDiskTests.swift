import Foundation
import TestSupport
import Testing

@testable import ConvNetAIGTraining

/// A small disk, which takes the right to mount one.
final class SmallDisk {
    let path: String
    private let folder: TemporaryFolder

    static let isAvailable = (try? SmallDisk()) != nil

    struct Unavailable: Error {}

    init() throws {
        folder = try TemporaryFolder()
        path = folder.path
        let mount = try ExternalData.run(["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", path])
        guard mount.status == 0 else { throw Unavailable() }
    }

    deinit { _ = try? ExternalData.run(["umount", "-l", path]) }

    /// Takes all of the room that is left.
    func fill() {
        guard let file = fopen(path + "/filler", "w") else { return }
        setvbuf(file, nil, _IONBF, 0)
        while fputc(1, file) != EOF {}
        fclose(file)
    }

    func makeRoom() { unlink(path + "/filler") }
}

@Suite(.serialized, .enabled(if: SmallDisk.isAvailable, "mounting a small disk takes root"))
struct FullDiskTests {
    @Test func epochThatCannotBeWritten() throws {
        let disk = try SmallDisk()
        let run = TestRun(folder: disk.path + "/run")
        let checkpoint = URL(fileURLWithPath: run.folder + "/" + RunFolder.checkpointName)
        var saved = Data()
        do {
            let trainer = try run.start()
            // The state comes first, before anything that could fail is done with it.
            #expect(throws: CheckpointError.self) {
                try trainer.run { progress in
                    guard progress.finished?.epoch == 1 else { return }
                    saved = (try? Data(contentsOf: checkpoint)) ?? Data()
                    disk.fill()
                }
            }
            // What could not be written has not happened.
            #expect(trainer.history.count == 1 && trainer.best?.epoch == 1 && trainer.position.epoch == 1)
        }
        #expect(try Data(contentsOf: checkpoint) == saved)
        #expect(try !FileManager.default.contentsOfDirectory(atPath: run.folder).contains { $0.hasSuffix(".tmp") })
        disk.makeRoom()
        #expect(try run.resume().run().isComplete)
        #expect(try run.files() == ResumeTests.uninterrupted())
    }

    @Test func checkpointThatCannotBeWritten() throws {
        let disk = try SmallDisk()
        let run = TestRun(folder: disk.path + "/run")
        let checkpoint = URL(fileURLWithPath: run.folder + "/" + RunFolder.checkpointName)
        var saved = Data()
        do {
            let trainer = try run.start()
            saved = try Data(contentsOf: checkpoint)
            let stop = StopRequest()
            let error = #expect(throws: CheckpointError.self) {
                try trainer.run(stop: stop) { _ in
                    disk.fill()
                    stop.request()
                }
            }
            guard case .unwritable(checkpoint.path, _) = error else {
                Issue.record("\(String(describing: error))")
                return
            }
        }
        #expect(try Data(contentsOf: checkpoint) == saved)
        #expect(try Checkpoint(path: checkpoint.path).position == TrainingPosition())
        disk.makeRoom()
        #expect(try run.resume().run().isComplete)
        #expect(try run.files() == ResumeTests.uninterrupted())
    }
}
