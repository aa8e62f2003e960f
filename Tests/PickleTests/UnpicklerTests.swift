import FileSystem
import Testing

@testable import Pickle

/// What Python wrote, see Tests/Fixtures/make_checkpoints.py.
@Suite struct UnpicklerTests {
    @Test(arguments: 0...5)
    func plainValues(_ version: Int) throws {
        let values = try PickleFixtures.read("values-\(version)")
        #expect(try #require(values["none"]).isNone)
        #expect(values["true"]?.boolean == true)
        #expect(values["false"]?.boolean == false)
        let integers = [
            "small": 7, "byte": 200, "word": 60000, "negative": -5, "int32": -2_147_483_648, "int64": 1 << 62,
            "lowest": Int.min,
        ]
        for (key, expected) in integers { #expect(values[key]?.integer == expected, "\(key)") }
        #expect(values["large"] != nil && values["large"]?.integer == nil)
        #expect(values["pi"]?.number == 3.141592653589793)
        #expect(values["infinite"]?.number == .infinity)
        #expect(values["text"]?.text == "naïve ☃ 😀\n\\u")
        #expect(values["long text"]?.text == String(repeating: "x", count: 300))
        #expect(values["bytes"]?.bytes == [0, 255, 39, 34, 92, 10])
        #expect(values["long bytes"]?.bytes == (0..<512).map { UInt8($0 % 256) })
        #expect(values["bytearray"]?.bytes == Array("abc".utf8))
        #expect(
            values["empty"]?.elements?.map { $0.elements?.count ?? $0.pairs?.count ?? $0.bytes?.count } == [
                0, 0, 0, nil, 0,
            ])
        #expect(values["empty"]?.elements?[3].text?.isEmpty == true)
        #expect(values["tuple"]?.integers == [1, 2, 3])
        #expect(values["tuple4"]?.integers == [1, 2, 3, 4])
        #expect(values["set"]?.integers == [5])
        #expect(values["frozen"]?.integers == [6])
        #expect(values["list"]?.integers == [0, 1, 2, 3, 4])
        #expect(values["nested"]?.elements?[0].elements?[0].elements?[0].texts == ["deep"])
        #expect(values["shared"]?.elements?.map(\.texts) == [["shared"], ["shared"]])
        #expect(values["ordered"]?.pairs?.map(\.key.text) == ["b", "a"])
        #expect(values["ordered"]?["a"]?.integer == 2)
        #expect(values["default"]?["k"]?.integers == [1])
        #expect(values.pairs?.contains { $0.key.integer == 3 && $0.value.text == "a number as the key" } == true)
    }

    @Test(arguments: 0...5)
    func arrays(_ version: Int) throws {
        let values = try PickleFixtures.read("arrays-\(version)")
        func array(_ key: String) throws -> NumPyArray { try #require(values[key]).array() }
        let float = try array("float32")
        #expect(float.shape == [2, 3] && float.count == 6 && !float.isFortranOrder)
        #expect(float.type == NumPyArray.ElementType(kind: .float, byteCount: 4))
        #expect(float.withUnsafeBytes { Array($0.bindMemory(to: Float.self)) } == [0, 1, 2, 3, 4, 5])
        let fortran = try array("fortran")
        #expect(fortran.shape == [2, 3] && fortran.isFortranOrder)
        // Protocol 5 hands over the memory as it is too.
        #expect(fortran.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: 8, as: Int64.self) } == 3)
        #expect(try array("big").type.isBigEndian)
        #expect(values["big"]?.integers == [0, 1, 2])
        #expect(values["bool"]?.integers == [1, 0])
        #expect(try array("zero-dimensional").shape.isEmpty)
        #expect(try array("empty").shape == [0, 4])
        #expect(throws: PickleError.self) { try #require(values["scalar"]).array() }
    }

    @Test(arguments: ["0", "2", "4", "python2"])
    func batchOfCIFAR(_ kind: String) throws {
        let batch = try PickleFixtures.read("cifar-\(kind)")
        let data = try #require(batch["data"]).array()
        #expect(data.shape == [2, 12])
        #expect(data.type == NumPyArray.ElementType(kind: .unsigned, byteCount: 1))
        #expect(data.withUnsafeBytes { Array($0) } == (0..<24).map { UInt8($0 * 10) })
        #expect(batch["fine_labels"]?.integers == [19, 29])
        #expect(batch["filenames"]?.texts?.last == "camion_s_000148.png")
        #expect(batch["labels"] == nil)
    }

    @Test func laterKeyCounts() throws {
        let value = try Unpickler.read(instruction("}(U\u{1}aK\u{1}U\u{1}aK\u{2}u."), name: "twice")
        #expect(value["a"]?.integer == 2)
    }

    @Test func picklesOneAfterAnother() throws {
        let bytes = instruction("K\u{1}.K\u{2}.")
        let file = MappedFile(copying: bytes)
        let first = try Unpickler.read(file, name: "two")
        #expect(first.value.integer == 1 && first.end == 3)
        let second = try Unpickler.read(file, at: first.end, name: "two")
        #expect(second.value.integer == 2 && second.end == bytes.count)
    }
}
