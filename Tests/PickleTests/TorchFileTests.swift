import FileSystem
import Foundation
import TestSupport
import Testing

@testable import Pickle

@Suite struct TorchFileTests {
    private func fixture(_ name: String) throws -> TorchFile {
        try TorchFile(path: Fixtures.path("checkpoints/\(name)"))
    }

    private func read(_ bytes: [UInt8]) throws -> TorchFile {
        try TorchFile(path: "made.pth", file: MappedFile(copying: bytes))
    }

    private func problem(_ bytes: [UInt8]) -> String {
        do {
            _ = try read(bytes)
            return "nothing"
        } catch {
            return "\(error)"
        }
    }

    // MARK: What PyTorch wrote, see Tests/Fixtures/make_checkpoints.py

    @Test(arguments: ["views-zip.pth", "views-legacy.pth", "views-big.pth"])
    func tensorsOfAnyStrides(_ name: String) throws {
        let file = try fixture(name)
        func values(_ name: String) throws -> ([Int], [Float]) {
            let tensor = try #require(file.tensors[name]).get()
            // Both ways of reading are the same.
            #expect(try tensor.withUnsafeFloats { Array($0) } == tensor.floats())
            return (tensor.shape, try tensor.floats())
        }
        let matrix = (0..<12).map { Float($0) }
        #expect(try values("whole") == ([3, 4], matrix))
        #expect(try values("transposed") == ([4, 3], [0, 4, 8, 1, 5, 9, 2, 6, 10, 3, 7, 11]))
        #expect(try values("column") == ([3], [1, 5, 9]))
        #expect(try values("part") == ([2, 2], [6, 7, 10, 11]))
        #expect(try values("expanded") == ([2, 4], [0, 1, 2, 3, 0, 1, 2, 3]))
        #expect(try values("parameter") == ([3, 4], matrix.map { 2 * $0 }))
        #expect(try values("scalar") == ([], [2.5]))
        #expect(try values("empty") == ([0, 3], []))
        #expect(try values("channels last") == ([1, 2, 3, 4], (0..<24).map { Float($0) }))
        #expect(file.tensors.count == 9)
    }

    @Test(arguments: ["types-zip.pth", "types-legacy.pth"])
    func types(_ name: String) throws {
        let file = try fixture(name)
        for (type, tensor) in file.tensors {
            let tensor = try tensor.get()
            #expect(tensor.type.rawValue == type)
            #expect(tensor.shape == [4])
            switch type {
            case "bool": #expect(try tensor.floats() == [0, 1, 1, 1])
            case "complex64", "float8_e5m2": #expect(throws: TorchTensor.Problem.self) { try tensor.floats() }
            default: #expect(try tensor.floats() == [0, 1, 2, 100], "\(type)")
            }
        }
        #expect(file.tensors.count == (name == "types-zip.pth" ? 15 : 11))
    }

    @Test(arguments: ["others-zip.pth", "others-legacy.pth"])
    func tensorsOfOtherKindsAreNamed(_ name: String) throws {
        let file = try fixture(name)
        func problem(_ name: String) throws -> String {
            guard case .failure(let problem) = try #require(file.tensors[name]) else { return "nothing" }
            return problem.text
        }
        #expect(try problem("sparse").contains("sparse"))
        #expect(try problem("quantized").contains("quantized"))
        #expect(try problem("meta").contains("meta"))
        #expect(try #require(file.tensors["fine"]).get().floats().count == 12)
    }

    @Test func arraysOfNumPy() throws {
        let file = try fixture("arrays.pickle")
        func values(_ name: String) throws -> [Float] { try #require(file.tensors[name]).get().floats() }
        #expect(try values("c") == [0, 1, 2, 3, 4, 5])
        #expect(try values("f") == [0, 1, 2, 3, 4, 5])
        #expect(try values("h") == [1.5])
        #expect(try values("i") == [3])
    }

    @Test func namesAreKeysWithDots() throws {
        let names = try fixture("tiny-checkpoint.pth.tar").tensors.keys
        #expect(names.contains("state_dict.module.layer2.0.shortcut.1.running_var"))
        #expect(names.contains("best_acc1"))
        // The optimizer's state goes by numbers.
        #expect(!names.contains { $0.hasPrefix("optimizer") })
    }

    @Test func wholeModelsAreNotRead() throws {
        #expect(
            throws: PickleError.forbiddenGlobal(
                source: Fixtures.path("checkpoints/tiny-whole-model.pth"), name: "__main__.Network")
        ) { try fixture("tiny-whole-model.pth") }
    }

    // MARK: Made here

    @Test func largeArchives() throws {
        let pickle = TorchArchiveBytes.pickle(shape: [2, 2], strides: [2, 1])
        for isLarge in [false, true] {
            let file = try read(TorchArchiveBytes.archive(pickle: pickle, isLarge: isLarge))
            #expect(try #require(file.tensors["a"]).get().floats() == [0, 1, 2, 3])
        }
        // A comment after the end does no harm.
        var commented = TorchArchiveBytes.archive(pickle: pickle)
        commented[commented.count - 2] = 5
        #expect(try read(commented + Array("hello".utf8)).tensors.count == 1)
    }

    @Test func byteOrders() throws {
        let pickle = TorchArchiveBytes.pickle(shape: [4], strides: [1])
        #expect(
            try read(TorchArchiveBytes.archive(pickle: pickle, order: "little")).tensors["a"]?.get().floats()[1] == 1)
        let swapped = try read(TorchArchiveBytes.archive(pickle: pickle, order: "big")).tensors["a"]?.get().floats()
        #expect(swapped?[1] == Float(bitPattern: Float(1).bitPattern.byteSwapped))
        #expect(problem(TorchArchiveBytes.archive(pickle: pickle, order: "middle")).contains("byte order"))
    }

    @Test(arguments: [
        ([5], [1], 0), ([4], [1], 1), ([2, 2], [3, 1], 0), ([4], [2], 0), ([-1], [1], 0), ([4], [-1], 3),
        ([4], [1], -1),
        ([1 << 62], [1], 0), ([1 << 62, 8], [0, 0], 0), ([1 << 40, 1 << 40], [0, 0], 0), ([2, 2], [1], 0),
        ([2], [Int.max], 0), ([1], [1], Int.max), ([1 << 50], [0], 0), ([2], [1], Int.max),
    ])
    func valuesBeyondTheStorage(_ shape: [Int], _ strides: [Int], _ offset: Int) throws {
        let pickle = TorchArchiveBytes.pickle(offset: offset, shape: shape, strides: strides)
        let file = try read(TorchArchiveBytes.archive(pickle: pickle))
        #expect(throws: TorchTensor.Problem.self) { try #require(file.tensors["a"]).get() }
    }

    /// The extents and strides beside a zero are never multiplied.
    @Test(arguments: [
        ([0, 4, 1 << 62], [1, 1 << 62, 1]), ([1 << 62, 1 << 62, 0], [Int.max, Int.max, Int.max]), ([0], [0]),
    ])
    func noValues(_ shape: [Int], _ strides: [Int]) throws {
        let pickle = TorchArchiveBytes.pickle(offset: Int.max, shape: shape, strides: strides)
        let tensor = try #require(try read(TorchArchiveBytes.archive(pickle: pickle)).tensors["a"]).get()
        #expect(tensor.count == 0 && tensor.byteRange == nil)
        #expect(try tensor.floats().isEmpty)
        #expect(try tensor.withUnsafeFloats { $0.isEmpty })
    }

    @Test func storagesThatAreNotThere() throws {
        for pickle in [
            TorchArchiveBytes.pickle(key: "1", shape: [4], strides: [1]),
            TorchArchiveBytes.pickle(key: "../x/data/0/", shape: [4], strides: [1]),
            TorchArchiveBytes.pickle(storage: "torch\nDoubleStorage", shape: [4], strides: [1]),
            TorchArchiveBytes.pickle(storage: "torch.storage\nUntypedStorage", shape: [4], strides: [1]),
            TorchArchiveBytes.pickle(storage: "collections\nOrderedDict", shape: [4], strides: [1]),
        ] {
            let file = try read(TorchArchiveBytes.archive(pickle: pickle))
            #expect(throws: TorchTensor.Problem.self) { try #require(file.tensors["a"]).get() }
        }
        #expect(
            throws: PickleError.forbiddenGlobal(source: "made.pth", name: "os.system")
        ) {
            try read(
                TorchArchiveBytes.archive(
                    pickle: TorchArchiveBytes.pickle(storage: "os\nsystem", shape: [4], strides: [1])))
        }
    }

    @Test func archivesOfOtherKinds() throws {
        let pickle = TorchArchiveBytes.pickle(shape: [4], strides: [1])
        #expect(
            problem(TorchArchiveBytes.zip([("x/data.pkl", pickle)], method: 8))
                .contains("compressed entries are not read; save it anew with torch.save"))
        #expect(problem(TorchArchiveBytes.zip([("word/document.xml", [1])])).contains("without a data.pkl"))
        #expect(problem(TorchArchiveBytes.zip([])).contains("without a data.pkl"))
        let program = TorchArchiveBytes.zip([("x/data.pkl", pickle), ("x/constants.pkl", [])])
        #expect(problem(program).contains("TorchScript"))
        var tar = [UInt8](repeating: 0, count: 1024)
        tar.replaceSubrange(257..<262, with: Array("ustar".utf8))
        #expect(problem(tar).contains("tar archive"))
        #expect(problem([]).contains("cut short"))
    }

    /// Dictionaries in one another, deeper than is looked into, and one that contains itself.
    @Test func nestedDictionaries() throws {
        let deep =
            (0..<100_000).flatMap { _ in instruction("}U\u{1}a") } + instruction("N")
            + [UInt8](repeating: UInt8(ascii: "s"), count: 100_000) + instruction(".")
        #expect(try read(TorchArchiveBytes.archive(pickle: deep)).tensors.isEmpty)
        let loop = instruction("}q\u{0}U\u{1}ah\u{0}s.")
        #expect(try read(TorchArchiveBytes.archive(pickle: loop)).tensors.isEmpty)
    }

    /// Every prefix of a file is an error, and any byte that is changed is an error or does no harm.
    @Test(arguments: ["views-zip.pth", "views-legacy.pth", "others-zip.pth"])
    func damagedFiles(_ name: String) throws {
        let whole = try [UInt8](Data(contentsOf: URL(fileURLWithPath: Fixtures.path("checkpoints/\(name)"))))
        for count in stride(from: 0, to: whole.count, by: 7) {
            #expect(throws: (any Error).self, "\(count)") { try read(Array(whole.prefix(count))) }
        }
        for position in whole.indices {
            for byte in [0, 0xFF, whole[position] ^ 1] as [UInt8] {
                var bytes = whole
                bytes[position] = byte
                guard let file = try? read(bytes) else { continue }
                for case .success(let tensor) in file.tensors.values where tensor.count < 10_000 {
                    _ = try? tensor.floats()
                }
            }
        }
    }
}
