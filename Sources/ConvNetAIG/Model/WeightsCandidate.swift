/// A tensor that may turn out to be part of the weights.
struct WeightsCandidate {
    /// As in the file, for messages.
    let name: String
    /// Without the prefix the caller gave.
    let unprefixed: String
    /// nil for a tensor that cannot be read, and what is wrong with it.
    let dtype: TensorDataType?
    let problem: String?
    let shape: [Int]
    let storage: Weights.Storage

    /// A tensor in memory.
    init(name: String, tensor: Tensor) {
        self.name = name
        unprefixed = name
        dtype = .float32
        problem = nil
        shape = tensor.shape
        storage = .owned(tensor.values)
    }

    /// A tensor of a file.
    ///
    /// - Parameter prefix: what the name starts with.
    init(name: String, prefix: String, file: any TensorFile) {
        let info = file.info(name)
        self.name = name
        unprefixed = String(name.dropFirst(prefix.count))
        dtype = info?.dtype
        problem = info == nil ? (file as? TorchCheckpoint)?.problem(name) ?? "cannot be read" : nil
        shape = info?.shape ?? []
        storage = .mapped(file, name)
    }
}
