import OpenCL

extension OpenCLBackend {
    /// Feature maps of a batch on the device, and the sums of their rows.
    public final class Activations {
        /// How the values of an image lie.
        enum Layout: Hashable {
            /// Channel after channel, each with a halo of zeros as wide as the padding of whoever reads it.
            case planes(halo: Int)
            /// See ``ChannelBlock``.
            case blocks

            var halo: Int {
                switch self {
                case .planes(let halo): halo
                case .blocks: ChannelBlock.halo
                }
            }

            /// Kernels count the values of a plane in 32 bits.
            /// - Throws: ``BackendError/featureMapTooLarge(_:)``.
            func check(_ shape: FeatureShape) throws {
                let block = self == .blocks ? ChannelBlock.size : 1
                let plane = (shape.height + 2 * halo) * (shape.width + 2 * halo) * block
                guard plane <= Int(Int32.max) else { throw BackendError.featureMapTooLarge(shape) }
            }

            /// Values of one image.
            func count(_ shape: FeatureShape) -> Int {
                let channels = self == .blocks ? shape.paddedChannels : shape.channels
                return channels * (shape.height + 2 * halo) * (shape.width + 2 * halo)
            }
        }

        let shape: FeatureShape
        let layout: Layout
        let values: Buffer
        /// [image][height][channels, padded]
        let rowSums: Buffer?
        /// Where the host puts pictures on their way to the device. Its zeros between rows, the halo, stay.
        let staged: StagedValues<Float>?

        init(shape: FeatureShape, layout: Layout, values: Buffer, rowSums: Buffer?, staged: StagedValues<Float>? = nil)
        {
            self.staged = staged
            self.shape = shape
            self.layout = layout
            self.values = values
            self.rowSums = rowSums
        }

        /// Values of one image.
        var imageCount: Int { layout.count(shape) }
    }

    public func upload(_ images: UnsafeBufferPointer<Float>, count: Int, to input: Activations) throws {
        guard let staged = input.staged else { throw BackendError.notAnInput }
        let (shape, halo) = (input.shape, input.layout.halo)
        let pitch = shape.width + 2 * halo
        var source = 0
        for plane in 0..<count * shape.channels {
            let start = plane * (shape.height + 2 * halo) * pitch + halo * pitch + halo
            for row in 0..<shape.height {
                let target = UnsafeMutableBufferPointer(rebasing: staged.values[(start + row * pitch)...])
                _ = target.update(fromContentsOf: UnsafeBufferPointer(rebasing: images[source..<source + shape.width]))
                source += shape.width
            }
        }
        let bytes = UnsafeRawBufferPointer(UnsafeBufferPointer(rebasing: staged.values[..<(count * input.imageCount)]))
        try queue.write(to: input.values, from: bytes, blocking: false)
    }

    public func download(_ activations: Activations, images: Int) throws -> [Float] {
        let (shape, halo) = (activations.shape, activations.layout.halo)
        let values = try readStored(activations, images: images)
        let block = activations.layout == .blocks ? ChannelBlock.size : 1
        let (rows, pitch) = (shape.height + 2 * halo, shape.width + 2 * halo)
        var result: [Float] = []
        result.reserveCapacity(shape.count * images)
        for image in 0..<images {
            for channel in 0..<shape.channels {
                let plane = image * activations.imageCount + channel / block * rows * pitch * block + channel % block
                for row in 0..<shape.height {
                    for column in 0..<shape.width {
                        result.append(values[plane + ((row + halo) * pitch + column + halo) * block])
                    }
                }
            }
        }
        return result
    }
}
