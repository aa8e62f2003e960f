import OpenCL

/// Values that are kept as the backend's precision says.
extension OpenCLBackend {
    /// Bytes of a value of feature maps.
    var storedBytes: Int {
        switch traits.storage {
        case .float: MemoryLayout<Float>.stride
        case .half: MemoryLayout<Float16>.stride
        }
    }

    /// Zeroed memory: see ``allocate(_:perImage:images:staged:as:)``.
    func allocateStored(perImage count: Int, images: Int, as use: WritableKeyPath<MemoryUse, Int>) throws -> Buffer {
        switch traits.storage {
        case .float: try allocate(Float.self, perImage: count, images: images, as: use)
        case .half: try allocate(Float16.self, perImage: count, images: images, as: use)
        }
    }

    /// A convolution's weights, as its kernel reads them.
    /// - Parameter fill: gets zeros.
    func stored(count: Int, _ fill: (UnsafeMutableBufferPointer<Float>) -> Void) throws -> Buffer {
        switch traits.storage {
        case .float: return try constant(count: count, fill)
        case .half:
            let values = [Float](unsafeUninitializedCapacity: count) { values, filled in
                values.initialize(repeating: 0)
                fill(values)
                filled = count
            }
            return try constant(values.map { Float16($0) })
        }
    }

    /// The values of feature maps in the order in which they lie.
    func readStored(_ activations: FeatureMaps, images: Int) throws -> [Float] {
        let count = activations.layout.count(activations.shape) * images
        // Pictures are floats whatever feature maps are.
        switch activations.layout == .blocks ? traits.storage : .float {
        case .float: return try queue.read(from: activations.values, as: Float.self, count: count)
        case .half: return try queue.read(from: activations.values, as: Float16.self, count: count).map { Float($0) }
        }
    }
}
