/// How feature maps lie on the device: [C/16][H + 2][W + 2][16] for each image, with a halo of zeros.
enum ChannelBlock {
    static let size = 16
    static let halo = 1

    static func padded(_ channels: Int) -> Int { (channels + size - 1) / size * size }
}

extension FeatureShape {
    /// Channels, rounded up to whole blocks.
    var paddedChannels: Int { ChannelBlock.padded(channels) }
}
