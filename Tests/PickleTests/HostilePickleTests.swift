import Foundation
import Testing

@testable import Pickle

/// Files that were made to do harm, or that are damaged.
@Suite struct HostilePickleTests {
    private func read(_ bytes: [UInt8]) throws -> PickleValue { try Unpickler.read(bytes, name: "hostile.pth") }

    private func problem(_ bytes: [UInt8]) -> String {
        do {
            _ = try read(bytes)
            return "nothing"
        } catch {
            return "\(error)"
        }
    }

    @Test(arguments: [
        ("cos\nsystem\n(S'touch made'\ntR.", "os.system"),
        ("cposix\nsystem\n.", "posix.system"),
        ("c__builtin__\neval\n(S'1'\ntR.", "__builtin__.eval"),
        ("cbuiltins\ngetattr\n.", "builtins.getattr"),
        ("(S'ls'\nios\nsystem\n.", "os.system"),
        ("(cos\nsystem\nS'ls'\no.", "os.system"),
        ("\u{8C}\u{2}os\u{8C}\u{6}system\u{93}.", "os.system"),
        ("ctorch.storage\n_load_from_bytes\n(S'x'\ntR.", "torch.storage._load_from_bytes"),
        ("ctorch\nload\n.", "torch.load"),
        ("cnumpy\nload\n.", "numpy.load"),
    ])
    func nothingElseIsReferredTo(_ program: String, _ name: String) {
        // Each character is a byte.
        let bytes = program.unicodeScalars.map { UInt8($0.value) }
        #expect(throws: PickleError.forbiddenGlobal(source: "hostile.pth", name: name)) { try read(bytes) }
        #expect(problem(bytes).contains("it refers to \(name), which is not a part of weights; nothing of it was run"))
        #expect(!FileManager.default.fileExists(atPath: "made"))
    }

    @Test func deepNesting() throws {
        let depth = 100_000
        let lists = instructions(
            [UInt8](repeating: UInt8(ascii: "]"), count: depth),
            [UInt8](repeating: UInt8(ascii: "a"), count: depth - 1), [46])
        #expect(try read(lists).elements?.count == 1)
        let tuples = instructions([0x29], [UInt8](repeating: 0x85, count: depth), [46])
        var value = try read(tuples)
        var found = 0
        while let inner = value.elements?.first {
            value = inner
            found += 1
        }
        #expect(found == depth)
        let marks = [UInt8](repeating: UInt8(ascii: "("), count: depth)
        #expect(
            try read(instructions(marks, [UInt8](repeating: UInt8(ascii: "t"), count: depth), [46])).elements?.count
                == 1)
    }

    /// Every level refers to the one below ten times: 10^100 values, if they were copied.
    @Test func sharedValuesAreThereOnce() throws {
        var program = instruction("]q\u{0}")
        for level in 0..<100 {
            program += instruction("](") + (0..<10).flatMap { _ in [UInt8(ascii: "h"), UInt8(level)] }
            program += instruction("eq") + [UInt8(level + 1)]
        }
        let value = try read(program + [46])
        #expect(value.elements?.count == 10)
        #expect(value.document.nodes.count < 200)
    }

    @Test func copiesAreCounted() {
        // A list of 100,000 values, of which 1000 lists are made.
        var program =
            instruction("](") + [UInt8](repeating: UInt8(ascii: "N"), count: 100_000) + instruction("eq\u{0}0")
        program += instruction("cbuiltins\nlist\nq\u{1}0")
        for _ in 0..<1000 { program += instruction("h\u{1}h\u{0}") + [0x85] + instruction("R0") }
        #expect(throws: PickleError.tooManyValues(source: "hostile.pth", limit: Unpickler.maximumValues)) {
            try read(program + instruction("N."))
        }
    }

    @Test func bytesOfOneTextAreMadeOnce() throws {
        let text = [UInt8](repeating: UInt8(ascii: "x"), count: 10_000)
        var program = instruction("X") + littleEndian(UInt32(text.count)) + text + instruction("q\u{0}0")
        program += instruction("c_codecs\nencode\nq\u{1}0](")
        for _ in 0..<1000 { program += instruction("h\u{1}h\u{0}") + [0x85] + instruction("R") }
        let value = try read(program + instruction("e."))
        #expect(value.elements?.count == 1000)
        #expect(Set((value.elements ?? []).map(\.index)).count == 1)
    }

    @Test func valuesThatContainThemselves() throws {
        let list = try read(instruction("]q\u{0}h\u{0}a."))
        #expect(list.elements?.first?.index == list.index)
        let dictionary = try read(instruction("}q\u{0}U\u{1}ah\u{0}s."))
        #expect(dictionary["a"]?["a"]?["a"]?.index == dictionary.index)
        // A tensor of its own class, whose plain tensor is made by the same call.
        let call = "ctorch._tensor\n_rebuild_from_type_v2\nq\u{0}"
        #expect(throws: PickleError.self) {
            try read(instruction(call) + instruction("(h\u{0}N)NtR."))
        }
    }

    @Test(arguments: [
        [0x8B] + littleEndian(Int32.max), [0x8B] + littleEndian(Int32(-1)), [0x8D] + littleEndian(UInt64(1) << 62),
        [0x8E] + littleEndian(UInt64.max), [0x96] + littleEndian(UInt64(1) << 62), [0x58] + littleEndian(UInt32.max),
        [0x42] + littleEndian(UInt32.max), [0x54] + littleEndian(Int32.min), [0x55, 200, 1], [0x8A, 255, 0],
    ])
    func impossibleLengths(_ bytes: [UInt8]) {
        #expect(throws: PickleError.self) { try read(bytes + [46]) }
    }

    @Test(arguments: [
        "", "]", ".", "h\u{5}.", "0.", "1.", "t.", "(u.", "K\u{1}K\u{2}a.", "}(K\u{1}u.", "Iabc\n.", "L12x\n.", "Fx\n.",
        "Sabc\n.", "S'a\\x1'\n.", "V\\u12\n.", "g1\n.", "gx\n.", "p-1\n.", "K\u{1})R.",
        "ccollections\nOrderedDict\nK\u{1}R.",
        "K\u{1}}b.", "N(.", "\u{1}", "}K\u{1}K\u{2}e.", "](.", "cnumpy\nndarray\n)R.",
        "c_codecs\nencode\n(V\\u2603\ntR.", "ccollections\nOrderedDict\n(K\u{1}tR.",
        "ccollections\nOrderedDict\n((K\u{1}ttR.", "]K\u{1}",
    ])
    func brokenPrograms(_ program: String) {
        #expect(throws: PickleError.self) { try read(instruction(program)) }
    }

    @Test(arguments: [
        [0x80, 6, 0x4E, 46], [0x82, 1, 46], [0x83, 1, 0, 46], [0x84, 1, 0, 0, 0, 46], [0x97, 46], [0x98, 46],
    ])
    func whatIsNotRead(_ bytes: [UInt8]) { #expect(throws: PickleError.self) { try read(bytes) } }

    /// Every prefix of what Python wrote, and every byte of it replaced by some others, is read or an error.
    @Test(arguments: ["values-0", "values-4", "arrays-2", "arrays-5"])
    func damagedFiles(_ name: String) throws {
        let whole = try [UInt8](Data(contentsOf: URL(fileURLWithPath: PickleFixtures.path(name))))
        for count in 0..<whole.count {
            #expect(throws: PickleError.self) { try read(Array(whole.prefix(count))) }
        }
        for position in whole.indices {
            for byte in [0x2E, 0x52, 0xFF, whole[position] ^ 1] as [UInt8] {
                var bytes = whole
                bytes[position] = byte
                guard let value = try? read(bytes) else { continue }
                for pair in value.pairs ?? [] { _ = try? pair.value.array() }
            }
        }
    }

    @Test func shapesAndBytesOfArraysAreChecked() throws {
        // As numpy writes arrays, with a shape and bytes of one's own.
        func array(shape: [UInt8], type: String, bytes: Int) -> [UInt8] {
            let dtype =
                instruction("cnumpy\ndtype\n(U") + [UInt8(type.utf8.count)] + instruction(type) + instruction("tR")
            return instruction("cnumpy.core.multiarray\n_reconstruct\n(cnumpy\nndarray\n(K\u{0}tU\u{1}btR(K\u{1}(")
                + shape
                + instruction("t") + dtype + [0x89] + instruction("U") + [UInt8(bytes)]
                + [UInt8](repeating: 0, count: bytes) + instruction("tb.")
        }
        let extent = { (value: Int64) in [0x8A, 8] + littleEndian(value) }
        #expect(try read(array(shape: extent(2), type: "f4", bytes: 8)).array().shape == [2])
        for (shape, type, bytes) in [
            (extent(2), "f4", 7), (extent(3), "f4", 8), (extent(-1), "f4", 8), (extent(1 << 62) + extent(4), "f4", 0),
            (extent(1), "O8", 8), (extent(1), "V8", 8), (extent(1), "f", 8), (extent(1), "f3", 3), (extent(1), "", 1),
            (instruction("N"), "f4", 8),
        ] {
            #expect(throws: PickleError.self, "\(shape) \(type)") {
                try read(array(shape: shape, type: type, bytes: bytes)).array()
            }
        }
    }
}
