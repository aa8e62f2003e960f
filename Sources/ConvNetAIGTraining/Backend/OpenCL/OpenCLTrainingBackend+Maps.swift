import ConvNetAIG
import OpenCL

extension OpenCLTrainingBackend {
    /// Feature maps of a batch, or gradients of such.
    public final class Maps {
        let shape: FeatureShape
        let values: Buffer
        /// The network's input is planes with a halo of its own, and comes from here.
        let staged: StagedValues<Float>?
        let halo: Int

        init(shape: FeatureShape, values: Buffer, halo: Int, staged: StagedValues<Float>?) {
            self.shape = shape
            self.values = values
            self.halo = halo
            self.staged = staged
        }

        /// Values of one image.
        var imageCount: Int {
            let channels = staged == nil ? shape.paddedChannels : shape.channels
            return channels * (shape.height + 2 * halo) * (shape.width + 2 * halo)
        }
    }

    /// [image][channels, rounded up to 16]
    public final class Vectors {
        let values: Buffer

        init(values: Buffer) {
            self.values = values
        }
    }

    public func makeMaps(_ shape: FeatureShape, images: Int) throws -> Maps {
        try reserveImages(images)
        let pixels = (shape.height + 2 * ChannelBlock.halo) * (shape.width + 2 * ChannelBlock.halo)
        return Maps(
            shape: shape, values: try allocate(shape.paddedChannels * pixels * images, images: images),
            halo: ChannelBlock.halo, staged: nil)
    }

    public func makeInput(_ shape: FeatureShape, padding: Int, images: Int) throws -> Maps {
        try reserveImages(images)
        let count = shape.channels * (shape.height + 2 * padding) * (shape.width + 2 * padding) * images
        return Maps(
            shape: shape, values: try allocate(count, images: images), halo: padding,
            staged: StagedValues(repeating: 0, count: count, queue: queue))
    }

    public func makeInputGradient(_ shape: FeatureShape, images: Int) throws -> Maps {
        try makeMaps(shape, images: images)
    }

    public func makeVectors(channels: Int, images: Int) throws -> Vectors {
        Vectors(values: try allocate(ChannelBlock.padded(channels) * images, images: images))
    }

    private func reserveImages(_ images: Int) throws {
        guard images > capacity else { return }
        capacity = images
        everyone = try Buffer(context: runtime.context, copying: (0..<Int32(images)).map { $0 }, access: .readOnly)
    }

    public func upload(_ images: [Float], to input: Maps) throws {
        guard let staged = input.staged else { throw BackendError.notAnInput }
        let (shape, halo) = (input.shape, input.halo)
        let pitch = shape.width + 2 * halo
        images.withUnsafeBufferPointer { images in
            var source = 0
            for plane in 0..<images.count / shape.pixels {
                let start = plane * (shape.height + 2 * halo) * pitch + halo * pitch + halo
                for row in 0..<shape.height {
                    let target = UnsafeMutableBufferPointer(rebasing: staged.values[(start + row * pitch)...])
                    let values = UnsafeBufferPointer(rebasing: images[source..<source + shape.width])
                    _ = target.update(fromContentsOf: values)
                    source += shape.width
                }
            }
        }
        let used = input.imageCount * (images.count / shape.count)
        let bytes = UnsafeRawBufferPointer(UnsafeBufferPointer(rebasing: staged.values[..<used]))
        try queue.write(to: input.values, from: bytes, blocking: false)
    }

    public func download(_ maps: Maps) throws -> [Float] {
        let values = try queue.read(from: maps.values, as: Float.self, count: maps.imageCount * images)
        let (shape, halo) = (maps.shape, maps.halo)
        let block = maps.staged == nil ? ChannelBlock.size : 1
        let (rows, pitch) = (shape.height + 2 * halo, shape.width + 2 * halo)
        var result: [Float] = []
        result.reserveCapacity(shape.count * images)
        for image in 0..<images {
            for channel in 0..<shape.channels {
                let plane = image * maps.imageCount + channel / block * rows * pitch * block + channel % block
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
