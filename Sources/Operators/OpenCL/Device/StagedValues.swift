import OpenCL

/// Memory of the host's that a queue copies to or from the device by itself.
final class StagedValues<Element: BitwiseCopyable> {
    let values: UnsafeMutableBufferPointer<Element>
    private let queue: CommandQueue

    init(repeating value: Element, count: Int, queue: CommandQueue) {
        values = .allocate(capacity: count)
        values.initialize(repeating: value)
        self.queue = queue
    }

    deinit {
        // A transfer may still use it, where a batch ended with an error.
        try? queue.finish()
        values.deallocate()
    }

    /// Copies `elements` to the start of ``values``, and from there to the start of `buffer` without waiting for it.
    func send(_ elements: some Collection<Element>, to buffer: Buffer) throws {
        _ = values.update(fromContentsOf: elements)
        try sendFirst(elements.count, to: buffer)
    }

    private func sendFirst(_ count: Int, to buffer: Buffer) throws {
        let bytes = UnsafeRawBufferPointer(UnsafeBufferPointer(rebasing: values[..<count]))
        try queue.write(to: buffer, from: bytes, blocking: false)
    }
}

extension StagedValues<Float> {
    /// Sends whole images to a buffer of planes, ``MapLayout/planes(halo:)``, without waiting for it.
    ///
    /// The halo's values, between rows, are sent as they are in ``values``.
    /// - Parameter images: [image][C][H][W]
    func send(
        _ images: UnsafeBufferPointer<Float>, of shape: FeatureShape, halo: Int, to buffer: Buffer
    ) throws {
        let pitch = shape.width + 2 * halo
        var source = 0
        for plane in 0..<images.count / shape.pixels {
            let start = plane * (shape.height + 2 * halo) * pitch + halo * pitch + halo
            for row in 0..<shape.height {
                let target = UnsafeMutableBufferPointer(rebasing: values[(start + row * pitch)...])
                _ = target.update(fromContentsOf: UnsafeBufferPointer(rebasing: images[source..<source + shape.width]))
                source += shape.width
            }
        }
        try sendFirst(MapLayout.planes(halo: halo).count(shape) * (images.count / shape.count), to: buffer)
    }
}
