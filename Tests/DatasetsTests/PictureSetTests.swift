import ConvNetAIG
import ConvNetAIGModels
import Foundation
import TestSupport
import Testing

@testable import ConvNetAIGTraining
@testable import Datasets

@Suite struct PictureSetTests {
    @Test(arguments: [nil, [], ["--format=pax"], ["--format=ustar"]] as [[String]?])
    func foldersAndArchivesAreTheSame(_ options: [String]?) throws {
        let folder = try SamplePictures.makeFolder()
        let set = try PictureSet(
            path: options.map { try SamplePictures.makeArchive(folder, $0) } ?? folder.path, split: "test")
        #expect(set.classes == ["airplane", "cat"])
        #expect(
            set.items.map(\.path) == [
                "test/airplane/rocket.jpg", "test/cat/broken.png", "test/cat/chelsea.png", "test/cat/coffee.png",
            ])
        #expect(set.items.map(\.label) == [0, 1, 1, 1])
        #expect(try set.image(set.items[2]) == Image(contentsOf: SamplePictures.path + "/chelsea.png"))
        #expect(throws: ImageError.self) { try set.image(set.items[1]) }
    }

    @Test func longNames() throws {
        let folder = try TemporaryFolder()
        let label = String(repeating: "a-rather-long-class-name-", count: 8)
        try FileManager.default.createDirectory(atPath: folder.file("test/\(label)"), withIntermediateDirectories: true)
        try FileManager.default.copyItem(
            atPath: SamplePictures.path + "/rocket.jpg", toPath: folder.file("test/\(label)/rocket.jpg"))
        for options in [["--format=gnu"], ["--format=pax"]] {
            let set = try PictureSet(path: SamplePictures.makeArchive(folder, options), split: "test")
            #expect(set.classes == [label])
        }
    }

    @Test func whatIsNoSet() throws {
        let folder = try SamplePictures.makeFolder()
        #expect(throws: DataSetError.noPictures(path: folder.path, split: "train")) {
            try PictureSet(path: folder.path, split: "train")
        }
        #expect(throws: DataSetError.noPictures(path: folder.path, split: "")) { try PictureSet(path: folder.path) }
        #expect(throws: DataSetError.self) { try PictureSet(path: folder.file("missing.tar")) }
        for contents in [[], [UInt8](repeating: 7, count: 100), [UInt8](repeating: 7, count: 5000)] {
            let path = try folder.file("bad.tar", contents)
            #expect(throws: DataSetError.self) { try PictureSet(path: path) }
        }
        let archive = try SamplePictures.makeArchive(folder)
        let whole = [UInt8](try Data(contentsOf: URL(fileURLWithPath: archive)))
        let cut = try folder.file("cut.tar", Array(whole.prefix(whole.count / 2)))
        #expect(throws: DataSetError.self) { try PictureSet(path: cut, split: "test") }
    }

    @Test func classesAreTheNetworks() throws {
        let folder = try TemporaryFolder()
        try FileManager.default.createDirectory(atPath: folder.file("airplne"), withIntermediateDirectories: true)
        try FileManager.default.copyItem(
            atPath: SamplePictures.path + "/rocket.jpg", toPath: folder.file("airplne/rocket.jpg"))
        let session = try Session(weights: EmbeddedModel.standard.weights(), backend: .openCL())
        let set = try PictureSet(path: folder.path)
        let classes = try #require(session.classNames)
        #expect(throws: DataSetError.unknownClass(path: folder.path, name: "airplne", classes: classes)) {
            try Evaluation(of: session, on: set)
        }
    }

    @Test func evaluationCountsAndLeavesOutWhatCannotBeRead() throws {
        let folder = try SamplePictures.makeFolder()
        let session = try Session(weights: EmbeddedModel.standard.weights(), backend: .openCL(), batch: 3)
        var progress: [Int] = []
        let set = try PictureSet(path: folder.path, split: "test")
        let evaluation = try Evaluation(of: session, on: set) { progress.append($0) }
        #expect(progress == [3, 4])
        #expect(evaluation.predictions.count == 4)
        #expect(evaluation.predictions[1] == nil)
        #expect(evaluation.failures.count == 1)
        #expect(evaluation.count == 3)
        // The class folder is matched to the network's class by name: its cat is class 3.
        #expect(evaluation.predictions[2] == 3)
        #expect(evaluation.top1 >= 1.0 / 3)
        #expect(evaluation.top5 >= evaluation.top1)
        #expect(evaluation.executionRates.count == session.architecture.gatedBlocks.count)
        #expect(evaluation.meanMACs > 0 && evaluation.meanMACs <= Double(session.cost.macs))
    }
}
