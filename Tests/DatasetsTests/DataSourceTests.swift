import Archives
import ConvNetAIG
import Foundation
import TestSupport
import Testing

@testable import ConvNetAIGTraining
@testable import Datasets

@Suite struct DataSourceTests {
    /// Files that are called images: nothing here looks into them.
    static func makeFolder(_ paths: [String]) throws -> TemporaryFolder {
        let folder = try TemporaryFolder()
        for path in paths {
            let target = folder.file(path)
            try FileManager.default.createDirectory(
                atPath: (target as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
            _ = try folder.file(path, [0])
        }
        return folder
    }

    static func archive(_ folder: TemporaryFolder, _ into: TemporaryFolder) throws -> String {
        let archive = into.file("set.tar")
        let packed = try ShellCommand.run(["tar", "-C", folder.path, "-cf", archive, "."])
        #expect(packed.status == 0, "\(packed.output)")
        return archive
    }

    private func names(_ images: (any Dataset)?) -> [String] {
        images.map { set in (0..<set.count).map(set.name) } ?? []
    }

    @Test(arguments: ["test", "val", "validation"], [false, true])
    func splits(_ testFolder: String, _ isArchive: Bool) throws {
        let folder = try Self.makeFolder([
            "train/b/1.png", "train/a/1.JPG", "train/c/1.jpeg", "\(testFolder)/b/2.png", "\(testFolder)/c/2.png",
            "train/stray.png", "other/a/3.png", "train/a/notes.txt", "train/a/._1.jpg", "train/.hidden/1.png",
        ])
        let other = try TemporaryFolder()
        let source = try DataSource(path: isArchive ? Self.archive(folder, other) : folder.path)
        #expect(try source.classes == ["a", "b", "c"])
        #expect(try names(source.train) == ["train/a/1.JPG", "train/b/1.png", "train/c/1.jpeg"])
        #expect(try names(source.test) == ["\(testFolder)/b/2.png", "\(testFolder)/c/2.png"])
        let test = try #require(try source.test)
        // Numbered by the training set's classes, of which the first has no test images.
        #expect(try test.classes == source.classes)
        #expect((0..<2).map(test.label) == [1, 2])
    }

    @Test func testFolderWithoutClassesIsPassedOver() throws {
        let folder = try Self.makeFolder(["train/a/1.png", "test/unlabelled.png", "val/a/2.png"])
        #expect(try names(DataSource(path: folder.path).test) == ["val/a/2.png"])
    }

    @Test(arguments: [false, true])
    func classesAtTheTop(_ isArchive: Bool) throws {
        let folder = try Self.makeFolder(["cat/1.png", "dog/1.png", "dog/2.png"])
        let other = try TemporaryFolder()
        let source = try DataSource(path: isArchive ? Self.archive(folder, other) : folder.path)
        #expect(try source.test == nil)
        #expect(try source.classes == ["cat", "dog"])
        #expect(try (0..<3).map(source.train.label) == [0, 1, 1])
    }

    /// Here the folders are classes: they hold images themselves.
    @Test func classesCalledAsSplits() throws {
        let folder = try Self.makeFolder(["train/1.png", "test/1.png"])
        let source = try DataSource(path: folder.path)
        #expect(try source.classes == ["test", "train"])
        #expect(try source.test == nil)
    }

    @Test func cifar() throws {
        let folder = try TemporaryFolder()
        try CIFARFixture.write10(folder, "cifar-10-batches-bin/")
        let source = try DataSource(path: folder.path)
        #expect(try source.classes == CIFARFixture.names10)
        #expect(try source.train.count == 8)
        #expect(try source.test?.count == 4)
        try FileManager.default.removeItem(atPath: folder.file("cifar-10-batches-bin/test_batch.bin"))
        #expect(try DataSource(path: folder.path).test == nil)
        try CIFARFixture.write10(folder, "cifar-10-batches-bin/")
        try FileManager.default.removeItem(atPath: folder.file("cifar-10-batches-bin/data_batch_3.bin"))
        let incomplete = try DataSource(path: folder.path)
        #expect(try incomplete.test?.count == 4)
        #expect(
            throws: DatasetError.missingFiles(
                path: folder.file("cifar-10-batches-bin"), files: ["data_batch_3.bin"])
        ) { try incomplete.train }
    }

    @Test func whatIsNoSource() throws {
        let folder = try Self.makeFolder(["loose.png", "cat/notes.txt"])
        #expect(throws: DatasetError.imagesInNoClass(path: folder.path, count: 1)) {
            try DataSource(path: folder.path)
        }
        let empty = try TemporaryFolder()
        #expect(throws: DatasetError.noImages(path: empty.path, split: "")) { try DataSource(path: empty.path) }
        #expect(
            throws: DatasetError.archive(
                .unreadable(path: empty.file("missing"), problem: "no such file or directory"))
        ) { try DataSource(path: empty.file("missing")) }
    }

    @Test func onlyThePartThatIsAskedForHasToBeThere() throws {
        let folder = try Self.makeFolder(["val/cat/1.png", "val/dog/2.png"])
        let source = try DataSource(path: folder.path)
        #expect(try names(source.test) == ["val/cat/1.png", "val/dog/2.png"])
        #expect(try source.evaluation.classes == ["cat", "dog"])
        #expect(throws: DatasetError.noImages(path: folder.path, split: "train")) { try source.train }
    }

    @Test func aClassThatOnlyTheOtherSplitHasIsNoError() throws {
        let folder = try Self.makeFolder(["train/cat/1.png", "train/dog/1.png", "test/bird/1.png", "test/dog/1.png"])
        let source = try DataSource(path: folder.path)
        #expect(try source.classes == ["cat", "dog"])
        let test = try #require(try source.test)
        // Behind those that are trained, whose numbers stay.
        #expect(test.classes == ["cat", "dog", "bird"])
        #expect((0..<2).map(test.label) == [2, 1])
        let restricted = test.restricted(to: 2)
        #expect(restricted.classes == ["cat", "dog"])
        #expect(names(restricted) == ["test/dog/1.png"])
        #expect(try source.untrainedClasses().map(\.kind) == [.notTrained(className: "bird")])
    }

    // MARK: Holding out

    /// 40 images of a, 10 of b, 3 of c, 1 of d.
    static func unevenFolder() throws -> TemporaryFolder {
        try makeFolder(
            [("a", 40), ("b", 10), ("c", 3), ("d", 1)].flatMap { label, count in
                (0..<count).map { "\(label)/\(100 + $0).png" }
            })
    }

    private func counts(_ set: some Dataset) -> [Int] {
        set.classes.indices.map { label in (0..<set.count).count { set.label($0) == label } }
    }

    @Test(arguments: [(0.1, [4, 1, 1, 0]), (0.25, [10, 3, 1, 0]), (0.001, [1, 1, 1, 0]), (0.999, [39, 9, 2, 0])])
    func holdingOutKeepsTheSharesOfClasses(_ fraction: Double, _ heldOut: [Int]) throws {
        let folder = try Self.unevenFolder()
        let source = try DataSource(path: folder.path)
        let parts = try source.holdOut(fraction: fraction, seed: 1)
        #expect(counts(parts.heldOut) == heldOut)
        #expect(counts(parts.training) == zip([40, 10, 3, 1], heldOut).map { $0 - $1 })
        // Together they are the set, each image once, in the set's order.
        #expect((parts.heldOut.indices + parts.training.indices).sorted() == Array(0..<54))
        #expect(parts.heldOut.indices == parts.heldOut.indices.sorted())
        #expect(parts.training.indices == parts.training.indices.sorted())
        for index in 0..<parts.heldOut.count {
            #expect(try parts.heldOut.name(index) == source.train.name(parts.heldOut.indices[index]))
        }
        #expect(try parts.heldOut.classes == source.classes)
    }

    @Test func holdingOutDependsOnTheSeedAlone() throws {
        let folder = try Self.unevenFolder()
        let first = try DataSource(path: folder.path).holdOut(fraction: 0.2, seed: 7)
        let second = try DataSource(path: folder.path).holdOut(fraction: 0.2, seed: 7)
        let other = try DataSource(path: folder.path).holdOut(fraction: 0.2, seed: 8)
        #expect(first.heldOut.indices == second.heldOut.indices)
        #expect(first.heldOut.indices != other.heldOut.indices)
    }

    @Test(arguments: [0, 1, -0.1, 1.5, .nan, .infinity])
    func sharesThatAreNone(_ fraction: Double) throws {
        #expect(throws: DatasetError.self) { try SyntheticImages(10).holdOut(fraction: fraction) }
    }

    @Test func nothingToHoldOut() throws {
        #expect(throws: DatasetError.nothingToHoldOut(path: "synthetic")) {
            try SyntheticImages(3, classes: 3).holdOut(fraction: 0.5)
        }
    }
}
