/// A call that a ``CommandQueue`` made while it kept a log: what for, how long the host was in it, and the command's event.
public struct LoggedCommand: Sendable {
    /// What a call was for.
    public enum Kind: Sendable, Hashable {
        case kernel(name: String, global: NDRange, local: NDRange?)
        /// From the host to a buffer.
        case write(byteCount: Int)
        /// From a buffer to the host.
        case read(byteCount: Int)
        case fill(byteCount: Int)
        case copy(byteCount: Int)
        case map(byteCount: Int)
        /// A wait for everything, which is no command of its own.
        case finish
        /// A wait for an event, which is no command of its own.
        case wait
    }

    public let kind: Kind

    /// The command's event; nil for ``Kind/finish`` and ``Kind/wait``.
    public let event: Event?

    /// When the host made the call.
    public let called: ContinuousClock.Instant

    /// When the call returned.
    public let returned: ContinuousClock.Instant

    /// Whether the call returned only when the command was done.
    public let isBlocking: Bool
}
