/// Why an image cannot be explained.
public enum ExplanationError: Error, Hashable, CustomStringConvertible {
    /// Logits that are infinite or not numbers; with the gate of the named block flipped, or as the network ran.
    case outputNotFinite(flipped: String?)

    public var description: String {
        switch self {
        case .outputNotFinite(let flipped):
            "the network's output is not a finite number" + (flipped.map { " with the gate of \($0) flipped" } ?? "")
                + "; the weights have too large values"
        }
    }
}
