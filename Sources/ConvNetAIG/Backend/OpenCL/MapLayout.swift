/// How the values of an image's feature map lie on the device.
package enum MapLayout: Hashable {
    /// Channel after channel, each with a halo of zeros as wide as the padding of whoever reads it.
    case planes(halo: Int)
    /// See ``ChannelBlock``.
    case blocks

    package var halo: Int {
        switch self {
        case .planes(let halo): halo
        case .blocks: ChannelBlock.halo
        }
    }

    /// Channels whose values of a pixel lie together.
    private var block: Int { self == .blocks ? ChannelBlock.size : 1 }

    /// Pixels of a plane, its halo included.
    private func pixels(_ shape: FeatureShape) -> Int { (shape.height + 2 * halo) * (shape.width + 2 * halo) }

    /// Kernels count the values of a plane in 32 bits.
    /// - Throws: ``BackendError/featureMapTooLarge(_:)``.
    func check(_ shape: FeatureShape) throws {
        guard pixels(shape) * block <= Int(Int32.max) else { throw BackendError.featureMapTooLarge(shape) }
    }

    /// Values of one image.
    package func count(_ shape: FeatureShape) -> Int {
        (self == .blocks ? shape.paddedChannels : shape.channels) * pixels(shape)
    }

    /// - Parameter stored: of at least `images` images, as they lie.
    /// - Returns: [image][C][H][W]
    package func values(of shape: FeatureShape, images: Int, in stored: [Float]) -> [Float] {
        let pitch = shape.width + 2 * halo
        var result: [Float] = []
        result.reserveCapacity(shape.count * images)
        for image in 0..<images {
            for channel in 0..<shape.channels {
                let plane = image * count(shape) + channel / block * pixels(shape) * block + channel % block
                for row in 0..<shape.height {
                    for column in 0..<shape.width {
                        result.append(stored[plane + ((row + halo) * pitch + column + halo) * block])
                    }
                }
            }
        }
        return result
    }
}
