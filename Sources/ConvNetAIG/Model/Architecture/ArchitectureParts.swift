extension Architecture {
    /// The layers before the first block: convolution without bias, batch norm, ReLU and, in networks for
    /// large images, 3x3 max pooling with stride 2 and padding 1.
    public struct Stem: Sendable, Hashable, Codable {
        /// Output channels of the convolution.
        public let channels: Int
        /// Height and width of the convolution's window.
        public let kernel: Int
        /// Stride of the convolution.
        public let stride: Int
        /// Zeros added on each of the four sides before the convolution.
        public let padding: Int
        /// Whether max pooling follows.
        public let maxPooling: Bool

        /// Makes a stem, whose sizes the initializer of ``Architecture`` checks.
        ///
        /// - Parameter padding: By default half the kernel, which keeps the size at stride 1.
        public init(
            channels: Int, kernel: Int, stride: Int = 1, padding: Int? = nil, maxPooling: Bool = false
        ) {
            self.channels = channels
            self.kernel = kernel
            self.stride = stride
            self.padding = padding ?? kernel / 2
            self.maxPooling = maxPooling
        }

        /// Decodes `channels`, `kernel` and optionally `stride` (1), `padding` (half the kernel),
        /// `maxPooling` (false).
        public init(from decoder: any Decoder) throws {
            let container = try decoder.strictContainer(keyedBy: CodingKeys.self)
            self.init(
                channels: try container.integer(forKey: .channels),
                kernel: try container.integer(forKey: .kernel),
                stride: try container.integerIfPresent(forKey: .stride) ?? 1,
                padding: try container.integerIfPresent(forKey: .padding),
                maxPooling: try container.decodeIfPresent(Bool.self, forKey: .maxPooling) ?? false)
        }

        private enum CodingKeys: String, CodingKey, CaseIterable {
            case channels, kernel, stride, padding, maxPooling
        }
    }

    /// A run of residual blocks of one width. Only its first block has the stride.
    public struct Stage: Sendable, Hashable, Codable {
        /// Channels of the 3x3 convolutions; the output has `width * blockKind.expansion` channels.
        public let width: Int
        /// Number of blocks.
        public let blocks: Int
        /// Stride of the first block.
        public let stride: Int

        /// Makes a stage, whose sizes the initializer of ``Architecture`` checks.
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

    /// The layers of a residual branch (He et al., arXiv 1512.03385). Batch norm follows every convolution, and ReLU all
    /// but the last.
    public enum BlockKind: String, Sendable, Hashable, Codable, CaseIterable {
        /// Two 3x3 convolutions, the stride in the first.
        case basic
        /// 1x1, 3x3 and 1x1 convolutions, the stride in the 3x3, the last with four times the width.
        case bottleneck

        /// Output channels per channel of width.
        public var expansion: Int { self == .basic ? 1 : 4 }

        /// Number of convolutions in the branch.
        public var convolutionCount: Int { self == .basic ? 2 : 3 }
    }

    /// What replaces the identity in a block whose output differs in shape from its input.
    public enum ShortcutKind: String, Sendable, Hashable, Codable, CaseIterable {
        /// A strided 1x1 convolution and batch norm (option B of He et al., arXiv 1512.03385).
        case projection
        /// Every stride-th pixel, with channels of zeros before and after the input's (option A). It has no parameters.
        case zeroPadded
    }
}
