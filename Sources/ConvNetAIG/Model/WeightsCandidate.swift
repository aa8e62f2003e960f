/// A tensor that may turn out to be part of the weights.
struct WeightsCandidate {
    /// As in the file, for messages.
    let name: String
    /// Without the prefix the caller gave.
    let unprefixed: String
    let dtype: TensorDataType
    let shape: [Int]
    let storage: Weights.Storage
}
