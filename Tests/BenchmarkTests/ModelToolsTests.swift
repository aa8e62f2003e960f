import ConvNetAIG
import Foundation
import TestSupport
import Testing

private enum Python {
    static let isThere = (try? run(["-c", ""])) == 0

    static func run(_ arguments: [String]) throws -> Int32 {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["python3"] + arguments
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        return process.terminationStatus
    }
}

/// Benchmarks/Models/average_weights.py and deepen_network.py, which need nothing but Python itself.
@Suite(.enabled(if: Python.isThere, "there is no python3")) struct ModelToolsTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func tool(_ name: String, _ arguments: String...) throws -> Int32 {
        try Python.run([Fixtures.path("../../Benchmarks/Models/\(name).py")] + arguments)
    }

    private func network(_ name: String, seed: UInt64, as file: String) throws -> (weights: Weights, path: String) {
        let weights = try Weights.initial(for: Architecture(named: name), seed: seed)
        try weights.write(to: folder.file(file), metadata: ["mean": "0.5,0.5,0.5", "std": "0.2,0.2,0.2"])
        return (weights, folder.file(file))
    }

    private func logits(_ weights: Weights) throws -> [Float] {
        let session = try Session(weights: weights, backend: .reference)
        let values = (0..<3 * 32 * 32).map { (position: Int) -> Float in Float(position * 37 % 256) / 128 - 1 }
        return try session.run(Tensor(shape: [1, 3, 32, 32], values: values)).logits(of: 0)
    }

    @Test func deeperNetworkComputesTheSame() throws {
        let (weights, path) = try network("resnet-cifar-14", seed: 3, as: "14.safetensors")
        #expect(try tool("deepen_network", folder.file("26.safetensors"), path, "26") == 0)
        let deeper = try Weights(path: folder.file("26.safetensors"))
        #expect(deeper.architecture == (try Architecture(named: "resnet-cifar-26")))
        #expect(deeper.normalization?.mean == [0.5, 0.5, 0.5])
        #expect(try logits(deeper) == logits(weights))
        // Old blocks keep their order, each before as many new ones.
        #expect(try deeper.floats("layer1.2.conv1.weight") == weights.floats("layer1.1.conv1.weight"))
        let new = try deeper.floats("layer3.3.conv2.weight")
        let variance = new.reduce(Float(0)) { $0 + $1 * $1 } / Float(new.count)
        #expect(abs(variance * 9 * 64 / 2 - 1) < 0.04)
        #expect(try deeper.floats("layer3.3.bn2.weight").allSatisfy { $0 == 0 })
        #expect(try deeper.floats("layer3.3.bn1.weight").allSatisfy { $0 == 1 })
    }

    @Test(arguments: ["14", "8", "27", "deep"])
    func noDepth(_ depth: String) throws {
        let (_, path) = try network("resnet-cifar-14", seed: 3, as: "14.safetensors")
        #expect(try tool("deepen_network", folder.file("new.safetensors"), path, depth) == 1)
        #expect(try folder.contents == ["14.safetensors"])
    }

    @Test func gatedNetworksAreNotDeepened() throws {
        let (_, path) = try network("convnet-aig-cifar-14", seed: 3, as: "14.safetensors")
        #expect(try tool("deepen_network", folder.file("new.safetensors"), path, "20") == 1)
        #expect(try folder.contents == ["14.safetensors"])
    }

    @Test func averageKeepsTheGatesOfTheFirst() throws {
        let (resNet, resNetPath) = try network("resnet-cifar-8", seed: 1, as: "resnet.safetensors")
        let (adaptive, adaptivePath) = try network("convnet-aig-cifar-8", seed: 2, as: "aig.safetensors")
        #expect(try tool("average_weights", folder.file("mean.safetensors"), adaptivePath, resNetPath) == 0)
        let mean = try Weights(path: folder.file("mean.safetensors"))
        #expect(mean.architecture == adaptive.architecture)
        let shared = Set(resNet.names)
        #expect(adaptive.names.contains { !shared.contains($0) })
        for name in adaptive.names {
            let own = try adaptive.floats(name)
            guard shared.contains(name) else {
                #expect(try mean.floats(name) == own, "\(name)")
                continue
            }
            let expected = zip(own, try resNet.floats(name)).map { ($0 + $1) / 2 }
            let largest = zip(try mean.floats(name), expected).map { abs($0 - $1) }.max() ?? .infinity
            #expect(largest < 1e-7, "\(name)")
        }
    }

    @Test func otherNetworksAreNotAveraged() throws {
        let (_, path) = try network("resnet-cifar-8", seed: 1, as: "8.safetensors")
        let other = folder.file("other.safetensors")
        try Safetensors.write(tensors: [("conv1.weight", Tensor(shape: [1, 1, 1, 1], values: [1]))], to: other)
        #expect(try tool("average_weights", folder.file("mean.safetensors"), path, other) == 1)
        #expect(try folder.contents == ["8.safetensors", "other.safetensors"])
    }
}
