import OpenCL

extension OpenCLBackend {
    /// Feature maps of a batch on the device, and the sums of their rows.
    package final class FeatureMaps {
        let shape: FeatureShape
        let layout: MapLayout
        let values: Buffer
        /// [image][height][channels, padded]
        let rowSums: Buffer?
        /// Where the host puts pictures on their way to the device. Its zeros between rows, the halo, stay.
        let staged: StagedValues<Float>?

        init(
            shape: FeatureShape, layout: MapLayout, values: Buffer, rowSums: Buffer?,
            staged: StagedValues<Float>? = nil
        ) {
            self.staged = staged
            self.shape = shape
            self.layout = layout
            self.values = values
            self.rowSums = rowSums
        }
    }

    package func upload(_ images: UnsafeBufferPointer<Float>, count: Int, to input: FeatureMaps) throws {
        guard let staged = input.staged else { throw BackendError.notAnInput }
        let values = UnsafeBufferPointer(rebasing: images[..<(count * input.shape.count)])
        try staged.send(values, of: input.shape, halo: input.layout.halo, to: input.values)
    }

    package func download(_ activations: FeatureMaps, images: Int) throws -> [Float] {
        let stored = try readStored(activations, images: images)
        return activations.layout.values(of: activations.shape, images: images, in: stored)
    }
}
