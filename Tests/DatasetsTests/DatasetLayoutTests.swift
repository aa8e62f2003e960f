import Archives
import FileSystem
import Foundation
import TestSupport
import Testing

@testable import Datasets

/// Folders as people have them. Nothing here looks into files that are called images.
@Suite struct DatasetLayoutTests {
    private func layout(_ paths: [String], known: Set<String> = []) throws -> DatasetLayout {
        let folder = try DataSourceTests.makeFolder(paths)
        return DatasetLayout(try ImageFiles(path: folder.path), known: known)
    }

    private func classes(_ layout: DatasetLayout, _ split: String) -> [String]? {
        layout.splits.first { $0.name == split }.map { $0.images.map(\.className) }
    }

    @Test(arguments: ["", "pets/", "pets/images/"])
    func aFolderAroundEverythingIsPassedThrough(_ around: String) throws {
        let split = try layout(["train/cat/1.png", "train/dog/1.png", "val/cat/2.png"].map { around + $0 })
        #expect(classes(split, "train") == ["cat", "dog"])
        #expect(classes(split, "val") == ["cat"])
        let top = try layout(["cat/1.png", "dog/1.png"].map { around + $0 })
        #expect(classes(top, "") == ["cat", "dog"])
    }

    @Test func theClassIsTheFirstFolder() throws {
        let found = try layout([
            "test/cat/2024/may/1.png", "test/cat/2.png", "test/dog/images/1.png", "train/cat/3.png",
        ])
        #expect(classes(found, "test") == ["cat", "cat", "dog"])
        #expect(classes(found, "train") == ["cat"])
        // With one class alone, what is below it is not taken for classes.
        #expect(classes(try layout(["cat/a/1.png"]), "") == ["cat"])
        #expect(classes(try layout(["cat/a/1.png", "cat/b/1.png"], known: ["cat", "dog"]), "") == ["cat", "cat"])
    }

    @Test(arguments: ["test", "testing", "val", "valid", "validation", "eval", "Test", "VAL"])
    func splitsByAnyOfTheirNames(_ name: String) throws {
        let found = try layout(["Train/cat/1.png", "\(name)/cat/2.png"])
        #expect(found.splits(called: DatasetLayout.trainingNames).first?.images.count == 1)
        #expect(found.splits(called: DatasetLayout.testNames).first?.name == name)
    }

    @Test func whatIsLeftOutIsSaidOncePerKind() throws {
        let found = try layout([
            "train/cat/1.png", "train/cat/2.png", "train/loose.png", "train/cat/notes.txt", "train/cat/a.tiff",
            "train/dog/b.TIFF", "test/cat/1.png", "extra/cat/1.png", "extra/cat/2.png", "README",
        ])
        let notes = found.notes.map(\.description)
        #expect(
            notes.contains("2 .tiff files left out: not JPEG, PNG or WebP, such as train/cat/a.tiff"), "\(notes)")
        #expect(notes.contains("1 .txt file left out: not JPEG, PNG or WebP (train/cat/notes.txt)"))
        #expect(notes.contains("1 file without an ending left out: not JPEG, PNG or WebP (README)"))
        #expect(notes.contains("1 picture left out: in no class folder (train/loose.png)"))
        #expect(
            notes.contains("2 pictures left out: neither in a training nor in a test folder, such as extra/cat/1.png"))
        #expect(notes.count == 5)
    }

    @Test func imagesAreToldByWhatIsInThem() throws {
        let folder = try DataSourceTests.makeFolder(["cat/1.png", "cat/2.bmp"])
        let png = [UInt8](try Data(contentsOf: URL(fileURLWithPath: Fixtures.path("samples/color.png"))))
        for name in ["cat/picture", "cat/download.php", "cat/photo.gif"] { _ = try folder.file(name, png) }
        let files = try ImageFiles(path: folder.path)
        #expect(files.files.map(\.path) == ["cat/1.png", "cat/download.php", "cat/photo.gif", "cat/picture"])
        #expect(files.notes.map(\.kind) == [.notAnImage(ending: "bmp")])
    }

    @Test func ofSeveralTestFoldersTheOneWithKnownClassesCounts() throws {
        // As Tiny ImageNet is: images to be labelled by others are in a folder that is no class.
        let folder = try DataSourceTests.makeFolder(["train/n1/images/1.png", "test/images/2.png", "val/n1/3.png"])
        let source = try DataSource(path: folder.path)
        let test = try #require(try source.test)
        #expect((0..<test.count).map(test.name) == ["val/n1/3.png"])
        #expect(source.notes.map(\.kind) == [.otherSplit(name: "test", used: "val")])
        // Without training images, by what the network calls its classes.
        let measured = try DataSourceTests.makeFolder(["test/images/2.png", "val/n1/3.png"])
        #expect(try DataSource(path: measured.path, known: ["n1"]).evaluation.classes == ["n1"])
    }

    @Test func trainingImagesAreMeasuredOnlyWithAWord() throws {
        let split = try DataSourceTests.makeFolder(["train/cat/1.png"])
        #expect(try DataSource(path: split.path).evaluatesTraining)
        let top = try DataSourceTests.makeFolder(["cat/1.png"])
        #expect(try !DataSource(path: top.path).evaluatesTraining)
    }

    // MARK: Matching classes

    private func match(_ classes: [String], _ names: [String]?, _ count: Int) throws -> [Int] {
        try ClassMatching(classes, to: names, count: count, path: "set").indices
    }

    @Test func numbersAreIndicesWithTheirGaps() throws {
        #expect(try match(["0", "2", "11"], nil, 12) == [0, 2, 11])
        #expect(try match(["0", "2", "11"], (0..<12).map { "name \($0)" }, 12) == [0, 2, 11])
        #expect(try match(["00", "02"], nil, 3) == [0, 2])
        // From 1 only if there is no 0, and the last class is there.
        #expect(try match(["1", "2", "12"], nil, 12) == [0, 1, 11])
        #expect(try match(["1", "2", "11"], nil, 12) == [1, 2, 11])
        #expect(throws: DatasetError.tooManyClasses(path: "set", found: 13, classes: 12)) {
            try match((0...12).map(String.init), nil, 12)
        }
        // A network that calls its classes by numbers is believed.
        #expect(try match(["1", "3"], ["3", "1", "0"], 3) == [1, 0])
    }

    @Test func namesGoBeforeOrder() throws {
        #expect(try match(["dog", "cat"], ["bird", "cat", "dog"], 3) == [2, 1])
        #expect(throws: DatasetError.unknownClass(path: "set", name: "cow", classes: ["cat", "dog"])) {
            try match(["cat", "cow"], ["cat", "dog"], 2)
        }
        #expect(
            try ClassMatching(["n2", "n1"], to: ["a", "b"], others: [["n1", "n2"]], count: 2, path: "").indices == [
                1, 0,
            ])
        let byOrder = try ClassMatching(["cat", "dog"], to: nil, count: 2, path: "set")
        #expect(byOrder.indices == [0, 1] && byOrder.isByOrder)
        // Some of the classes, and nothing says which: no number is better than a wrong one.
        #expect(throws: DatasetError.unknownOrder(path: "set", found: 2, classes: 3)) {
            try match(["cat", "dog"], nil, 3)
        }
    }

    @Test func numberedFoldersAreInTheOrderOfTheirNumbers() throws {
        let folder = try DataSourceTests.makeFolder((0..<12).map { "\($0)/1.png" })
        let source = try DataSource(path: folder.path)
        #expect(try source.classes == (0..<12).map(String.init))
    }

    // MARK: Limits

    @Test func limitsTakeEvenlyFromAllClasses() throws {
        let folder = try DataSourceTests.makeFolder(
            (0..<40).map { "a/\($0 + 100).png" } + (0..<4).map { "b/\($0).png" } + ["c/1.png"])
        let set = try DataSource(path: folder.path).train
        func counts(_ limit: Int) -> [Int] {
            let limited = set.limited(to: limit)
            return (0..<3).map { label in (0..<limited.count).count { limited.label($0) == label } }
        }
        #expect(counts(3) == [1, 1, 1])
        #expect(counts(7) == [3, 3, 1])
        #expect(counts(20) == [15, 4, 1])
        #expect(counts(1) == [1, 0, 0])
        #expect(counts(0) == [0, 0, 0])
        #expect(counts(45) == [40, 4, 1] && counts(1000) == [40, 4, 1])
        // Over the whole of a class, not its beginning.
        #expect(set.evenIndices(limit: 12).prefix(7) == [0, 5, 11, 17, 22, 28, 34])
    }

    // MARK: Tables of labels

    private func labelled(_ table: String, _ paths: [String]) throws -> (DataSource, TemporaryFolder) {
        let folder = try DataSourceTests.makeFolder(paths)
        let file = try folder.file("labels", Array(table.utf8))
        return (try DataSource(path: folder.path, labels: file), folder)
    }

    @Test(arguments: [
        "a.png,cat\nb.png,dog\n", "image,label\na.png,cat\nb.png,dog", "\u{FEFF}id,breed\r\na,cat\r\nb,dog\r\n",
        "./flat/a.png,cat\n\"flat/b.png\",\"dog\"\n", "flat\\a.png,cat\nflat\\b.png,dog\n\n",
        "a.png\tcat\t0\t0\t62\t57\nb.png\tdog\t1\t2\t3\t4\n",
    ])
    func tablesOfEveryKind(_ table: String) throws {
        let (source, folder) = try labelled(table, ["flat/a.png", "flat/b.png"])
        defer { withExtendedLifetime(folder) {} }
        let set = try source.evaluation
        #expect(set.classes == ["cat", "dog"])
        #expect(
            (0..<2).map { [set.name($0), set.classes[set.label($0)]] } == [
                ["flat/a.png", "cat"], ["flat/b.png", "dog"],
            ])
    }

    @Test func namesInTablesHoldAnything() throws {
        let (source, folder) = try labelled(
            "a.png,\"tench, \"\"Tinca tinca\"\"\"\nb.png,\"two\nlines\"\n", ["a.png", "b.png"])
        defer { withExtendedLifetime(folder) {} }
        #expect(try source.train.classes == ["tench, \"Tinca tinca\"", "two\nlines"])
    }

    @Test func whatATableLeavesOutIsSaid() throws {
        let (source, folder) = try labelled("a.png,cat\nz.png,cat\ny.png,dog\n", ["a.png", "b.png", "x/c.png"])
        defer { withExtendedLifetime(folder) {} }
        #expect(try source.train.count == 1)
        #expect(source.notes.contains { $0.kind == .unlabelled && $0.count == 2 })
        #expect(source.notes.contains { $0.kind == .missing(labels: folder.file("labels")) && $0.count == 2 })
        // An end that two images have is none of theirs.
        let (ambiguous, other) = try labelled("a.png,cat\nq/b.png,dog\n", ["a.png", "p/b.png", "q/b.png"])
        defer { withExtendedLifetime(other) {} }
        let set = try ambiguous.train
        #expect((0..<set.count).map(set.name) == ["a.png", "q/b.png"])
    }

    @Test func tablesThatAreNone() throws {
        let folder = try DataSourceTests.makeFolder(["a.png"])
        let column = try folder.file("column.csv", Array("a.png\n".utf8))
        #expect(throws: DatasetError.unlabelledLine(path: column, line: 1)) {
            try DataSource(path: folder.path, labels: column)
        }
        let others = try folder.file("others.csv", Array("x.png,1\ny.png,2\n".utf8))
        #expect(throws: DatasetError.noLabelledImage(path: folder.path, labels: others)) {
            try DataSource(path: folder.path, labels: others)
        }
        #expect(throws: DatasetError.self) { try DataSource(path: folder.path, labels: folder.file("none.csv")) }
        #expect(throws: DatasetError.self) { try DataSource(path: folder.path, labels: folder.file("empty.csv", [])) }
    }
}
