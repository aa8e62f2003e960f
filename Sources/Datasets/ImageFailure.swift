/// An image that could not be read and was left out.
public struct ImageFailure: Sendable, Hashable, CustomStringConvertible {
    /// What its set calls the image.
    public let name: String
    /// What is wrong with it, and what to do.
    public let reason: String

    public init(name: String, reason: String) {
        self.name = name
        self.reason = reason
    }

    /// Errors of images name the file themselves.
    public var description: String { reason.contains(name) ? reason : "\(name): \(reason)" }
}
