import Foundation
import TestSupport
import Testing

@testable import ConvNetAIG
@testable import Operators

@Suite struct WeightsTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func fixture(_ name: String) throws -> SafetensorsFile {
        try SafetensorsFile(path: Fixtures.path(name + ".safetensors"))
    }

    /// A fixture's weights under other names, and with other tensors.
    private func renamed(
        _ fixture: String, metadata: [String: String] = [:],
        _ change: (String, Tensor) throws -> (String, Tensor)?
    ) throws -> String {
        let file = try self.fixture(fixture)
        var tensors: [(name: String, tensor: Tensor)] = []
        for name in file.names where name.hasPrefix("weights.") {
            if let changed = try change(String(name.dropFirst(8)), try file.tensor(name)) {
                tensors.append(changed)
            }
        }
        let path = folder.file("renamed.safetensors")
        try Safetensors.write(tensors: tensors, metadata: metadata, to: path)
        return path
    }

    private func mismatch(_ make: () throws -> Weights) throws -> WeightsMismatch {
        do {
            _ = try make()
        } catch WeightsError.mismatch(let mismatch) {
            return mismatch
        }
        Issue.record("no mismatch")
        return WeightsMismatch(source: "", architecture: "")
    }

    private func same(_ first: Weights, _ second: Weights) throws -> Bool {
        guard first.architecture == second.architecture else { return false }
        return try first.names.allSatisfy { try first.floats($0) == second.floats($0) }
    }

    // MARK: Reading

    @Test(arguments: [
        ("aig-cifar-8", "convnet-aig-cifar-8"), ("aig-cifar-20", "convnet-aig-cifar-20"),
        ("resnet-cifar-8", "resnet-cifar-8"), ("aig-bottleneck-mini", "aig-bottleneck-mini.json"),
    ])
    func fixtures(fixture name: String, architecture: String) throws {
        let isFile = architecture.hasSuffix(".json")
        let network = try Architecture.load(isFile ? Fixtures.path(architecture) : architecture)
        let file = try fixture(name)
        let weights = try Weights(file: file, prefix: "weights.", architecture: network)
        #expect(weights.architecture == network)
        #expect(weights.names.count == file.names.filter { $0.hasPrefix("weights.") }.count)
        for name in weights.names {
            #expect(try weights.floats(name) == file.floats("weights." + name))
            #expect(try weights.tensor(name) == file.tensor("weights." + name))
        }
        #expect(throws: WeightsError.noSuchTensor("none")) { try weights.floats("none") }
    }

    @Test func dataParallelNames() throws {
        let path = try renamed("aig-cifar-8") { ("module." + $0, $1) }
        let network = try Architecture(named: "convnet-aig-cifar-8")
        let plain = try Weights(file: try fixture("aig-cifar-8"), prefix: "weights.", architecture: network)
        #expect(try same(try Weights(path: path, architecture: network), plain))
    }

    @Test func torchvisionNames() throws {
        let network = try Architecture(named: "resnet-cifar-8")
        let path = try renamed("resnet-cifar-8", metadata: ["architecture": "resnet-cifar-8"]) {
            name, tensor in
            let name = name.replacingOccurrences(of: ".shortcut.", with: ".downsample.")
            return (name.replacingOccurrences(of: "linear.", with: "fc."), tensor)
        }
        let original = try Weights(
            file: try fixture("resnet-cifar-8"), prefix: "weights.", architecture: network)
        #expect(try same(try Weights(path: path), original))
    }

    @Test func filesWithoutShortcutsMeanZeroPadding() throws {
        let path = try renamed("resnet-cifar-8") { name, tensor in
            name.contains(".shortcut.") ? nil : ("module." + name, tensor)
        }
        let weights = try Weights(path: path, architecture: try Architecture(named: "resnet-cifar-8"))
        #expect(weights.architecture.shortcut == .zeroPadded)
        #expect(weights.architecture.blocks[1].shortcut == .zeroPadded)
        // It is remembered when written.
        try weights.write(to: folder.file("copy"))
        #expect(try same(try Weights(path: folder.file("copy")), weights))
        // And the other way round: tensors for shortcuts mean projections.
        let projecting = try Weights(
            file: try fixture("resnet-cifar-8"), prefix: "weights.", architecture: weights.architecture)
        #expect(projecting.architecture.shortcut == .projection)
    }

    @Test func gatesAsMatricesAndBatchCounters() throws {
        let network = try Architecture(named: "convnet-aig-cifar-8")
        let path = try renamed("aig-cifar-8") { name, tensor in
            guard name.hasSuffix("fc1.weight") || name.hasSuffix("fc2.weight") else { return (name, tensor) }
            return (name, try tensor.reshaped(to: Array(tensor.shape.prefix(2))))
        }
        let weights = try Weights(path: path, architecture: network)
        #expect(try weights.tensor("layer1.0.fc1.weight").shape == [16, 16, 1, 1])
        var tensors = try weights.tensors()
        tensors["bn1.num_batches_tracked"] = try Tensor(shape: [], values: [9])
        #expect(try same(try Weights(architecture: network, tensors: tensors), weights))
    }

    @Test func architectureFromTheFile() throws {
        let unnamed = try renamed("aig-cifar-20") { ($0, $1) }
        #expect(try Weights(path: unnamed).architecture == Architecture(named: "convnet-aig-cifar-20"))
        let named = try renamed("aig-cifar-20", metadata: ["architecture": "convnet-aig-cifar-20"]) {
            ($0, $1)
        }
        #expect(try Weights(path: named).architecture == Architecture(named: "convnet-aig-cifar-20"))
        let json = try Architecture(named: "convnet-aig-cifar-20").json()
        let described = try renamed("aig-cifar-20", metadata: ["architecture": json]) { ($0, $1) }
        #expect(try Weights(path: described).architecture.name == "convnet-aig-cifar-20")
        for wrong in ["resnet-51", "{", "", "/etc/passwd"] {
            let path = try renamed("aig-cifar-20", metadata: ["architecture": wrong]) { ($0, $1) }
            do {
                _ = try Weights(path: path)
                Issue.record("no error")
            } catch WeightsError.invalidMetadata(_, let key, _) {
                #expect(key == "architecture")
            }
        }
    }

    @Test func numberOfClassesFromTheFile() throws {
        let network = try Architecture(named: "convnet-aig-cifar-8", classes: 3)
        let weights = Weights.random(for: network, seed: 1)
        try Safetensors.write(
            tensors: try weights.tensors().map { ($0.key, $0.value) },
            metadata: ["architecture": "convnet-aig-cifar-8"], to: folder.file("three"))
        #expect(try same(try Weights(path: folder.file("three")), weights))
        let ten = try Architecture(named: "convnet-aig-cifar-8")
        #expect(
            try Weights(path: folder.file("three"), architecture: ten, classes: 3).architecture.classes == 3)
        let problems = try mismatch { try Weights(path: folder.file("three"), architecture: ten) }
        #expect(problems.misshapen.map(\.tensor).sorted() == ["linear.bias", "linear.weight"])
        #expect(problems.description.contains("pass classes: 3"))
    }

    @Test func classesAndNormalization() throws {
        let network = try Architecture(named: "resnet-cifar-8", classes: 2)
        let tensors = try Weights.random(for: network, seed: 1).tensors()
        func weights(_ metadata: [String: String]) throws -> Weights {
            try Weights(architecture: network, tensors: tensors, metadata: metadata)
        }
        let good = try weights(["classes": "cat, wild dog", "mean": "0.5,0.25, 1", "std": "1,2,3e-1"])
        #expect(good.classNames == ["cat", "wild dog"])
        #expect(good.normalization?.mean == [0.5, 0.25, 1])
        #expect(good.normalization?.std == [1, 2, 0.3])
        #expect(try weights([:]).classNames == nil)
        #expect(try weights([:]).normalization == nil)
        for bad in [
            ["classes": "cat"], ["classes": "a,b,c"], ["mean": "1,1,1"], ["std": "1,1,1"],
            ["mean": "1,1", "std": "1,1"], ["mean": "1,1,x", "std": "1,1,1"],
            ["mean": "1,1,nan", "std": "1,1,1"],
            ["mean": "1,1,1", "std": "1,1,0"], ["mean": "1,1,1", "std": "1,1,-1"],
            ["mean": "1,1,1", "std": "1,1,1e-45"], ["mean": "1,1,1,", "std": "1,1,1"],
            ["mean": "", "std": ""],
        ] {
            #expect(throws: WeightsError.self, "\(bad)") { try weights(bad) }
        }
    }

    // MARK: Mismatches

    @Test func oneErrorListsEverything() throws {
        let path = try renamed("aig-cifar-8") { name, tensor in
            switch name {
            case "bn1.weight": return nil
            case "conv1.weight": return (name, try Tensor(shape: [16, 3, 5, 5]))
            case "layer1.0.bn1.running_var":
                return (name, try Tensor(shape: [16], repeating: -0.5))
            case "layer1.0.bn1.bias":
                return (
                    name,
                    try Tensor(shape: [16], values: [.nan, .infinity] + [Float](repeating: 0, count: 14))
                )
            case "layer9.0.conv1.weight": return nil
            default: return (name, tensor)
            }
        }
        let file = try SafetensorsFile(path: path)
        var tensors: [(name: String, tensor: Tensor)] = try file.names.map { ($0, try file.tensor($0)) }
        tensors.append(("extra", try Tensor(shape: [2])))
        tensors.append(("module.linear.bias", try Tensor(shape: [10])))
        try Safetensors.write(tensors: tensors, to: path)
        let problems = try mismatch {
            try Weights(path: path, architecture: try Architecture(named: "convnet-aig-cifar-8"))
        }
        #expect(problems.missing.map(\.tensor) == ["bn1.weight"])
        #expect(problems.misshapen.map(\.detail) == ["found [16, 3, 5, 5], expected [16, 3, 3, 3]"])
        #expect(problems.notFinite.map(\.detail) == ["2 of 16 values"])
        #expect(problems.negativeVariance.map(\.tensor) == ["layer1.0.bn1.running_var"])
        #expect(problems.unexpected.map(\.tensor) == ["extra", "module.linear.bias"])
        let text = problems.description
        for part in ["Missing (1):", "Wrong shape (1):", "Infinite or NaN (1):", "as low as -0.5", "extra"] {
            #expect(text.contains(part), "\(text)")
        }
    }

    @Test func longListsAreCut() throws {
        let problems = try mismatch {
            try Weights(architecture: try Architecture(named: "convnet-aig-152"), tensors: [:])
        }
        #expect(
            problems.missing.count == Weights.layout(of: try Architecture(named: "convnet-aig-152")).count)
        #expect(problems.description.contains("… and \(problems.missing.count - 20) more"))
        #expect(problems.description.split(separator: "\n").count < 30)
    }

    @Test func otherTypes() throws {
        let header = #"{"linear.bias":{"dtype":"I16","shape":[10],"data_offsets":[0,20]}}"#
        let size = withUnsafeBytes(of: UInt64(header.utf8.count).littleEndian) { Array($0) }
        let path = try folder.file("integers", size + Array(header.utf8) + [UInt8](repeating: 0, count: 20))
        let problems = try mismatch {
            try Weights(path: path, architecture: try Architecture(named: "resnet-cifar-8"))
        }
        #expect(problems.wrongType.map(\.detail) == ["found I16, expected F32, F16, BF16 or F64"])
        #expect(problems.description.contains("floating point"))
    }

    @Test func hints() throws {
        let named = try renamed("aig-cifar-20", metadata: ["architecture": "convnet-aig-cifar-20"]) {
            ($0, $1)
        }
        #expect(
            try mismatch { try Weights(path: named, architecture: try Architecture(named: "resnet-50")) }
                .description.contains("The file says it is convnet-aig-cifar-20"))
        let file = try fixture("aig-cifar-20")
        #expect(
            try mismatch {
                try Weights(
                    file: file, prefix: "weights.", architecture: try Architecture(named: "resnet-cifar-20"))
            }.description.contains("those of convnet-aig-cifar-20"))
        #expect(
            try mismatch {
                try Weights(
                    file: try fixture("resnet-cifar-8"), prefix: "weights.",
                    architecture: try Architecture(named: "convnet-aig-cifar-8"))
            }.description.contains("no gates at all"))
        #expect(
            try mismatch {
                try Weights(
                    file: file, prefix: "weights.",
                    architecture: try Architecture(named: "convnet-aig-cifar-20").adaptive(ungatedBlocks: [0])
                )
            }.description.contains("ungatedBlocks"))
    }

    @Test func finiteness() {
        for count in [0, 1, 7, 64, 1001] {
            var values = [Float](repeating: -.greatestFiniteMagnitude, count: count)
            #expect(values.withUnsafeBufferPointer { WeightsResolver.areFinite($0) })
            for bad in [Float.nan, -.nan, .infinity, -.infinity, .signalingNaN] where count > 0 {
                let index = Int.random(in: 0..<count)
                values[index] = bad
                #expect(!values.withUnsafeBufferPointer { WeightsResolver.areFinite($0) })
                values[index] = .leastNonzeroMagnitude
            }
        }
    }

    // MARK: Writing, random weights

    @Test func roundTrip() throws {
        let path = folder.file("weights")
        let named = Weights.random(for: try Architecture(named: "convnet-aig-cifar-8"), seed: 3)
        try named.write(to: path, metadata: ["mean": "0,0,0", "std": "1,1,1", "architecture": "ignored"])
        let read = try Weights(path: path)
        #expect(try same(read, named))
        #expect(read.metadata["architecture"] == "convnet-aig-cifar-8")
        #expect(read.normalization?.std == [1, 1, 1])
        // Over the file it is mapped from, keeping the metadata.
        try read.write(to: path)
        #expect(try same(try Weights(path: path), named))
        #expect(try Weights(path: path).metadata == read.metadata)

        let custom = try Architecture.load(Fixtures.path("aig-bottleneck-mini.json"))
        try Weights.random(for: custom, seed: 3).write(to: path)
        #expect(try Weights(path: path).architecture == custom)
    }

    @Test func randomIsAFunctionOfTheSeed() throws {
        let network = try Architecture(named: "convnet-aig-cifar-8")
        let weights = Weights.random(for: network, seed: 5)
        #expect(try same(weights, Weights.random(for: network, seed: 5)))
        #expect(
            try weights.floats("conv1.weight") != Weights.random(for: network, seed: 6).floats("conv1.weight")
        )
        #expect(try weights.floats("layer1.0.conv1.weight") != weights.floats("layer1.0.conv2.weight"))
        // A first value written down, so that a change in the stream is noticed.
        let first = try weights.floats("conv1.weight")[0]
        #expect(abs(first - 0.030199528) < 1e-6, "\(first)")
    }

    @Test func randomDistributions() throws {
        let weights = Weights.random(for: try Architecture(named: "convnet-aig-18"), seed: 5)
        func deviation(_ name: String) throws -> Float {
            let values = try weights.floats(name)
            return (values.reduce(0) { $0 + $1 * $1 } / Float(values.count)).squareRoot()
        }
        #expect(abs(try deviation("layer4.1.conv2.weight") / (2 / Float(9 * 512)).squareRoot() - 1) < 0.01)
        #expect(abs(try deviation("layer4.1.fc1.weight") / (2 / Float(16)).squareRoot() - 1) < 0.05)
        #expect(abs(try deviation("layer4.1.fc2.weight") / 0.001 - 1) < 0.4)
        #expect(try weights.floats("layer4.1.fc2.bias") == [0.1, 2])
        #expect(try weights.floats("layer4.1.bn2.weight").allSatisfy { $0 == 0.2 })
        #expect(try weights.floats("bn1.weight").allSatisfy { $0 == 1 })
        #expect(try weights.floats("layer2.0.shortcut.1.weight").allSatisfy { $0 == 1 })
        let bound = 1 / Float(512).squareRoot()
        for name in ["linear.weight", "linear.bias", "layer4.1.fc1.bias"] {
            #expect(try weights.floats(name).allSatisfy { abs($0) <= bound })
            #expect(abs(try deviation(name) / bound - 0.577) < 0.2)
        }
        // It passes its own checks.
        #expect(
            try same(try Weights(architecture: weights.architecture, tensors: weights.tensors()), weights))
    }

    @Test func gatesAddedToAResNet() throws {
        let file = try fixture("resnet-cifar-8")
        let plain = try Weights(
            file: file, prefix: "weights.", architecture: try Architecture(named: "resnet-cifar-8"))
        let adaptive = try plain.adaptive(ungatedBlocks: [0], seed: 1)
        #expect(adaptive.architecture.gatedBlocks == [1, 2])
        for name in plain.names { #expect(try adaptive.floats(name) == plain.floats(name)) }
        #expect(try adaptive.floats("layer3.0.fc2.bias") == [0.1, 2])
        #expect(throws: WeightsError.self) { try adaptive.floats("layer1.0.fc2.bias") }
        #expect(
            try same(
                try Weights(architecture: adaptive.architecture, tensors: adaptive.tensors()), adaptive))
    }
}
