import ConvNetAIG
import Operators
import OpenCL

extension OpenCLTrainingBackend {
    /// Feature maps of a batch, or gradients of such.
    package final class FeatureMaps {
        let shape: FeatureShape
        let layout: MapLayout
        let values: Buffer
        /// Where the host puts pictures on their way to the device; nil but for the network's input.
        let staged: StagedValues<Float>?

        init(shape: FeatureShape, layout: MapLayout, values: Buffer, staged: StagedValues<Float>? = nil) {
            self.shape = shape
            self.layout = layout
            self.values = values
            self.staged = staged
        }
    }

    /// [image][channels, rounded up to 16]
    package final class Vectors {
        let values: Buffer

        init(values: Buffer) {
            self.values = values
        }
    }

    package func makeFeatureMaps(_ shape: FeatureShape, images: Int) throws -> FeatureMaps {
        try reserveImages(images)
        let layout = MapLayout.blocks
        return FeatureMaps(
            shape: shape, layout: layout, values: try allocate(layout.count(shape) * images, images: images))
    }

    package func makeInput(_ shape: FeatureShape, padding: Int, images: Int) throws -> FeatureMaps {
        try reserveImages(images)
        let layout = MapLayout.planes(halo: padding)
        let count = layout.count(shape) * images
        return FeatureMaps(
            shape: shape, layout: layout, values: try allocate(count, images: images),
            staged: StagedValues(repeating: 0, count: count, queue: queue))
    }

    package func makeInputGradient(_ shape: FeatureShape, images: Int) throws -> FeatureMaps {
        try makeFeatureMaps(shape, images: images)
    }

    package func makeVectors(channels: Int, images: Int) throws -> Vectors {
        Vectors(values: try allocate(ChannelBlock.padded(channels) * images, images: images))
    }

    private func reserveImages(_ images: Int) throws {
        guard images > capacity else { return }
        capacity = images
        everyone = try Buffer(context: runtime.context, copying: (0..<Int32(images)).map { $0 }, access: .readOnly)
    }

    package func upload(_ images: [Float], to input: FeatureMaps) throws {
        guard let staged = input.staged else { throw BackendError.notAnInput }
        try images.withUnsafeBufferPointer { images in
            try staged.send(images, of: input.shape, halo: input.layout.halo, to: input.values)
        }
    }

    package func download(_ maps: FeatureMaps) throws -> [Float] {
        let count = maps.layout.count(maps.shape) * images
        let stored = try queue.read(from: maps.values, as: Float.self, count: count)
        return maps.layout.values(of: maps.shape, images: images, in: stored)
    }
}
