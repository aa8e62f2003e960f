/// Where the making of a report is.
public struct ReportProgress: Sendable, Hashable {
    /// In words, such as `classifying`.
    public var stage: String
    public var done: Int
    /// nil where it is not known.
    public var total: Int?

    /// The stage with its numbers.
    public var text: String {
        if let total { "\(stage): \(done) of \(total)" } else { "\(stage): \(done)" }
    }
}
