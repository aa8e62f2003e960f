internal import COpenCL

extension CommandQueue {
    /// Copies bytes from the host to a buffer (`clEnqueueWriteBuffer`); does nothing if there are none.
    ///
    /// - Parameters:
    ///   - buffer: The destination.
    ///   - offset: Offset in the buffer, in bytes.
    ///   - bytes: The source. If the call does not block, it must stay valid and unchanged until the command is complete.
    ///   - blocking: Whether to wait until the source may be changed.
    /// - Throws: ``OpenCLError``: `CL_INVALID_VALUE` if the bytes exceed the buffer.
    public func write(
        to buffer: Buffer, offset: Int = 0, from bytes: UnsafeRawBufferPointer, blocking: Bool = true
    ) throws(OpenCLError) {
        let call = "clEnqueueWriteBuffer"
        try buffer.checkRange(offset: offset, byteCount: bytes.count, call)
        guard let start = bytes.baseAddress, bytes.count > 0 else { return }
        try check(
            logged(.write(byteCount: bytes.count), isBlocking: blocking) {
                clEnqueueWriteBuffer(
                    handle, buffer.handle, cl_bool(blocking ? CL_TRUE : CL_FALSE), offset, bytes.count, start,
                    0, nil, $0)
            }, call)
    }

    /// Copies values from the host to a buffer, and waits for completion (`clEnqueueWriteBuffer`).
    ///
    /// - Parameter offset: Offset in the buffer, in bytes.
    /// - Throws: ``OpenCLError``: `CL_INVALID_VALUE` if the values exceed the buffer.
    public func write<Element: BitwiseCopyable>(
        to buffer: Buffer, offset: Int = 0, values: [Element]
    ) throws(OpenCLError) {
        try values.withUnsafeBufferPointer { values throws(OpenCLError) in
            try write(to: buffer, offset: offset, from: UnsafeRawBufferPointer(values))
        }
    }

    /// Copies bytes from a buffer to the host (`clEnqueueReadBuffer`); does nothing if there are none.
    ///
    /// - Parameters:
    ///   - buffer: The source.
    ///   - offset: Offset in the buffer, in bytes.
    ///   - bytes: The destination. If the call does not block, it must stay valid until the command is complete.
    ///   - blocking: Whether to wait for the bytes.
    /// - Throws: ``OpenCLError``: `CL_INVALID_VALUE` if the range exceeds the buffer.
    public func read(
        from buffer: Buffer, offset: Int = 0, into bytes: UnsafeMutableRawBufferPointer,
        blocking: Bool = true
    ) throws(OpenCLError) {
        let call = "clEnqueueReadBuffer"
        try buffer.checkRange(offset: offset, byteCount: bytes.count, call)
        guard let start = bytes.baseAddress, bytes.count > 0 else { return }
        try check(
            logged(.read(byteCount: bytes.count), isBlocking: blocking) {
                clEnqueueReadBuffer(
                    handle, buffer.handle, cl_bool(blocking ? CL_TRUE : CL_FALSE), offset, bytes.count, start,
                    0, nil, $0)
            }, call)
    }

    /// Enqueues a copy of bytes from a buffer to the host and returns its event, without waiting
    /// (`clEnqueueReadBuffer`).
    ///
    /// - Parameters:
    ///   - buffer: The source.
    ///   - offset: Offset in the buffer, in bytes.
    ///   - bytes: The destination, at least one byte; it must stay valid until the command is complete.
    /// - Throws: ``OpenCLError``: `CL_INVALID_VALUE` if the range is empty or exceeds the buffer.
    public func readWithEvent(
        from buffer: Buffer, offset: Int = 0, into bytes: UnsafeMutableRawBufferPointer
    ) throws(OpenCLError) -> Event {
        let call = "clEnqueueReadBuffer"
        try buffer.checkRange(offset: offset, byteCount: bytes.count, call)
        guard let start = bytes.baseAddress, bytes.count > 0 else {
            throw OpenCLError(code: CL_INVALID_VALUE, call: call, detail: "there are no bytes to read")
        }
        var event: cl_event?
        try check(
            logged(.read(byteCount: bytes.count), event: &event) {
                clEnqueueReadBuffer(
                    handle, buffer.handle, cl_bool(CL_FALSE), offset, bytes.count, start, 0, nil, $0)
            }, call)
        return try self.event(event, call)
    }

    /// Copies values from a buffer to a new array, and waits for completion (`clEnqueueReadBuffer`).
    ///
    /// - Parameters:
    ///   - offset: Offset in the buffer, in bytes.
    ///   - type: The type of the values.
    ///   - count: Number of values; nil for all values from the offset to the end of the buffer.
    /// - Throws: ``OpenCLError``: `CL_INVALID_VALUE` if the range exceeds the buffer.
    public func read<Element: BitwiseCopyable>(
        from buffer: Buffer, offset: Int = 0, as type: Element.Type, count: Int? = nil
    ) throws(OpenCLError) -> [Element] {
        let call = "clEnqueueReadBuffer"
        let stride = MemoryLayout<Element>.stride
        // The offset is checked first, as the number of values follows from it.
        try buffer.checkRange(offset: offset, byteCount: 0, call)
        let count = count ?? (buffer.byteCount - offset) / stride
        let (byteCount, overflows) = count.multipliedReportingOverflow(by: stride)
        try buffer.checkRange(offset: offset, byteCount: overflows ? .max : byteCount, call)
        return try [Element](unsafeUninitializedCapacity: count) { elements, initialized throws(OpenCLError) in
            let bytes = UnsafeMutableRawBufferPointer(start: elements.baseAddress, count: byteCount)
            try read(from: buffer, offset: offset, into: bytes)
            initialized = count
        }
    }

    /// Fills a buffer, or a part of it, with a value (`clEnqueueFillBuffer`).
    ///
    /// - Parameter range: The bytes to fill, in multiples of 4; nil for all.
    /// - Throws: ``OpenCLError``: `CL_INVALID_VALUE` for a range that exceeds the buffer or is not in multiples of 4.
    public func fill(_ buffer: Buffer, with value: Float, range: Range<Int>? = nil) throws(OpenCLError) {
        try fill(buffer, withBits: value.bitPattern, range: range)
    }

    /// Fills a buffer, or a part of it, with a 32-bit pattern (`clEnqueueFillBuffer`).
    ///
    /// - Parameter range: The bytes to fill, in multiples of 4; nil for all.
    /// - Throws: ``OpenCLError``: `CL_INVALID_VALUE` for a range that exceeds the buffer or is not in multiples of 4.
    public func fill(_ buffer: Buffer, withBits pattern: UInt32, range: Range<Int>? = nil) throws(OpenCLError) {
        let call = "clEnqueueFillBuffer"
        let range = range ?? 0..<buffer.byteCount
        try buffer.checkRange(range, call)
        let size = MemoryLayout<UInt32>.size
        guard range.lowerBound % size == 0, range.count % size == 0 else {
            throw OpenCLError(
                code: CL_INVALID_VALUE, call: call,
                detail: "the range \(range) isn't in multiples of 4 bytes")
        }
        guard !range.isEmpty else { return }
        let status = withUnsafePointer(to: pattern) { pattern in
            logged(.fill(byteCount: range.count)) {
                clEnqueueFillBuffer(
                    handle, buffer.handle, pattern, size, range.lowerBound, range.count, 0, nil, $0)
            }
        }
        try check(status, call)
    }

    /// Copies bytes from one buffer to another, or within a buffer (`clEnqueueCopyBuffer`).
    ///
    /// - Parameters:
    ///   - source: The buffer to read.
    ///   - destination: The buffer to write.
    ///   - sourceOffset: Offset in the source, in bytes.
    ///   - destinationOffset: Offset in the destination, in bytes.
    ///   - byteCount: Number of bytes; nil for all bytes from the offset to the end of the source.
    /// - Throws: ``OpenCLError``: `CL_INVALID_VALUE` if a range exceeds its buffer, `CL_MEM_COPY_OVERLAP`.
    public func copy(
        from source: Buffer, to destination: Buffer, sourceOffset: Int = 0, destinationOffset: Int = 0,
        byteCount: Int? = nil
    ) throws(OpenCLError) {
        let call = "clEnqueueCopyBuffer"
        try source.checkRange(offset: sourceOffset, byteCount: 0, call)
        let byteCount = byteCount ?? source.byteCount - sourceOffset
        try source.checkRange(offset: sourceOffset, byteCount: byteCount, call)
        try destination.checkRange(offset: destinationOffset, byteCount: byteCount, call)
        guard byteCount > 0 else { return }
        try check(
            logged(.copy(byteCount: byteCount)) {
                clEnqueueCopyBuffer(
                    handle, source.handle, destination.handle, sourceOffset, destinationOffset, byteCount, 0,
                    nil, $0)
            }, call)
    }

    /// Calls `body` with a buffer's memory mapped for the host (`clEnqueueMapBuffer`, `clEnqueueUnmapMemObject`).
    ///
    /// Waits for the commands enqueued before. Commands enqueued on this queue afterwards see what the host wrote.
    ///
    /// - Parameters:
    ///   - buffer: The buffer to map.
    ///   - access: How `body` uses the memory.
    ///   - range: The bytes to map, at least one; nil for all.
    ///   - body: A closure that takes the mapped bytes, which are valid only during the call.
    /// - Returns: The result of `body`.
    /// - Throws: ``OpenCLError``: `CL_INVALID_VALUE` for a range that is empty or exceeds the buffer, or
    ///   `CL_MAP_FAILURE`; and any error of `body`.
    public func withMapped<Value>(
        _ buffer: Buffer, access: MapAccess = .readWrite, range: Range<Int>? = nil,
        _ body: (UnsafeMutableRawBufferPointer) throws -> Value
    ) throws -> Value {
        let call = "clEnqueueMapBuffer"
        let range = range ?? 0..<buffer.byteCount
        try buffer.checkRange(range, call)
        guard !range.isEmpty else {
            throw OpenCLError(code: CL_INVALID_VALUE, call: call, detail: "the range is empty")
        }
        var mapped: UnsafeMutableRawPointer?
        let status = logged(.map(byteCount: range.count), isBlocking: true) { event in
            var status: cl_int = CL_SUCCESS
            mapped = clEnqueueMapBuffer(
                handle, buffer.handle, cl_bool(CL_TRUE), access.flags, range.lowerBound, range.count, 0, nil,
                event, &status)
            return status
        }
        let start = try check(mapped, status, call)
        let result = Result {
            try body(UnsafeMutableRawBufferPointer(start: start, count: range.count))
        }
        let unmapped = clEnqueueUnmapMemObject(handle, buffer.handle, start, 0, nil, nil)
        // An error of the body came first and is likely the cause.
        let value = try result.get()
        try check(unmapped, "clEnqueueUnmapMemObject")
        if isOutOfOrder { try barrier() }
        return value
    }
}
