import Archives
import ConvNetAIG
import Foundation
import TestSupport
import Testing

@testable import ConvNetAIGTraining
@testable import Datasets

@Suite struct CIFARDatasetTests {
    static func expectedImage(_ seed: Int) throws -> Image {
        let planes = CIFARFixture.samples(seed)
        return try Image(
            width: 32, height: 32,
            pixels: (0..<1024).flatMap { [planes[$0], planes[1024 + $0], planes[2048 + $0]] })
    }

    @Test func cifar10() throws {
        let folder = try TemporaryFolder()
        try CIFARFixture.write10(folder)
        let train = try CIFARDataset(path: folder.path, split: .train)
        #expect(train.kind == .cifar10)
        #expect(train.classes == CIFARFixture.names10)
        #expect(train.count == 8)
        #expect((0..<8).map(train.label) == [0, 1, 2, 1, 2, 3, 3, 4])
        #expect(train.name(0) == "data_batch_1.bin:0")
        #expect(train.name(2) == "data_batch_1.bin:2")
        #expect(train.name(3) == "data_batch_2.bin:0")
        #expect(train.name(7) == "data_batch_5.bin:0")
        for (index, seed) in [0, 1, 2, 100, 200, 201, 300, 400].enumerated() {
            #expect(try train.image(index) == Self.expectedImage(seed))
        }
        let test = try CIFARDataset(path: folder.path, split: .test)
        #expect((0..<4).map(test.label) == [5, 6, 7, 8])
        #expect(try test.image(3) == Self.expectedImage(503))
    }

    @Test func cifar100TakesFineLabels() throws {
        let folder = try TemporaryFolder()
        try CIFARFixture.write100(folder)
        let train = try CIFARDataset(path: folder.path, split: .train)
        #expect(train.kind == .cifar100)
        #expect((0..<2).map(train.label) == [99, 0])
        #expect(try train.image(1) == Self.expectedImage(1))
        // Without a file of names classes are called by their numbers.
        #expect(train.classes == (0..<100).map(String.init))
        let test = try CIFARDataset(path: folder.path, split: .test)
        #expect(test.label(0) == 42)
        #expect(try test.image(0) == Self.expectedImage(2))

        let names = (0..<100).map { "fine \($0)" }
        _ = try folder.file("fine_label_names.txt", Array(names.joined(separator: "\r\n").utf8))
        #expect(try CIFARDataset(path: folder.path, split: .test).classes == names)
    }

    @Test func foldersAbove() throws {
        let folder = try TemporaryFolder()
        try CIFARFixture.write10(folder, "cifar-10-batches-bin/")
        let set = try CIFARDataset(path: folder.path, split: .train)
        #expect(set.path == folder.file("cifar-10-batches-bin"))
        #expect(set.count == 8)
        try CIFARFixture.write100(folder, "cifar-100-binary/")
        #expect(
            throws: DatasetError.severalDatasets(
                path: folder.path, folders: ["cifar-10-batches-bin", "cifar-100-binary"])
        ) { try CIFARDataset(path: folder.path, split: .train) }
        #expect(try CIFARDataset(path: folder.file("cifar-100-binary"), split: .train).kind == .cifar100)
    }

    @Test func missingFiles() throws {
        let folder = try TemporaryFolder()
        try CIFARFixture.write10(folder)
        for name in ["data_batch_2.bin", "data_batch_4.bin", "test_batch.bin"] {
            try FileManager.default.removeItem(atPath: folder.file(name))
        }
        let files = ["data_batch_2.bin", "data_batch_4.bin"]
        #expect(throws: DatasetError.missingFiles(path: folder.path, files: files)) {
            try CIFARDataset(path: folder.path, split: .train)
        }
        #expect(throws: DatasetError.missingFiles(path: folder.path, files: ["test_batch.bin"])) {
            try CIFARDataset(path: folder.path, split: .test)
        }
        let empty = try TemporaryFolder()
        #expect(try CIFARFiles(in: FileTree(empty.path)) == nil)
        #expect(throws: DatasetError.missingFiles(path: empty.path, files: ["test_batch.bin"])) {
            try CIFARDataset(path: empty.path, split: .test)
        }
    }

    @Test(arguments: [0, 1, 3072, 3072 + 3073, 2 * 3073 + 1])
    func truncatedFiles(_ bytes: Int) throws {
        let folder = try TemporaryFolder()
        try CIFARFixture.write10(folder)
        let path = try folder.file("data_batch_3.bin", [UInt8](repeating: 1, count: bytes))
        #expect(throws: DatasetError.incompleteRecords(path: path, bytes: bytes, recordSize: 3073)) {
            try CIFARDataset(path: folder.path, split: .train)
        }
        #expect(try CIFARDataset(path: folder.path, split: .test).count == 4)
    }

    @Test func labelsThatAreNoClasses() throws {
        let folder = try TemporaryFolder()
        try CIFARFixture.write10(folder)
        let path = try folder.file("data_batch_5.bin", [9] + CIFARFixture.samples(0) + [10] + CIFARFixture.samples(1))
        #expect(throws: DatasetError.labelOutOfRange(path: path, record: 1, label: 10, classes: 10)) {
            try CIFARDataset(path: folder.path, split: .train)
        }
        let hundred = try TemporaryFolder()
        try CIFARFixture.write100(hundred)
        // The coarse label does not matter.
        let coarse = try hundred.file("train.bin", [255, 99] + CIFARFixture.samples(0))
        #expect(try CIFARDataset(path: hundred.path, split: .train).label(0) == 99)
        _ = try hundred.file("train.bin", [0, 100] + CIFARFixture.samples(0))
        #expect(throws: DatasetError.labelOutOfRange(path: coarse, record: 0, label: 100, classes: 100)) {
            try CIFARDataset(path: hundred.path, split: .train)
        }
    }

    @Test(arguments: [("a\nb\nc\n", 3), (Array(repeating: "same", count: 10).joined(separator: "\n"), 1)])
    func wrongClassNames(_ text: String, _ found: Int) throws {
        let folder = try TemporaryFolder()
        try CIFARFixture.write10(folder)
        let path = try folder.file("batches.meta.txt", Array(text.utf8))
        #expect(throws: DatasetError.wrongClassNames(path: path, found: found, expected: 10)) {
            try CIFARDataset(path: folder.path, split: .train)
        }
    }

    // MARK: The version for Python

    private static let python = Fixtures.path("cifar-10-batches-py")

    /// ImageResult i of the fixture is of class i % 10, and its samples are 20 times that and a pattern of seven.
    @Test(arguments: ["folder", "folder above", "tar", "tar.gz"])
    func picklesOfCIFAR10(_ form: String) throws {
        let folder = try TemporaryFolder()
        let parent = (Self.python as NSString).deletingLastPathComponent
        var path = Self.python
        switch form {
        case "folder above":
            try FileManager.default.copyItem(atPath: Self.python, toPath: folder.file("cifar-10-batches-py"))
            path = folder.path
        case "tar", "tar.gz":
            path = folder.file("cifar." + form)
            let options = form == "tar" ? "-cf" : "-czf"
            let packed = try ShellCommand.run(["tar", "-C", parent, options, path, "cifar-10-batches-py"])
            #expect(packed.status == 0, "\(packed.output)")
        default: break
        }
        let train = try CIFARDataset(path: path, split: .train)
        let test = try CIFARDataset(path: path, split: .test)
        #expect(train.classes == CIFARFixture.names10 && test.classes == CIFARFixture.names10)
        #expect(train.count == 10 && test.count == 2)
        #expect((0..<10).map(train.label) == Array(0..<10) && (0..<2).map(test.label) == [0, 1])
        #expect(train.name(3) == "data_batch_2:1")
        let image = try train.image(3)
        #expect(image.width == 32 && image.height == 32)
        for pixel in [0, 1, 500, 1023] {
            for channel in 0..<3 {
                #expect(image.pixels[3 * pixel + channel] == UInt8(3 * 20 + (channel * 1024 + pixel) % 7))
            }
        }
    }

    @Test func damagedPicklesAreNamed() throws {
        let folder = try TemporaryFolder()
        try FileManager.default.copyItem(atPath: Self.python, toPath: folder.file("set"))
        let whole = [UInt8](try Data(contentsOf: URL(fileURLWithPath: folder.file("set/test_batch"))))
        let notes: [[UInt8]] = [
            [], Array(whole.prefix(whole.count / 2)), Array("}.".utf8), Array("cos\nsystem\n(S'true'\ntR.".utf8),
        ]
        for bytes in notes {
            let path = try folder.file("set/test_batch", bytes)
            let error = #expect(throws: DatasetError.self) { try CIFARDataset(path: folder.file("set"), split: .test) }
            guard case .unreadable(path, _) = error else {
                Issue.record("\(String(describing: error))")
                continue
            }
        }
        #expect(try CIFARDataset(path: folder.file("set"), split: .train).count == 10)
    }
}
