import OpenCL

extension OpenCLBackend {
    private static let largeAllocation = 1 << 26

    /// Zeroed memory for `count` values of each image.
    ///
    /// - Parameters:
    ///   - staged: whether the host keeps as much for what is on its way.
    ///   - use: what to count it as.
    /// - Throws: ``BackendError/batchTooLarge(images:bytes:limit:device:)`` where the device cannot hold it.
    func allocate<Element>(
        _ type: Element.Type, perImage count: Int, images: Int, staged: Bool = false,
        as use: WritableKeyPath<MemoryUse, Int> = \.other
    ) throws -> Buffer {
        let byteCount = try byteCount(type, perImage: count, images: images)
        if staged { try reserve(byteCount, images: images, as: \.other) }
        return try allocate(byteCount: byteCount, images: images, as: use)
    }

    /// Zeroed memory.
    func allocate(byteCount: Int, images: Int, as use: WritableKeyPath<MemoryUse, Int>) throws -> Buffer {
        try reserve(byteCount, images: images, as: use)
        let buffer = try Buffer(context: runtime.context, byteCount: byteCount)
        try queue.fill(buffer, with: 0)
        // Memory is taken when it is first touched: what is left is known only after that.
        if byteCount > Self.largeAllocation { try queue.finish() }
        return buffer
    }

    /// Bytes of `count` values of each image. An image's values fit an Int by the limits of architectures, but those of
    /// many images need not.
    /// - Throws: ``BackendError/batchTooLarge(images:bytes:limit:device:)`` if they are more than a buffer may have.
    func byteCount<Element>(_ type: Element.Type, perImage count: Int, images: Int) throws -> Int {
        let (product, overflows) = (count * MemoryLayout<Element>.stride).multipliedReportingOverflow(by: images)
        let limit = runtime.device.maxAllocation
        guard !overflows, product <= limit else {
            throw BackendError.batchTooLarge(
                images: images, bytes: overflows ? .max : product, limit: limit, device: deviceName)
        }
        return product
    }

    func constant<Element: BitwiseCopyable>(_ values: [Element]) throws -> Buffer {
        try reserve(values.count * MemoryLayout<Element>.stride, images: 1, as: \.weights)
        return try Buffer(context: runtime.context, copying: values, access: .readOnly)
    }

    /// Constants that are written where they will be, so that they are nowhere else.
    /// - Parameter fill: gets zeros.
    func constant(count: Int, _ fill: (UnsafeMutableBufferPointer<Float>) -> Void) throws -> Buffer {
        let byteCount = count * MemoryLayout<Float>.stride
        try reserve(byteCount, images: 1, as: \.weights)
        let buffer = try Buffer(context: runtime.context, byteCount: byteCount, access: .readOnly)
        try queue.withMapped(buffer, access: .overwrite) { bytes in
            let values = bytes.bindMemory(to: Float.self)
            values.initialize(repeating: 0)
            fill(values)
        }
        return buffer
    }

    /// Memory that an operation may use while it runs, and no longer: all operations of a network share it, as they run
    /// one after the other. Ask again for every run, and, so that no batch has to wait for an allocation, once when the
    /// operation is made.
    ///
    /// - Parameter byteCount: for each image that the operation runs for at once.
    /// - Returns: a buffer of at least that size with undefined contents. The next call may return another.
    /// - Throws: ``BackendError/batchTooLarge(images:bytes:limit:device:)`` where the device cannot hold it.
    func scratch(byteCount: Int, images: Int = 1) throws -> Buffer {
        let needed = try self.byteCount(UInt8.self, perImage: byteCount, images: images)
        if let scratchBuffer, scratchBuffer.byteCount >= needed { return scratchBuffer }
        // Released before the larger one is asked for: the driver keeps it until what uses it has run.
        let old = scratchBuffer?.byteCount ?? 0
        scratchBuffer = nil
        release(old, as: \.scratch)
        let buffer = try allocate(byteCount: max((needed + 3) / 4 * 4, 4), images: images, as: \.scratch)
        scratchBuffer = buffer
        return buffer
    }
}
