/// How far the gates of one image are decided.
public struct GateProgress: Sendable, Hashable {
    /// Gates 0 ..< decided have their decision.
    public var decided: Int
    /// Whether gate `decided - 1`, the last of them, opened.
    public var isOpen: Bool

    public init(decided: Int, isOpen: Bool) {
        self.decided = decided
        self.isOpen = isOpen
    }
}
