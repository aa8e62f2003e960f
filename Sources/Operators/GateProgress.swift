/// How far the gates of one image are decided.
package struct GateProgress: Sendable, Hashable {
    /// Gates 0 ..< decided have their decision.
    package var decided: Int
    /// Whether gate `decided - 1`, the last of them, opened.
    package var isOpen: Bool

    package init(decided: Int, isOpen: Bool) {
        self.decided = decided
        self.isOpen = isOpen
    }
}
