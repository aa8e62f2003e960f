import ConvNetAIG
import Foundation
import TestSupport

/// A network with random weights, an input, and what PyTorch makes of it, as the files that `aig run` takes.
struct NetworkFixture {
    let folder: TemporaryFolder
    let file: SafetensorsFile
    /// With metadata that names the architecture.
    let weights: String
    /// The same without.
    let bareWeights: String
    let input: String
    let output: String

    /// - Parameters:
    ///   - name: the fixture's, `aig-cifar-8` for one.
    ///   - architecture: a name or the path of a JSON file.
    init(_ name: String = "aig-cifar-8", architecture: String = "convnet-aig-cifar-8") throws {
        folder = try TemporaryFolder()
        file = try SafetensorsFile(path: Fixtures.path("\(name).safetensors"))
        let loaded = try Weights(file: file, prefix: "weights.", architecture: try .load(architecture))
        weights = folder.file("weights.safetensors")
        try loaded.write(to: weights)
        bareWeights = folder.file("bare.safetensors")
        try Safetensors.write(tensors: loaded.names.map { ($0, try loaded.tensor($0)) }, to: bareWeights)
        input = folder.file("input.safetensors")
        try Safetensors.write(tensors: [("input", try file.tensor("input"))], to: input)
        output = folder.file("output.safetensors")
    }

    /// Writes a file with a tensor and gives its path.
    func tensorFile(_ name: String = "input", shape: [Int], value: Float = 0.5) throws -> String {
        let path = folder.file("\(UUID().uuidString).safetensors")
        try Safetensors.write(tensors: [(name, try Tensor(shape: shape, repeating: value))], to: path)
        return path
    }
}
