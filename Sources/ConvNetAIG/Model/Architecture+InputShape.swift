extension Architecture {
    /// Channels, height and width of an image or a feature map.
    public struct InputShape: Sendable, Hashable, Codable {
        public let channels: Int
        public let height: Int
        public let width: Int

        /// Sizes are checked when an ``Architecture`` is made of them.
        public init(channels: Int = 3, height: Int, width: Int) {
            self.channels = channels
            self.height = height
            self.width = width
        }

        /// Number of values: channels x height x width.
        public var count: Int { channels * height * width }

        /// Decodes `height`, `width` and optionally `channels` (3).
        public init(from decoder: any Decoder) throws {
            let container = try decoder.strictContainer(keyedBy: CodingKeys.self)
            channels = try container.integerIfPresent(forKey: .channels) ?? 3
            height = try container.integer(forKey: .height)
            width = try container.integer(forKey: .width)
        }

        private enum CodingKeys: String, CodingKey, CaseIterable {
            case channels, height, width
        }
    }
}
