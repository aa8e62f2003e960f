/// The extents of one image's feature map: channels x height x width.
public struct FeatureShape: Sendable, Hashable, Codable {
    public var channels: Int
    public var height: Int
    public var width: Int

    public init(channels: Int, height: Int, width: Int) {
        self.channels = channels
        self.height = height
        self.width = width
    }

    /// Values of one image.
    public var count: Int { channels * height * width }

    /// Pixels of one channel.
    public var pixels: Int { height * width }
}
