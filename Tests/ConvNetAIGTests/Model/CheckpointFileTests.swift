import Foundation
import TestSupport
import Testing

@testable import ConvNetAIG
@testable import Operators

/// Weights from what Python wrote (see Tests/Fixtures/make_checkpoints.py), which give the logits of PyTorch.
@Suite struct CheckpointFileTests {
    private static func path(_ name: String) -> String { Fixtures.path("checkpoints/\(name)") }

    private func weights(_ name: String, key: String? = nil) throws -> Weights {
        try Weights(path: Self.path(name), architecture: Architecture.load(Self.path("tiny.json")), key: key)
    }

    /// The largest difference from PyTorch's logits, relative to the largest of these.
    private func error(_ weights: Weights, expected: String = "logits") throws -> Float {
        let file = try SafetensorsFile(path: Self.path("tiny-logits.safetensors"))
        let session = try Session(weights: weights, backend: .reference, batch: 2)
        let logits = try session.run(try file.tensor("input")).logits.values
        let wanted = try file.floats(expected)
        #expect(logits.count == wanted.count)
        let largest = try #require(wanted.map(abs).max())
        return (zip(logits, wanted).map { abs($0 - $1) }.max() ?? .infinity) / largest
    }

    @Test(arguments: [
        "tiny-zip.pth", "tiny-legacy.pth", "tiny-f32.safetensors", "tiny-f64.pth", "tiny-channels-last.pth",
        "tiny-transformers.pth", "tiny-checkpoint.pth.tar",
    ])
    func singlePrecision(_ name: String) throws {
        let weights = try weights(name)
        #expect(try error(weights) < 1e-5)
        #expect(weights.notes.isEmpty, "\(weights.notes)")
        #expect(weights.normalization == nil)
    }

    @Test(arguments: [("tiny-f16.pth", Float(2e-3)), ("tiny-f16.safetensors", 2e-3), ("tiny-bf16.safetensors", 2e-2)])
    func halves(_ name: String, _ tolerance: Float) throws {
        let error = try error(weights(name))
        // They are not the weights in single precision.
        #expect(error > 1e-5 && error < tolerance, "\(error)")
    }

    @Test(arguments: [
        ("tiny-ema.pth", "model_ema.module", "model"), ("tiny-ema.safetensors", "model_ema", "model._orig_mod"),
        ("tiny-teacher.pth", "teacher", "student"),
    ])
    func averagedWeightsComeFirst(_ name: String, _ averaged: String, _ other: String) throws {
        let chosen = try weights(name)
        #expect(try error(chosen, expected: "averaged") < 1e-5)
        #expect(chosen.notes.count == 1)
        #expect(chosen.notes[0].contains("under \(averaged) (averaged)") && chosen.notes[0].contains(": \(other)."))
        let last = try weights(name, key: other)
        #expect(try error(last) < 1e-5)
        #expect(last.notes.isEmpty)
        let part = String(other.prefix { $0 != "." })
        #expect(try error(weights(name, key: part)) < 1e-5)
        #expect(
            throws: WeightsError.noSuchKey(source: Self.path(name), key: "mode", keys: [averaged, other].sorted())
        ) { try weights(name, key: "mode") }
    }

    @Test func averagedModelOfPyTorch() throws {
        let weights = try weights("tiny-averaged.pth")
        #expect(try error(weights, expected: "averaged") < 1e-5)
        #expect(weights.notes.isEmpty)
    }

    @Test func layerThatNormalises() throws {
        let weights = try weights("tiny-normalized.pth")
        #expect(try error(weights) < 1e-5)
        #expect(weights.normalization?.mean == [0.5, 0.25, 0.125])
        #expect(weights.normalization?.std == [0.5, 1, 0.25])
        #expect(weights.notes.count == 1 && weights.notes[0].contains("0.mean"))
        let folder = try TemporaryFolder()
        try weights.write(to: folder.file("written"))
        #expect(try Weights(path: folder.file("written")).normalization?.mean == [0.5, 0.25, 0.125])
    }

    @Test func wholeModelsAreRefused() throws {
        do {
            _ = try weights("tiny-whole-model.pth")
            Issue.record("no error")
        } catch {
            let text = "\(error)"
            #expect(
                text.contains("it refers to __main__.Network, which is not a part of weights; nothing of it was run"))
        }
    }

    @Test func tensorsThatCannotBeReadAreListed() throws {
        do {
            _ = try Weights(path: Self.path("others-zip.pth"), architecture: Architecture(named: "resnet-cifar-8"))
            Issue.record("no error")
        } catch WeightsError.mismatch(let mismatch) {
            #expect(mismatch.unexpected.map(\.tensor) == ["fine", "meta", "quantized", "sparse"])
        }
        do {
            _ = try weights("tiny-wrong.pth")
            Issue.record("no error")
        } catch WeightsError.mismatch(let mismatch) {
            #expect(mismatch.wrongType.map(\.tensor) == ["conv1.weight", "bn1.weight", "linear.bias"])
            #expect(
                mismatch.wrongType.map(\.detail) == [
                    "is a tensor that is sparse", "found C64, expected F32, F16, BF16 or F64",
                    "found I64, expected F32, F16, BF16 or F64",
                ])
            #expect(mismatch.missing.isEmpty && mismatch.unexpected.isEmpty)
        }
    }

    // MARK: Names in memory

    /// The tensors of a network under other names.
    private func tensors(_ architecture: Architecture, seed: UInt64, _ prefix: String) throws -> [String: Tensor] {
        let tensors = try Weights.random(for: architecture, seed: seed).tensors()
        return Dictionary(uniqueKeysWithValues: tensors.map { (prefix + $0.key, $0.value) })
    }

    @Test(arguments: [
        "", "module.", "_orig_mod.", "module._orig_mod.", "model.", "1.", "net.module.", "state_dict.model.backbone.",
        "layer1.", "conv1.", "resnet.",
    ])
    func prefixes(_ prefix: String) throws {
        let network = try Architecture(named: "convnet-aig-cifar-8")
        let weights = try Weights(architecture: network, tensors: tensors(network, seed: 3, prefix))
        #expect(
            try weights.floats("layer2.0.fc1.bias") == Weights.random(for: network, seed: 3).floats("layer2.0.fc1.bias")
        )
        #expect(weights.notes.isEmpty)
    }

    @Test(arguments: [
        (["ema.", "model."], 0), (["model.", "ema_state_dict."], 1), (["state_dict.", "state_dict_ema."], 1),
        (["net.", "averaged_model."], 1), (["a.", "model_state_dict."], 1), (["", "ema."], 1), (["", "old."], 0),
        (["x.", "y."], 0), (["best.swa_model.", "model."], 0),
    ])
    func choices(_ prefixes: [String], _ chosen: Int) throws {
        let network = try Architecture(named: "resnet-cifar-8")
        var all: [String: Tensor] = [:]
        for (seed, prefix) in prefixes.enumerated() {
            all.merge(try tensors(network, seed: UInt64(seed), prefix)) { first, _ in first }
        }
        // What is not under the top is no part of the top's network, but left over where the top is chosen.
        guard prefixes[chosen].isEmpty else {
            let weights = try Weights(architecture: network, tensors: all)
            let expected = Weights.random(for: network, seed: UInt64(chosen))
            #expect(try weights.floats("conv1.weight") == expected.floats("conv1.weight"))
            #expect(weights.notes.count == 1)
            return
        }
        #expect(throws: WeightsError.self) { try Weights(architecture: network, tensors: all) }
    }

    /// A teacher of another shape is not the student's average.
    @Test func teachers() throws {
        let student = try Architecture(named: "resnet-cifar-8")
        for (teacher, isAverage) in [("resnet-cifar-8", true), ("resnet-cifar-14", false)] {
            var all = try tensors(student, seed: 0, "student.")
            all.merge(try tensors(Architecture(named: teacher), seed: 1, "teacher.")) { first, _ in first }
            let weights = try Weights(architecture: student, tensors: all)
            let expected = Weights.random(for: student, seed: isAverage ? 1 : 0)
            #expect(try weights.floats("conv1.weight") == expected.floats("conv1.weight"))
        }
    }

    /// What an optimizer keeps for each weight goes by the weights' names in some files.
    @Test func stateOfTheOptimizer() throws {
        let network = try Architecture(named: "resnet-cifar-8")
        var all = try tensors(network, seed: 0, "weights.")
        let trained = try tensors(network, seed: 1, "momentum.").filter { !$0.key.contains("running") }
        all.merge(trained) { first, _ in first }
        let weights = try Weights(architecture: network, tensors: all)
        #expect(try weights.floats("conv1.weight") == Weights.random(for: network, seed: 0).floats("conv1.weight"))
        #expect(weights.notes.isEmpty)
    }

    @Test func partsBesideTheNetworkAreLeftOut() throws {
        let network = try Architecture(named: "resnet-cifar-8")
        var all = try tensors(network, seed: 1, "model.")
        all["criterion.weight"] = try Tensor(shape: [10])
        all["step"] = try Tensor(shape: [])
        let weights = try Weights(architecture: network, tensors: all)
        #expect(weights.notes == ["Left out, as it is no part of the network: criterion.weight."])
        all["model.extra.weight"] = try Tensor(shape: [3])
        #expect(throws: WeightsError.self) { try Weights(architecture: network, tensors: all) }
    }

    @Test func normalizationOfWhite255() throws {
        let network = try Architecture(named: "resnet-cifar-8")
        var all = try tensors(network, seed: 1, "")
        all["pixel_mean"] = try Tensor(shape: [3, 1, 1], values: [127.5, 51, 255])
        all["pixel_std"] = try Tensor(shape: [3, 1, 1], values: [51, 51, 25.5])
        let weights = try Weights(architecture: network, tensors: all)
        #expect(weights.normalization?.mean == [0.5, 0.2, 1])
        #expect(weights.normalization?.std == [0.2, 0.2, 0.1])
        let told = try Weights(
            architecture: network, tensors: all, metadata: ["mean": "0,0,0", "std": "1,1,1"])
        #expect(told.normalization?.std == [1, 1, 1])
    }

    @Test func namesThatMeanNothing() {
        for name in [
            "", ".", "conv1", "conv1.bias", "layer1", "layer1.0.conv4.weight", "layerx.0.conv1.weight",
            "layer01.0.conv1.weight",
            "layer1.00.conv1.weight", "layer1.0.downsample.2.weight", "fc.weight.x", "classifier.0.weight", "bn1.num",
            "resnet.encoder.stages.9223372036854775807.layers.0.shortcut.convolution.weight",
            "resnet.encoder.stages.0.layers.0.layer.3.convolution.weight", "resnet.embedder.embedder.convolution.bias",
            "layer1.0.fc1bn.x", "layer1.0.bn2", "resnet.encoder",
        ] {
            #expect(KeyDialect.canonicalName(name) == nil, "\(name)")
        }
        #expect(KeyDialect.canonicalName("layer4.2.downsample.1.running_var") == "layer4.2.shortcut.1.running_var")
        #expect(
            KeyDialect.canonicalName("resnet.encoder.stages.3.layers.2.layer.2.normalization.running_mean")
                == "layer4.2.bn3.running_mean")
    }

    // MARK: Architectures told from tensors

    @Test(arguments: [("resnet-18", 1000), ("resnet-18", 7), ("convnet-aig-34", 1000), ("resnet-cifar-14", 10)])
    func knownArchitectures(_ name: String, _ classes: Int) throws {
        let network = try Architecture(named: name, classes: classes)
        let folder = try TemporaryFolder()
        let path = folder.file("weights")
        let random = Weights.random(for: network, seed: 1)
        try Safetensors.write(tensors: random.names.map { ($0, try random.tensor($0)) }, to: path)
        let weights = try Weights(path: path)
        #expect(weights.architecture == network)
        #expect(weights.classNames == (classes == 1000 ? ImageNetClasses.names : nil))
    }

    @Test func otherWidthsAreNotTheKnownOnes() throws {
        let known = try Architecture(named: "resnet-cifar-8")
        let wide = try Architecture(
            name: "wide", input: known.input, stem: known.stem,
            stages: known.stages.map { .init(width: $0.width * 2, blocks: $0.blocks, stride: $0.stride) },
            blockKind: .basic, classes: 10)
        let folder = try TemporaryFolder()
        let path = folder.file("weights")
        let random = Weights.random(for: wide, seed: 1)
        try Safetensors.write(tensors: random.names.map { ($0, try random.tensor($0)) }, to: path)
        #expect(throws: WeightsError.unknownArchitecture(source: path, resembles: "resnet-cifar-8")) {
            try Weights(path: path)
        }
    }

    // MARK: Other files

    @Test(arguments: [
        ("version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n", "git lfs pull"),
        ("\n <!DOCTYPE html><html><head>", "web page"), ("<HTML>", "web page"), ("\u{1F}\u{8B}\u{8}", "gzip"),
        ("\u{89}HDF\r\n\u{1A}\n", "Keras"), ("", "0 bytes"), ("PK\u{3}\u{4}abc", "cut short"),
        ("\u{80}\u{2}}", "cut short"),
        // ONNX by PyTorch, and a model of TensorFlow.
        ("\u{8}\u{7}\u{12}\u{7}pytorch\u{1A}\u{5}2.0.1", "ONNX"),
        ("\u{8}\u{1}\u{12}\u{5}serve\u{1A}", "protocol buffer"),
        ("GGUF\u{3}\u{0}\u{0}\u{0}\u{1}", "GGUF"), ("\u{1C}\u{0}\u{0}\u{0}TFL3\u{0}", "TensorFlow Lite"),
        ("\u{93}NUMPY\u{1}\u{0}v\u{0}", "NumPy"), ("\u{89}PNG\r\n\u{1A}\n\u{0}", "picture"),
        ("(\u{B5}/\u{FD}\u{4}\u{0}\u{0}\u{0}\u{0}", "zstd"), ("\u{FD}7zXZ\u{0}\u{0}\u{4}\u{E6}", "xz"),
        (#"{"metadata":{"total_size":1},"weight_map":{"a":"model-00001-of-00002.safetensors"}}"#, "index"),
        (#"{"error":"Access denied"}"#, "text"), ("Not Found", "text"), ("Entry not found\n", "text"),
    ])
    func filesThatAreNone(_ text: String, _ mentions: String) throws {
        let folder = try TemporaryFolder()
        let path = try folder.file("weights.pth", text.unicodeScalars.map { UInt8($0.value) })
        do {
            _ = try TensorFiles.open(path: path)
            Issue.record("no error")
        } catch {
            #expect("\(error)".contains(mentions) && "\(error)".contains(path), "\(error)")
        }
    }

    /// The length of a header may begin as a pickle does.
    @Test func headersThatBeginLikePickles() throws {
        let header = #"{"a":{"dtype":"F32","shape":[],"data_offsets":[0,4]}}"#
        let padded = header + String(repeating: " ", count: 0x0280 - header.utf8.count)
        let folder = try TemporaryFolder()
        let size = withUnsafeBytes(of: UInt64(0x0280).littleEndian) { Array($0) }
        let path = try folder.file("a", size + Array(padded.utf8) + [0, 0, 0, 0])
        #expect(try TensorFiles.open(path: path).names == ["a"])
    }
}
