import ConvNetAIG

extension MemoryUse {
    /// For the user: what a session takes, and what sharing saves.
    var summary: String {
        let unshared =
            activationsUnshared > activations ? " (\(activationsUnshared.byteCount) if none were shared)" : ""
        return "memory \(total.byteCount): weights \(weights.byteCount), feature maps \(activations.byteCount)"
            + "\(unshared), others \((scratch + other).byteCount)"
    }
}
