import OpenCL

/// Feature maps of a batch on the device, or gradients with respect to such, and the sums of their rows.
package final class OpenCLFeatureMaps {
    package let shape: FeatureShape
    let layout: MapLayout
    let values: Buffer
    /// [image][height][channels, padded]
    let rowSums: Buffer?
    /// Where the host puts images on their way to the device; nil but for the network's input. Its zeros between rows, the
    /// halo, stay.
    let staged: StagedValues<Float>?

    init(
        shape: FeatureShape, layout: MapLayout, values: Buffer, rowSums: Buffer? = nil,
        staged: StagedValues<Float>? = nil
    ) {
        self.shape = shape
        self.layout = layout
        self.values = values
        self.rowSums = rowSums
        self.staged = staged
    }
}

extension OpenCLExecutor {
    /// Bytes of a value of feature maps.
    var storedBytes: Int {
        switch traits.storage {
        case .float: MemoryLayout<Float>.stride
        case .half: MemoryLayout<Float16>.stride
        }
    }

    /// Zeroed feature maps.
    /// - Parameter pooled: whether operators will sum their rows.
    func makeFeatureMaps(_ shape: FeatureShape, pooled: Bool, images: Int) throws -> OpenCLFeatureMaps {
        let layout = MapLayout.blocks
        try layout.check(shape)
        let values = try allocate(
            byteCount: byteCount(UInt8.self, perImage: layout.count(shape) * storedBytes, images: images),
            images: images, as: \.activations)
        let rowSums =
            pooled
            ? try allocate(
                Float.self, perImage: shape.height * shape.paddedChannels, images: images, as: \.activations) : nil
        count(values.byteCount + (rowSums?.byteCount ?? 0), as: \.activationsUnshared)
        _ = try identity(images)
        return OpenCLFeatureMaps(shape: shape, layout: layout, values: values, rowSums: rowSums)
    }

    /// Room for the network's input, read by a convolution with this padding.
    func makeInput(_ shape: FeatureShape, padding: Int, images: Int) throws -> OpenCLFeatureMaps {
        let layout = MapLayout.planes(halo: padding)
        try layout.check(shape)
        let values = try allocate(Float.self, perImage: layout.count(shape), images: images, as: \.activations)
        count(values.byteCount, as: \.activationsUnshared)
        return OpenCLFeatureMaps(
            shape: shape, layout: layout, values: values, staged: try stagedInput(shape, layout, images: images))
    }

    /// What the host keeps of images on their way to the device.
    func stagedInput(_ shape: FeatureShape, _ layout: MapLayout, images: Int) throws -> StagedValues<Float> {
        let count = layout.count(shape)
        try reserve(byteCount(Float.self, perImage: count, images: images), images: images, as: \.other)
        return StagedValues(repeating: 0, count: count * images, queue: queue)
    }

    /// Sends images to the device without waiting for it.
    ///
    /// - Parameter images: [image][channels][height][width]
    /// - Throws: ``BackendError/notAnInput`` for feature maps that ``makeInput(_:padding:images:)`` did not make.
    func upload(_ images: UnsafeBufferPointer<Float>, to input: OpenCLFeatureMaps) throws {
        guard let staged = input.staged else { throw BackendError.notAnInput }
        try staged.send(images, of: input.shape, halo: input.layout.halo, to: input.values)
    }

    /// Waits, and reads feature maps: [image][channels][height][width].
    func download(_ maps: OpenCLFeatureMaps, images: Int) throws -> [Float] {
        let count = maps.layout.count(maps.shape) * images
        // Images are floats whatever feature maps are.
        let stored =
            switch maps.layout == .blocks ? traits.storage : .float {
            case .float: try queue.read(from: maps.values, as: Float.self, count: count)
            case .half: try queue.read(from: maps.values, as: Float16.self, count: count).map { Float($0) }
            }
        return maps.layout.values(of: maps.shape, images: images, in: stored)
    }

    /// The row sums of feature maps, or something to stand in their place for a kernel that does not touch them.
    func rowSums(_ maps: OpenCLFeatureMaps, needed: Bool) throws -> Buffer {
        if let rowSums = maps.rowSums { return rowSums }
        guard !needed else { throw BackendError.notPooled }
        return unused
    }
}

// MARK: Layout

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

/// How the values of an image's feature map lie on the device.
enum MapLayout: Hashable {
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
    func count(_ shape: FeatureShape) -> Int {
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
    func values(of shape: FeatureShape, images: Int, in stored: [Float]) -> [Float] {
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
