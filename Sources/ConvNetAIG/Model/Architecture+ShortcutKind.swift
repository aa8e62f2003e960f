extension Architecture {
    /// What replaces the identity in a block whose output differs in shape from its input.
    public enum ShortcutKind: String, Sendable, Hashable, Codable, CaseIterable {
        /// A strided 1x1 convolution and batch norm (option B of He et al., arXiv 1512.03385).
        case projection
        /// Every stride-th pixel, and channels of zeros on both sides of the input's (option A). No
        /// parameters.
        case zeroPadded
    }
}
