import ConvNetAIG
import Foundation
import TestSupport
import Testing

/// Whatever is wrong with files and values, `aig run` says so in one message, fails, and writes nothing.
@Suite(.serialized, .timeLimit(.minutes(10))) struct RunFailureTests {
    private let fixture: NetworkFixture
    private let earlier: [UInt8] = Array("what was there before".utf8)

    init() throws {
        fixture = try NetworkFixture()
        _ = try fixture.folder.file("output.safetensors", earlier)
    }

    /// Runs with replaced or added options, and expects the failure.
    private func expectFailure(
        _ options: [String: String], status: Int32 = 1, saying fragments: [String],
        environment: [String: String] = [:], isLimited: Bool = false,
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        let standard = [
            "--weights": fixture.weights, "--input": fixture.input, "--output": fixture.output,
            "--backend": "reference",
        ]
        let arguments = standard.merging(options) { _, new in new }.sorted { $0.key < $1.key }.flatMap {
            [$0.key, $0.value]
        }
        let before = try fixture.folder.contents
        let outcome = try await AIGProcess.run(
            ["run"] + arguments, environment: environment, isLimited: isLimited)
        #expect(outcome.status == status, "\(outcome.errors)", sourceLocation: sourceLocation)
        #expect(outcome.errors.hasPrefix("Error: "), sourceLocation: sourceLocation)
        #expect(outcome.errorCount == 1, "\(outcome.errors)", sourceLocation: sourceLocation)
        #expect(outcome.output.isEmpty, sourceLocation: sourceLocation)
        for fragment in fragments {
            #expect(
                outcome.errors.contains(fragment), "'\(fragment)' is not in: \(outcome.errors)",
                sourceLocation: sourceLocation)
        }
        #expect(
            try [UInt8](Data(contentsOf: URL(fileURLWithPath: fixture.output))) == earlier,
            sourceLocation: sourceLocation)
        #expect(try fixture.folder.contents == before, sourceLocation: sourceLocation)
    }

    private func bytes(_ path: String) throws -> [UInt8] {
        [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
    }

    @Test(arguments: ["--weights", "--input"])
    func damagedFiles(_ option: String) async throws {
        let path = option == "--weights" ? fixture.weights : fixture.input
        let whole = try bytes(path)
        for (name, contents) in [
            ("empty", []), ("short", Array(whole.prefix(5))), ("header", Array(whole.prefix(60))),
            ("truncated", Array(whole.dropLast(7))), ("longer", whole + [0, 0, 0, 0]),
            ("junk", [UInt8](repeating: 0xFF, count: 200)),
            ("text", Array("not a tensor in sight, just text".utf8)),
        ] {
            let damaged = try fixture.folder.file("\(name).bin", contents)
            try await expectFailure([option: damaged], saying: [damaged, "not a valid safetensors file"])
        }
    }

    @Test(arguments: ["--weights", "--input"])
    func filesThatCannotBeRead(_ option: String) async throws {
        let missing = fixture.folder.file("missing.safetensors")
        try await expectFailure([option: missing], saying: [missing, "no such file"])
        try await expectFailure([option: fixture.folder.path], saying: [fixture.folder.path, "directory"])
        try await expectFailure([option: "/dev/null"], saying: ["/dev/null", "not a regular file"])
        try await expectFailure([option: ""], saying: ["cannot be read"])
    }

    @Test func inputsOfWrongShape() async throws {
        for (shape, fragment) in [
            ([0, 3, 32, 32], "no images"), ([2, 3, 0, 32], "no images"), ([3, 32, 32], "images x channels"),
            ([2, 1, 32, 32], "1 channel"), ([2, 3, 1, 20_000], "20000"), ([], "images x channels"),
        ] {
            let input = try fixture.tensorFile(shape: shape)
            try await expectFailure(["--input": input], saying: [fragment])
        }
        let other = try fixture.tensorFile("images", shape: [1, 3, 32, 32])
        try await expectFailure(["--input": other], saying: [other, "\"input\"", "images"])
        // The weights' file has tensors, but not that one.
        try await expectFailure(["--input": fixture.weights], saying: ["\"input\"", "conv1.weight"])
    }

    @Test(arguments: [Float.nan, .infinity, -.infinity])
    func inputsThatAreNotFinite(_ value: Float) async throws {
        var values = [Float](repeating: 0, count: 3 * 3 * 32 * 32)
        values[2 * 3 * 32 * 32 + 5] = value
        let input = fixture.folder.file("not-finite.safetensors")
        try Safetensors.write(
            tensors: [("input", try Tensor(shape: [3, 3, 32, 32], values: values))], to: input)
        for batch in ["1", "3"] {
            try await expectFailure(
                ["--input": input, "--batch": batch], saying: [input, "image 2", "finite"])
        }
    }

    @Test func inputsOfOtherTypes() async throws {
        let header = #"{"input":{"dtype":"F16","shape":[1,3,32,32],"data_offsets":[0,6144]}}"#
        let size = withUnsafeBytes(of: UInt64(header.utf8.count).littleEndian) { [UInt8]($0) }
        let input = try fixture.folder.file(
            "half.safetensors", size + Array(header.utf8) + [UInt8](repeating: 0, count: 6144))
        try await expectFailure(["--input": input], saying: [input, "F16", "float32"])
    }

    @Test func weightsThatDoNotFit() async throws {
        try await expectFailure(
            ["--architecture": "convnet-aig-cifar-20"],
            saying: [fixture.weights, "convnet-aig-cifar-20", "Missing", "use that architecture"])
        try await expectFailure(["--architecture": "resnet-cifar-8"], saying: ["Unexpected", "fc1"])
        try await expectFailure(
            ["--architecture": "convnet-aig-cifar-8", "--classes": "100"], saying: ["linear.bias", "100"])
        let incomplete = fixture.folder.file("incomplete.safetensors")
        let tensors = try Weights(path: fixture.weights).tensors().filter { $0.key != "linear.bias" }
        try Safetensors.write(tensors: tensors.map { ($0.key, $0.value) }, to: incomplete)
        try await expectFailure(
            ["--weights": incomplete], saying: [incomplete, "--architecture", "it is like convnet-aig-cifar-8"])
        let notFinite = try Weights(path: fixture.weights).tensors().merging(
            ["linear.bias": try Tensor(shape: [10], repeating: .nan)]) { _, new in new }
        let path = fixture.folder.file("nan.safetensors")
        try Safetensors.write(tensors: notFinite.map { ($0.key, $0.value) }, to: path)
        try await expectFailure(
            ["--weights": path, "--architecture": "convnet-aig-cifar-8"],
            saying: [path, "NaN", "linear.bias"])
    }

    @Test func architecturesThatDoNotExist() async throws {
        try await expectFailure(
            ["--architecture": "convnet-aig-51"], saying: ["\"convnet-aig-51\"", "Did you mean"])
        let missing = fixture.folder.file("missing.json")
        try await expectFailure(["--architecture": missing], saying: [missing, "no such file"])
        let malformed = try fixture.folder.file("malformed.json", Array("{\"name\": ".utf8))
        try await expectFailure(["--architecture": malformed], saying: ["JSON"])
    }

    @Test func outputsThatCannotBeWritten() async throws {
        let folder = fixture.folder.path
        try await expectFailure(
            ["--output": "\(folder)/no/y"], saying: ["\(folder)/no/y", "no folder \(folder)/no"])
        try await expectFailure(
            ["--output": "\(fixture.input)/y"], saying: ["\(fixture.input)/y", "not a folder"])
        try await expectFailure(["--output": folder], saying: [folder, "it is a directory"])
        try await expectFailure(["--output": "\(folder)/new/"], saying: ["new/", "names a folder"])
        try await expectFailure(["--output": "/dev/null"], saying: ["/dev/null", "not a regular file"])
        try await expectFailure(["--output": ""], saying: ["--output"])
        try await expectFailure(["--output": fixture.input], saying: ["same file as the input"])
        try await expectFailure(
            ["--output": "\(folder)/./weights.safetensors"], saying: ["same file as the weights"])
        let link = fixture.folder.file("link")
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: fixture.weights)
        try await expectFailure(["--output": link], saying: [link, "same file as the weights"])
    }

    @Test(.enabled(if: getuid() != 0, "root may write everywhere"))
    func folderWithoutPermission() async throws {
        let folder = fixture.folder.file("locked")
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o500])
        try await expectFailure(["--output": "\(folder)/y"], saying: ["\(folder)/y", "permission denied"])
    }

    @Test func policies() async throws {
        for policy in [
            "nonsense", "threshold:x", "mask:", "mask:012", "sample:-1", "rate:0.5:x", "argmax:1", "",
        ] {
            try await expectFailure(
                ["--policy": policy], status: 64, saying: ["'\(policy)'", "--policy", "threshold:P"])
        }
        try await expectFailure(["--policy": "threshold:1.5"], status: 64, saying: ["1.5", "0 to 1"])
        try await expectFailure(["--policy": "threshold:nan"], status: 64, saying: ["--policy"])
        // Only the file knows that the network has three gates, unless the command line says which network it
        // is.
        for policy in ["mask:01", "mask:0101", "rate:1,1"] {
            try await expectFailure(["--policy": policy], saying: ["3 gated blocks"])
            try await expectFailure(
                ["--policy": policy, "--architecture": "convnet-aig-cifar-8"], status: 64,
                saying: ["3 gated blocks"])
        }
    }

    @Test func batches() async throws {
        for batch in ["0", "-1", "x", "1.5", "99999999999999999999"] {
            try await expectFailure(["--batch": batch], status: 64, saying: ["batch"])
        }
        for backend in Fixtures.backends {
            for batch in ["100000000", "2147483647", "2147483648", "9223372036854775807"] {
                try await expectFailure(
                    ["--batch": batch, "--backend": backend], saying: ["batch", batch], isLimited: true)
            }
        }
    }

    @Test func usage() async throws {
        try await expectFailure(["--backend": "cuda"], status: 64, saying: ["cuda", "opencl"])
        try await expectFailure(["--schedule": "never"], status: 64, saying: ["never", "automatic"])
        try await expectFailure(["--precision": "double"], status: 64, saying: ["double", "half"])
        // The reference computes in floats.
        try await expectFailure(["--precision": "half"], saying: ["CPU reference", "half precision", "OpenCL"])
        try await expectFailure(["--classes": "0"], status: 64, saying: ["--classes"])
        try await expectFailure(["--unknown": "1"], status: 64, saying: ["--unknown"])
        try await expectFailure(["--weights": "random:1"], status: 64, saying: ["--architecture"])
        try await expectFailure(
            ["--weights": "random:x", "--architecture": "resnet-cifar-8"], status: 64,
            saying: ["random:x", "SEED"])
        let outcome = try await AIGProcess.run("run")
        #expect(outcome.status == 64)
        #expect(outcome.errors.contains("--input"))
    }

    @Test func devices() async throws {
        try await expectFailure(
            ["--backend": "opencl"], saying: ["No OpenCL driver"],
            environment: ["OCL_ICD_VENDORS": "/nonexistent"])
        guard Fixtures.hasOpenCL else { return }
        try await expectFailure(
            ["--backend": "opencl", "--device": "no such device"], saying: ["no such device", "0:"])
        try await expectFailure(["--backend": "opencl", "--device": "987654"], saying: ["987654", "0:"])
        try await expectFailure(
            ["--backend": "opencl"], saying: ["no such device"], environment: ["AIG_DEVICE": "no such device"]
        )
    }
}
