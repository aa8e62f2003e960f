import Archives
import FileSystem
import Foundation
import TestSupport
import Testing

@testable import Datasets

/// Folders with what systems, archives and people leave in them.
@Suite struct FoundFoldersTests {
    private func classes(_ set: any Dataset) -> [String: Int] {
        Dictionary((0..<set.count).map { (set.classes[set.label($0)], 1) }, uniquingKeysWith: +)
    }

    /// Thumbnails are images too.
    @Test(arguments: [
        "__MACOSX/cat", "cat/@eaDir/1.png", "#recycle", "$RECYCLE.BIN/S-1", "lost+found", ".ipynb_checkpoints",
    ])
    func whatSystemsLeaveIsNoClass(_ left: String) throws {
        let folder = try DataSourceTests.makeFolder(["cat/1.png", "dog/1.png", left + "/thumbnail.png"])
        let other = try TemporaryFolder()
        for path in [folder.path, try DataSourceTests.archive(folder, other)] {
            let source = try DataSource(path: path)
            #expect(try classes(source.train) == ["cat": 1, "dog": 1])
            #expect(source.notes.isEmpty)
        }
    }

    @Test(arguments: [
        ("train/train", "test/test"), ("TRAIN", "TEST"), ("training_set/training_set", "test_set/test_set"),
        ("pets/Train", "pets/dev"), ("a/b/c/train", "a/b/c/validation_set"),
    ])
    func splitsInSplits(_ training: String, _ test: String) throws {
        let folder = try DataSourceTests.makeFolder(
            ["cat/1.png", "dog/1.png", "dog/more/2.png"].map { training + "/" + $0 } + [test + "/cat/1.png"])
        let source = try DataSource(path: folder.path)
        #expect(try classes(source.train) == ["cat": 1, "dog": 2])
        #expect(try classes(#require(try source.test)) == ["cat": 1])
        #expect(source.notes.isEmpty)
    }

    /// Kaggle's and others' train.tar and test.tar, which hold the folders that they are called after.
    @Test func anArchiveForEachSplit() throws {
        let folder = try DataSourceTests.makeFolder(["train/cat/1.png", "train/dog/1.png", "test/dog/1.png"])
        let set = try TemporaryFolder()
        for split in ["train", "test"] {
            #expect(
                try ShellCommand.run(["tar", "-C", folder.path, "-cf", set.file(split + ".tar"), split]).status == 0)
        }
        let source = try DataSource(path: set.path)
        #expect(try classes(source.train) == ["cat": 1, "dog": 1])
        #expect(try classes(#require(try source.test)) == ["dog": 1])
    }

    @Test func anArchiveBesideWhatWasUnpackedIsNotCountedTwice() throws {
        let folder = try DataSourceTests.makeFolder(["pets/cat/1.png", "pets/dog/1.png"])
        let packed = try ShellCommand.run(["tar", "-C", folder.path, "-cf", folder.file("pets.tar"), "pets"])
        #expect(packed.status == 0)
        let source = try DataSource(path: folder.path)
        #expect(try source.train.count == 2)
        #expect(source.notes.map(\.description) == ["1 archive left out: unpacked beside (pets.tar)"])
    }

    /// A class that nobody has put images into yet, or whose images are elsewhere, makes a smaller network.
    @Test func emptyFoldersAreSaid() throws {
        let folder = try DataSourceTests.makeFolder(["train/cat/1.png", "train/dog/1.png"])
        try createFolders(folder.file("train/emu"))
        try createFolders(folder.file("train/fox/.thumbnails"))
        let other = try TemporaryFolder()
        for path in [folder.path, try DataSourceTests.archive(folder, other)] {
            let source = try DataSource(path: path)
            #expect(try source.classes == ["cat", "dog"])
            #expect(source.notes.map(\.description) == ["2 folders left out: empty, such as train/emu"])
        }
    }

    @Test func twoFoldersOfTrainingImages() throws {
        let folder = try DataSourceTests.makeFolder(["train/cat/1.png", "train/dog/2.png", "training/cat/1.png"])
        let source = try DataSource(path: folder.path)
        #expect(try source.train.count == 2)
        #expect(source.notes.map(\.kind) == [.otherSplit(name: "training", used: "train")])
    }

    @Test func namesOfAnyBytesAndSigns() throws {
        let top = try TemporaryFolder()
        let names = [
            "tab\there", "line\nbreak", "quote\"d", "colon: semi;", "\u{202E}left", "😀",
            String(pathBytes: [0x63, 0xE4, 0x74]),
        ]
        for name in names {
            let folder = top.file(String(pathBytes: [0x73, 0xE9, 0x20, 0x3A])) + "/train/" + name
            try createFolders(folder)
            try FileDescriptor.open(path: folder + "/1.png", .writeOnly, options: .create).close()
        }
        let source = try DataSource(path: top.file(String(pathBytes: [0x73, 0xE9, 0x20, 0x3A])) + "/")
        #expect(try classes(source.train) == Dictionary(uniqueKeysWithValues: names.map { ($0, 1) }))
    }

    // MARK: What is no data set

    @Test func whatIsMissingIsSaid() throws {
        let flat = try DataSourceTests.makeFolder(["1.png", "2.png"])
        #expect(throws: DatasetError.imagesInNoClass(path: flat.path, count: 2)) { try DataSource(path: flat.path) }
        let packed = try DataSourceTests.makeFolder(["test.tar.gz", "train.zip", "README.md"])
        #expect(throws: DatasetError.archivesOnly(path: packed.path, example: "test.tar.gz")) {
            try DataSource(path: packed.path)
        }
        let single = Fixtures.path("samples/color.png")
        #expect(throws: DatasetError.archive(.otherContent(path: single, .picture))) { try DataSource(path: single) }
    }

    // MARK: Names of classes

    private func match(_ classes: [String], _ names: [String]?, _ count: Int) throws -> [Int] {
        try ClassMatching(classes, to: names, count: count, path: "set").indices
    }

    @Test func capitalsAndWhatIsBetweenWordsDoNotCount() throws {
        let names = ["polar_bear", "Cat", "aquarium fish"]
        #expect(try match(["CAT ", "Polar-Bear", "aquarium_fish"], names, 3) == [1, 0, 2])
        // Where names are the network's to the letter, nothing else is tried.
        #expect(try match(["cat", "Cat"], ["Cat", "cat"], 2) == [1, 0])
        // Two folders that would then be one, and a name that could be two.
        #expect(throws: DatasetError.self) { try match(["cat", "CAT"], names, 3) }
        #expect(throws: DatasetError.self) { try match(["CAT"], ["cat", "Cat"], 2) }
        // WordNet ids in capitals.
        #expect(try ClassMatching(["N2"], to: ["a", "b"], others: [["n1", "n2"]], count: 2, path: "").indices == [1])
    }

    @Test func someOfAThousandNamesAreSaid() throws {
        let names = (0..<1000).map { "name \($0)" }
        let error = try #require(throws: DatasetError.self) { try match(["cow"], names, 1000) }
        #expect(error.description.contains("'cow'") && error.description.contains("name 19 and 980 more"))
        #expect(error.description.count < 400)
    }
}
