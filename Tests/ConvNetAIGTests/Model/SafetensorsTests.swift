import Foundation
import TestSupport
import Testing

@testable import ConvNetAIG
@testable import Operators

@Suite struct SafetensorsTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func bytes(header: String, size: UInt64? = nil, data: [UInt8] = []) -> [UInt8] {
        withUnsafeBytes(of: (size ?? UInt64(header.utf8.count)).littleEndian) { Array($0) }
            + Array(header.utf8) + data
    }

    private func open(header: String, size: UInt64? = nil, data: Int = 0) throws -> SafetensorsFile {
        let path = try folder.file(
            "file.safetensors", bytes(header: header, size: size, data: [UInt8](repeating: 0, count: data)))
        return try SafetensorsFile(path: path)
    }

    private func problem(_ make: () throws -> Void) -> String {
        do {
            try make()
            return "no error"
        } catch let error as SafetensorsError {
            return error.description
        } catch {
            return "not a SafetensorsError: \(error)"
        }
    }

    // MARK: Memory

    /// Bytes of a mapped file that are in the process's memory.
    private func residentBytes(of path: String) throws -> Int {
        // Foundation takes this file for one of a single page.
        let file = try #require(fopen("/proc/self/smaps", "r"))
        defer { fclose(file) }
        var bytes = 0
        var isMapping = false
        while let line = readLine(of: file) {
            let fields = line.split(whereSeparator: \.isWhitespace)
            // A mapping begins with its addresses, "7f00-7f10 r--p 0 00:00 0 /path".
            if let first = fields.first, !first.hasSuffix(":") {
                isMapping = fields.last.map { $0 == path } ?? false
            } else if isMapping, fields.first == "Rss:", fields.count > 1, let size = Int(fields[1]) {
                bytes += size * 1024
            }
        }
        return bytes
    }

    private func readLine(of file: UnsafeMutablePointer<FILE>) -> String? {
        var line = [CChar](repeating: 0, count: 8192)
        guard fgets(&line, Int32(line.count), file) != nil else { return nil }
        return String(decoding: line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    @Test func releasedTensorsTakeNoMemory() throws {
        let path = folder.file("large.safetensors")
        let values = (0..<2_000_000).map { Float($0) }
        let tensor = try Tensor(shape: [values.count], values: values)
        try Safetensors.write(tensors: [("a", tensor), ("b", tensor)], to: path)
        let file = try SafetensorsFile(path: path)
        for name in ["a", "b"] {
            #expect(try file.withUnsafeFloats(name) { $0.elementsEqual(values) })
        }
        let size = 4 * values.count
        #expect(try residentBytes(of: path) >= 2 * size)
        file.releasePages(of: "a")
        let left = try residentBytes(of: path)
        #expect(left >= size && left < size + size / 10)
        file.releasePages(of: "b")
        #expect(try residentBytes(of: path) < size / 10)
        // What was released is there again when it is read.
        for name in ["a", "b"] {
            #expect(try file.withUnsafeFloats(name) { $0.elementsEqual(values) })
        }
    }

    // MARK: Reading

    @Test func fixture() throws {
        let file = try SafetensorsFile(path: Fixtures.path("aig-cifar-8.safetensors"))
        #expect(file.names.count == 78 && file.names == file.names.sorted())
        let info = try #require(file.info("weights.linear.weight"))
        #expect(info.shape == [10, 64] && info.dtype == .float32 && info.count == 640)
        let copied = try file.floats("weights.linear.weight")
        #expect(try file.withUnsafeFloats("weights.linear.weight") { Array($0) } == copied)
        #expect(try file.tensor("weights.linear.weight").shape == [10, 64])
        #expect(file.info("none") == nil)
        #expect(problem { _ = try file.floats("none") }.contains("no tensor \"none\""))
    }

    @Test func everyType() throws {
        let values: [(TensorDataType, [UInt8], Float)] = [
            (.bool, [1], 1), (.uint8, [200], 200), (.int8, [0xFE], -2), (.int16, [0xFE, 0xFF], -2),
            (.uint16, [0xFE, 0xFF], 65534), (.float16, [0x00, 0xC1], -2.5), (.bfloat16, [0x20, 0xC0], -2.5),
            (.int32, [0xFD, 0xFF, 0xFF, 0xFF], -3), (.uint32, [3, 0, 0, 0], 3),
            (.float32, [0, 0, 0x20, 0xC0], -2.5),
            (.int64, [0xFD] + [UInt8](repeating: 0xFF, count: 7), -3),
            (.uint64, [9, 0, 0, 0, 0, 0, 0, 0], 9),
            (.float64, [0, 0, 0, 0, 0, 0, 4, 0xC0], -2.5),
        ]
        // Unaligned: what comes before each tensor has an odd number of bytes in all.
        var members: [String] = []
        var data: [UInt8] = []
        for (type, bytes, _) in values {
            members.append(
                "\"\(type.rawValue)\":{\"dtype\":\"\(type.rawValue)\",\"shape\":[1],"
                    + "\"data_offsets\":[\(data.count),\(data.count + bytes.count)]}")
            data += bytes
        }
        let path = try folder.file(
            "all", bytes(header: "{" + members.joined(separator: ",") + "}", data: data))
        let file = try SafetensorsFile(path: path)
        for (type, bytes, value) in values {
            #expect(try file.floats(type.rawValue) == [value])
            #expect(try file.withUnsafeBytes(type.rawValue) { Array($0) } == bytes)
        }
        #expect(try file.withUnsafeFloats("F32") { $0[0] } == -2.5)
        #expect(problem { _ = try file.withUnsafeFloats("F16") { $0[0] } }.contains("F16"))
    }

    @Test func formsTheFormatAllows() throws {
        #expect(try open(header: "{}").names.isEmpty)
        #expect(try open(header: "{ \n}\t   ").names.isEmpty)
        #expect(
            try open(header: #"{"__metadata__":{"a\u00e4\ud83d\ude00\n":"\"\\\/"}}"#).metadata == [
                "aä😀\n": "\"\\/"
            ])
        let file = try open(
            header:
                #"{"b":{"shape":[],"data_offsets":[0,4],"dtype":"F32"},"#
                + #""e":{"dtype":"I64","shape":[3,0],"data_offsets":[4,4]}}"#,
            data: 4)
        #expect(try file.floats("b") == [0])
        #expect(try file.tensor("e").shape == [3, 0])
    }

    /// What safetensors 0.8.0 for Python was seen to take.
    @Test func formsTheReferenceTakes() throws {
        let tensor = #""dtype":"F32","shape":[2],"data_offsets":[0,8]"#
        for header in [
            #"{"__metadata__":null,"a":{\#(tensor)}}"#, #"  {"a":{\#(tensor)}}"#, "{\"a\":{\(tensor)}} \n\t\r",
            #"{"a":{"x":[1,null,{"y":-1.5e+3,"z":[[],{}]},true,false,"\u0041"],\#(tensor)}}"#,
            #"{"a":{\#(tensor),"n":1,"n":{}}}"#, #"{"a":{\#(tensor)},"a":{\#(tensor)}}"#, #"{"\u0061":{\#(tensor)}}"#,
        ] {
            let file = try open(header: header, data: 8)
            #expect(file.names == ["a"], "\(header)")
            #expect(file.info("a")?.shape == [2] && file.metadata.isEmpty)
        }
        let twice = try open(header: #"{"__metadata__":{"k":"1","k":"2"},"a":{\#(tensor)}}"#, data: 8)
        #expect(twice.metadata == ["k": "2"])
        let rank = String(repeating: "1,", count: 99) + "2"
        let deep = try open(header: #"{"a":{"dtype":"F32","shape":[\#(rank)],"data_offsets":[0,8]}}"#, data: 8)
        #expect(deep.info("a")?.shape.count == 100)
        let empty = #""z":{"dtype":"F32","shape":[0,1099511627776],"data_offsets":[0,0]}"#
        #expect(try open(header: #"{"a":{\#(tensor)},\#(empty)}"#, data: 8).floats("z").isEmpty)
        for (type, count, size) in [
            ("F8_E4M3FNUZ", 8, 8), ("F8_E5M2FNUZ", 8, 8), ("F4", 16, 8), ("F6_E2M3", 4, 3), ("F6_E3M2", 4, 3),
        ] {
            let header = #"{"a":{"dtype":"\#(type)","shape":[\#(count)],"data_offsets":[0,\#(size)]}}"#
            let file = try open(header: header, data: size)
            #expect(file.info("a")?.dtype.rawValue == type && file.info("a")?.count == count)
            #expect(problem { _ = try file.floats("a") }.contains(type))
        }
    }

    // MARK: Bad files

    @Test func filesThatAreNone() throws {
        #expect(problem { _ = try SafetensorsFile(path: folder.file("none")) }.contains("no such file"))
        #expect(problem { _ = try SafetensorsFile(path: folder.path) }.contains("directory"))
        #expect(problem { _ = try SafetensorsFile(path: "/dev/null") }.contains("not a regular file"))
        let pipe = folder.file("pipe")
        #expect(mkfifo(pipe, 0o600) == 0)
        #expect(problem { _ = try SafetensorsFile(path: pipe) }.contains("not a regular file"))
        for count in [0, 1, 7] {
            let path = try folder.file("short", [UInt8](repeating: 0, count: count))
            #expect(problem { _ = try SafetensorsFile(path: path) }.contains("it has \(count) bytes"))
        }
        #expect(problem { _ = try open(header: "") }.contains("does not start with"))
    }

    @Test func lyingHeaderSizes() {
        #expect(problem { _ = try open(header: "{}", size: 3) }.contains("only 2 follow"))
        #expect(problem { _ = try open(header: "{}", size: 100_000_000) }.contains("only 2 follow"))
        #expect(problem { _ = try open(header: "{}", size: 100_000_001) }.contains("the format allows"))
        #expect(problem { _ = try open(header: "{}", size: .max) }.contains("the format allows"))
        #expect(problem { _ = try open(header: "{}", size: 1) }.contains("ends too early"))
    }

    /// Headers over 8 bytes of data, and what the error must mention.
    @Test(arguments: [
        (#"{"a":{"dtype":"F32","shape":[3],"data_offsets":[0,8]}}"#, "takes 12 bytes"),
        (#"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,12]}}"#, "has only 8"),
        (#"{"a":{"dtype":"F32","shape":[3],"data_offsets":[0,12]}}"#, "has only 8"),
        (#"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}"#, "8 bytes follow"),
        (#"{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}"#, "gap"),
        (#"{"a":{"dtype":"F32","shape":[2],"data_offsets":[8,0]}}"#, "ends before it starts"),
        (#"{"a":{"dtype":"F32","shape":[2],"data_offsets":[-8,0]}}"#, "negative"),
        (#"{"a":{"dtype":"F32","shape":[-2],"data_offsets":[0,8]}}"#, "negative"),
        (
            #"{"a":{"dtype":"F32","shape":[4294967296,4294967296,4],"data_offsets":[0,8]}}"#,
            "impossibly large"
        ),
        (#"{"a":{"dtype":"F32","shape":[99999999999999999999],"data_offsets":[0,8]}}"#, "too large"),
        (#"{"a":{"dtype":"F32","shape":[2.0],"data_offsets":[0,8]}}"#, "lacks"),
        (#"{"a":{"dtype":"F32","shape":[02],"data_offsets":[0,8]}}"#, "leading zeros"),
        (#"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0]}}"#, "1 data_offsets"),
        (#"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8,8]}}"#, "more than 2"),
        (#"{"a":{"dtype":"F31","shape":[2],"data_offsets":[0,8]}}"#, "unknown dtype"),
        (#"{"a":{"dtype":"F32","shape":[2]}}"#, "no data_offsets"),
        (#"{"a":{"dtype":"F32","data_offsets":[0,8]}}"#, "no shape"),
        (#"{"a":{"shape":[2],"data_offsets":[0,8]}}"#, "no dtype"),
        (#"{"a":{"dtype":"F32","dtype":"F32","shape":[2],"data_offsets":[0,8]}}"#, "two dtypes"),
        (#"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8],"x":}}"#, "lacks a value"),
        (#"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8],"x":[1,}}"#, "lacks a value"),
        (#"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8],"x":{"y":1]}}"#, "lacks a comma"),
        (#"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8],"x":01}}"#, "leading zeros"),
        (#"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8],"x":nul}}"#, "lacks a value"),
        (#"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8],"x":-}}"#, "lacks a value"),
        (#"{"a":{"dtype":"F4","shape":[15],"data_offsets":[0,8]}}"#, "whole bytes"),
        (#"{"a":[]}"#, "lacks an object"),
        (
            #"{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"#
                + #""b":{"dtype":"U8","shape":[],"data_offsets":[0,1]}}"#,
            "inside the tensor before it"
        ),
        (
            #"{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"#
                + #""a":{"dtype":"U8","shape":[],"data_offsets":[1,2]}}"#,
            "twice"
        ),
        (#"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}} x"#, "more text"),
        (#"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},}"#, "lacks a string"),
        (#"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}"#, "ends too early"),
        (#"{"__metadata__":{"a":1}}"#, "lacks a string"),
        (#"{"__metadata__":{},"__metadata__":{}}"#, "two __metadata__"),
        (#"{"__metadata__":{"a":"\ud800"}}"#, "surrogate"),
        (#"{"__metadata__":{"a":"\x"}}"#, "unknown escape"),
        (#"{"__metadata__":{"a":"\u12"}}"#, "incomplete escape"),
        ("{\"__metadata__\":{\"a\":\"\n\"}}", "control character"),
        ("[]", "does not start"), (" []", "does not start"), ("{\"a", "ends inside a string"),
        ("{", "ends too early"),
    ])
    func badHeaders(header: String, mentions: String) {
        let message = problem { _ = try open(header: header, data: 8) }
        #expect(message.contains(mentions), "\(message)")
    }

    @Test func invalidUTF8() throws {
        let path = try folder.file(
            "file", bytes(header: "{\"", size: 8) + [0xFF, 0xC0, 0x22, 0x3A, 0x7B, 0x7D])
        #expect(problem { _ = try SafetensorsFile(path: path) }.contains("not UTF-8"))
    }

    @Test func deepNesting() {
        for opening in ["[", "{\"a\":", "{\"a\":{\"shape\":["] {
            let header = "{\"a\":" + String(repeating: opening, count: 200_000)
            #expect(throws: SafetensorsError.self) { try open(header: header) }
        }
        let deepShape = "{\"a\":{\"dtype\":\"F32\",\"shape\":[" + String(repeating: "[", count: 200_000)
        #expect(throws: SafetensorsError.self) { try open(header: deepShape) }
        let unknown = "{\"a\":{\"x\":"
        for opening in ["[", "{\"y\":"] {
            let header = unknown + String(repeating: opening, count: 200_000)
            #expect(problem { _ = try open(header: header) }.contains("nested too deep"))
        }
    }

    @Test func randomDamage() throws {
        let tensors = try (0..<12).map {
            (name: "tensor\($0)", tensor: try Tensor(shape: [$0, 2], repeating: 1))
        }
        let path = folder.file("good")
        try Safetensors.write(tensors: tensors, metadata: ["key": "value \u{1} ä"], to: path)
        let good = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
        var generator = SystemRandomNumberGenerator()
        var accepted = 0
        for round in 0..<3000 {
            var bad = good
            if round % 3 == 0 {
                bad.removeLast(Int.random(in: 1...good.count, using: &generator))
            } else {
                for _ in 0...(round % 4) {
                    bad[Int.random(in: bad.indices, using: &generator)] = .random(
                        in: 0...255, using: &generator)
                }
            }
            do {
                let file = try SafetensorsFile(path: try folder.file("bad", bad))
                for name in file.names where file.info(name)?.dtype == .float32 { _ = try file.floats(name) }
                accepted += 1
            } catch is SafetensorsError {
                continue
            }
        }
        // Damage to the data itself cannot be seen.
        #expect(accepted > 0)
    }

    @Test func replacedWhileOpen() throws {
        let path = folder.file("file")
        try Safetensors.write(tensors: [("a", Tensor(shape: [1000], repeating: 1))], to: path)
        let file = try SafetensorsFile(path: path)
        try Safetensors.write(tensors: [("a", Tensor(shape: [1], repeating: 2))], to: path)
        #expect(try file.floats("a") == [Float](repeating: 1, count: 1000))
        #expect(try SafetensorsFile(path: path).floats("a") == [2])
    }

    // MARK: Writing

    @Test func roundTrip() throws {
        let tensors = [
            (name: "b\"\\\n/é", tensor: try Tensor(shape: [2, 1, 3], values: [1, -2, .infinity, 4, 5, 6])),
            (name: "a", tensor: try Tensor(shape: [], values: [7])),
            (name: "empty", tensor: try Tensor(shape: [0, 4])),
        ]
        let path = folder.file("file")
        let metadata = ["k": "\u{0}\u{1F}\"é😀", "": ""]
        try Safetensors.write(tensors: tensors, metadata: metadata, to: path)
        let file = try SafetensorsFile(path: path)
        #expect(file.metadata == metadata && file.names.count == 3)
        for (name, tensor) in tensors {
            #expect(try file.tensor(name) == tensor)
            #expect(try #require(file.info(name)).byteRange.lowerBound % 4 == 0)
        }
        #expect(try folder.contents == ["file"])
    }

    @Test func failureLeavesTheOldFile() throws {
        let old = try folder.file("file", [1, 2, 3])
        let one = try Tensor(shape: [1], repeating: 1)
        struct Stop: Error {}
        #expect(
            problem { try Safetensors.write(tensors: [("a", one), ("a", one)], to: old) }.contains("twice"))
        #expect(
            problem { try Safetensors.write(tensors: [("__metadata__", one)], to: old) }.contains("reserved"))
        #expect(throws: SafetensorsError.self) {
            try Safetensors.write(entries: [("a", [1]), ("b", [1])], metadata: [:], to: old) { index, body in
                if index == 1 { throw Stop() }
                try one.withUnsafeFloats(body)
            }
        }
        #expect(try Data(contentsOf: URL(fileURLWithPath: old)) == Data([1, 2, 3]))
        #expect(try folder.contents == ["file"])
        #expect(
            problem { try Safetensors.write(tensors: [("a", one)], to: folder.file("none/file")) }
                .contains("no such file"))
        #expect(
            problem { try Safetensors.write(tensors: [("a", one)], to: folder.path) }.contains("directory"))
        #expect(problem { try Safetensors.write(tensors: [("a", one)], to: "/dev/null") }.contains("regular"))
    }

    @Test func linksAndPermissionsAreKept() throws {
        let target = try folder.file("target", [1])
        #expect(chmod(target, 0o600) == 0)
        #expect(symlink(target, folder.file("link")) == 0)
        try Safetensors.write(tensors: [("a", Tensor(shape: [1]))], to: folder.file("link"))
        #expect(try SafetensorsFile(path: target).names == ["a"])
        var status = stat()
        #expect(stat(target, &status) == 0 && status.st_mode & 0o777 == 0o600)
        #expect(try folder.contents == ["link", "target"])
    }
}
