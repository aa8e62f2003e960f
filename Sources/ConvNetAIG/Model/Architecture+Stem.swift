extension Architecture {
    /// The layers before the first block: convolution without bias, batch norm, ReLU and, in networks for
    /// large images, 3x3 max pooling with stride 2 and padding 1.
    public struct Stem: Sendable, Hashable, Codable {
        public let channels: Int
        public let kernel: Int
        public let stride: Int
        public let padding: Int
        public let maxPooling: Bool

        /// Sizes are checked when an ``Architecture`` is made of them.
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
}
