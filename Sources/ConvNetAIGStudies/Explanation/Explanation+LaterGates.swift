extension Explanation {
    /// What the gates behind a flipped one do.
    public enum LaterGates: String, Sendable, Hashable, Codable, CaseIterable {
        /// They decide as they did for the image. The effect of a flip is that of the block alone.
        case held
        /// They decide again, on what the flip has made of their features; policies that draw draw the same numbers. The
        /// effect is that of the decision, with all that follows from it. Policies that ask no gate, or do not heed the
        /// answers (`rate`), have nothing to decide again.
        case adaptive
    }
}
