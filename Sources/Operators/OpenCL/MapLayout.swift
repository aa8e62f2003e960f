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

    /// Where an image's value lies.
    private func index(_ shape: FeatureShape, channel: Int, row: Int, column: Int) -> Int {
        let pixel = (row + halo) * (shape.width + 2 * halo) + column + halo
        return (channel / block * pixels(shape) + pixel) * block + channel % block
    }

    /// An image as it lies on the device, zero in halos and channels that are padding.
    /// - Parameter values: [C][H][W]
    func stored(_ values: [Float], of shape: FeatureShape) -> [Float] {
        var stored = [Float](repeating: 0, count: count(shape))
        var source = 0
        for channel in 0..<shape.channels {
            for row in 0..<shape.height {
                for column in 0..<shape.width {
                    stored[index(shape, channel: channel, row: row, column: column)] = values[source]
                    source += 1
                }
            }
        }
        return stored
    }

    /// - Parameter stored: of at least `images` images, as they lie.
    /// - Returns: [image][C][H][W]
    package func values(of shape: FeatureShape, images: Int, in stored: [Float]) -> [Float] {
        var result: [Float] = []
        result.reserveCapacity(shape.count * images)
        for image in 0..<images {
            for channel in 0..<shape.channels {
                for row in 0..<shape.height {
                    for column in 0..<shape.width {
                        result.append(
                            stored[image * count(shape) + index(shape, channel: channel, row: row, column: column)])
                    }
                }
            }
        }
        return result
    }
}
