extension Architecture {
    /// The layers of a residual branch; every convolution is followed by batch norm, and by ReLU but for the
    /// last one (He et al., arXiv 1512.03385).
    public enum BlockKind: String, Sendable, Hashable, Codable, CaseIterable {
        /// Two 3x3 convolutions, the stride in the first.
        case basic
        /// 1x1, 3x3 and 1x1 convolutions, the stride in the 3x3, four times the width at the end.
        case bottleneck

        /// Output channels per channel of width.
        public var expansion: Int { self == .basic ? 1 : 4 }

        /// Number of convolutions in the branch.
        public var convolutionCount: Int { self == .basic ? 2 : 3 }
    }
}
