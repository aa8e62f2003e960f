extension Architecture {
    /// A run of residual blocks of one width. Only its first block has the stride.
    public struct Stage: Sendable, Hashable, Codable {
        /// Channels of the 3x3 convolutions; the output has `width * blockKind.expansion` channels.
        public let width: Int
        /// Number of blocks.
        public let blocks: Int
        /// Stride of the first block.
        public let stride: Int

        /// Sizes are checked when an ``Architecture`` is made of them.
        public init(width: Int, blocks: Int, stride: Int = 1) {
            self.width = width
            self.blocks = blocks
            self.stride = stride
        }

        /// Decodes `width`, `blocks` and optionally `stride` (1).
        public init(from decoder: any Decoder) throws {
            let container = try decoder.strictContainer(keyedBy: CodingKeys.self)
            width = try container.integer(forKey: .width)
            blocks = try container.integer(forKey: .blocks)
            stride = try container.integerIfPresent(forKey: .stride) ?? 1
        }

        private enum CodingKeys: String, CodingKey, CaseIterable {
            case width, blocks, stride
        }
    }
}
