/// How feature maps lie on the device: [C/16][H + 2][W + 2][16] for each image, with a halo of zeros.
package enum ChannelBlock {
    package static let size = 16
    package static let halo = 1

    package static func padded(_ channels: Int) -> Int { (channels + size - 1) / size * size }
}

extension FeatureShape {
    /// Channels, rounded up to whole blocks.
    package var paddedChannels: Int { ChannelBlock.padded(channels) }
}
