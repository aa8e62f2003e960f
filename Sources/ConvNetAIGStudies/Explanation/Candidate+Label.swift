import ConvNetAIG

extension Prediction.Candidate {
    /// The class's name, or else its index.
    var label: String { name ?? "class \(index)" }
}
