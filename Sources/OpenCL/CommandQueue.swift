internal import COpenCL
import Synchronization

/// A queue of commands to the context's device (`cl_command_queue`).
///
/// Commands run after one another, in the order they were enqueued, unless the queue was made out of order.
/// Methods may be called from any thread; commands of several threads interleave.
public final class CommandQueue: @unchecked Sendable {
    // Unchecked for the handle: OpenCL's functions on queues are thread-safe.

    /// The `cl_command_queue`.
    public let handle: OpaquePointer

    /// The context the queue belongs to.
    public let context: Context

    /// Whether events of the queue have times.
    public let isProfiling: Bool

    /// Whether commands may overtake one another.
    public let isOutOfOrder: Bool

    private let launches = Atomic<Int>(0)

    /// The calls since ``startLogging()``. Only queues with profiling look at it: others pay nothing for it.
    private let log = Mutex<[LoggedCommand]?>(nil)

    /// Creates a queue (`clCreateCommandQueue`).
    ///
    /// - Parameters:
    ///   - profiling: Whether to record times (`CL_QUEUE_PROFILING_ENABLE`), for ``Event/times``.
    ///   - outOfOrder: Whether commands may overtake one another
    ///     (`CL_QUEUE_OUT_OF_ORDER_EXEC_MODE_ENABLE`); order is then up to events and barriers.
    /// - Throws: ``OpenCLError``, such as `CL_INVALID_QUEUE_PROPERTIES` if the device has no such queues.
    public init(context: Context, profiling: Bool = false, outOfOrder: Bool = false) throws {
        var properties: cl_command_queue_properties = 0
        if profiling { properties |= cl_command_queue_properties(CL_QUEUE_PROFILING_ENABLE) }
        if outOfOrder { properties |= cl_command_queue_properties(CL_QUEUE_OUT_OF_ORDER_EXEC_MODE_ENABLE) }
        var status: cl_int = CL_SUCCESS
        let created = clCreateCommandQueue(context.handle, context.device.handle, properties, &status)
        handle = try check(created, status, "clCreateCommandQueue", detail: "device \(context.device)")
        self.context = context
        isProfiling = profiling
        isOutOfOrder = outOfOrder
    }

    deinit { clReleaseCommandQueue(handle) }

    /// Number of kernels that were enqueued through this object so far; ones that other libraries enqueue
    /// on its ``handle`` aren't counted.
    public var kernelLaunches: Int { launches.load(ordering: .relaxed) }

    // MARK: Kernels

    /// Enqueues a kernel with the arguments it has now, without making an event
    /// (`clEnqueueNDRangeKernel`).
    ///
    /// - Parameters:
    ///   - global: Number of work-items in each dimension.
    ///   - local: Number of work-items of a work-group in each dimension, dividing `global`; nil leaves it
    ///     to the driver.
    ///   - offset: What to add to the work-items' global indices; nil for nothing.
    /// - Throws: ``OpenCLError``, such as `CL_INVALID_KERNEL_ARGS`, `CL_INVALID_WORK_GROUP_SIZE` or
    ///   `CL_INVALID_GLOBAL_WORK_SIZE`.
    public func enqueue(
        _ kernel: Kernel, global: NDRange, local: NDRange? = nil, offset: NDRange? = nil
    ) throws {
        try launch(kernel, global, local, offset, after: [], nil)
    }

    /// Enqueues a kernel as ``enqueue(_:global:local:offset:)`` does, and returns an event for it.
    ///
    /// - Parameter events: Commands that must be done before, of any queue of the context.
    /// - Throws: As ``enqueue(_:global:local:offset:)``.
    public func enqueueWithEvent(
        _ kernel: Kernel, global: NDRange, local: NDRange? = nil, offset: NDRange? = nil,
        after events: [Event] = []
    ) throws -> Event {
        var event: cl_event?
        try launch(kernel, global, local, offset, after: events, &event)
        return try self.event(event, Self.launchCall)
    }

    private static let launchCall = "clEnqueueNDRangeKernel"

    private func launch(
        _ kernel: Kernel, _ global: NDRange, _ local: NDRange?, _ offset: NDRange?, after events: [Event],
        _ event: UnsafeMutablePointer<cl_event?>?
    ) throws {
        try Self.checkRanges(kernel, global, local, offset, Self.launchCall)
        let status = global.withSizes { globalSizes in
            // Where a range isn't given, the global one only stands in to have something to point at.
            (local ?? global).withSizes { localSizes in
                (offset ?? global).withSizes { offsets in
                    withWaitList(events) { count, list in
                        var status: cl_int = CL_SUCCESS
                        kernel.withLock { kernelHandle in
                            status = logged(
                                .kernel(name: kernel.name, global: global, local: local), event: event
                            ) {
                                clEnqueueNDRangeKernel(
                                    handle, kernelHandle, cl_uint(global.dimensions),
                                    offset == nil ? nil : offsets, globalSizes,
                                    local == nil ? nil : localSizes, count, list, $0)
                            }
                        }
                        return status
                    }
                }
            }
        }
        try check(
            status, Self.launchCall,
            detail: "kernel \"\(kernel.name)\", global size \(global), local size "
                + (local?.description ?? "up to the driver"))
        launches.add(1, ordering: .relaxed)
    }

    /// Counts launches that reach the queue another way.
    func countLaunches(_ count: Int) { launches.add(count, ordering: .relaxed) }

    static func checkRanges(
        _ kernel: Kernel, _ global: NDRange, _ local: NDRange?, _ offset: NDRange?, _ call: String
    ) throws {
        func fail(_ code: Int32, _ detail: String) -> OpenCLError {
            OpenCLError(code: code, call: call, detail: "kernel \"\(kernel.name)\": \(detail)")
        }
        guard (1...3).contains(global.dimensions),
            local.map({ $0.dimensions == global.dimensions }) ?? true,
            offset.map({ $0.dimensions == global.dimensions }) ?? true
        else {
            throw fail(
                CL_INVALID_WORK_DIMENSION,
                "the global size has 1 to 3 dimensions, and local size and offset have as many")
        }
        guard global.x > 0, global.y > 0, global.z > 0 else {
            throw fail(CL_INVALID_GLOBAL_WORK_SIZE, "the global size \(global) has a size below 1")
        }
        if let local, local.x <= 0 || local.y <= 0 || local.z <= 0 {
            throw fail(CL_INVALID_WORK_GROUP_SIZE, "the local size \(local) has a size below 1")
        }
        if let offset, offset.x < 0 || offset.y < 0 || offset.z < 0 {
            throw fail(CL_INVALID_GLOBAL_OFFSET, "the offset \(offset) is negative")
        }
    }

    // MARK: Transfers

    /// Copies bytes from the host to a buffer (`clEnqueueWriteBuffer`); no bytes are no command.
    ///
    /// - Parameters:
    ///   - buffer: Where to.
    ///   - offset: Where in the buffer to start, in bytes.
    ///   - bytes: Where from. If the call doesn't block, they have to stay valid and unchanged until the
    ///     command is done.
    ///   - blocking: Whether to wait until the bytes may be changed.
    /// - Throws: ``OpenCLError``: `CL_INVALID_VALUE` for bytes that don't fit in the buffer.
    public func write(
        to buffer: Buffer, offset: Int = 0, from bytes: UnsafeRawBufferPointer, blocking: Bool = true
    ) throws {
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

    /// Copies values from the host to a buffer, and waits until that's done (`clEnqueueWriteBuffer`).
    ///
    /// - Parameter offset: Where in the buffer to start, in bytes.
    /// - Throws: ``OpenCLError``: `CL_INVALID_VALUE` for values that don't fit in the buffer.
    public func write<Element: BitwiseCopyable>(
        to buffer: Buffer, offset: Int = 0, values: [Element]
    ) throws {
        try values.withUnsafeBytes { try write(to: buffer, offset: offset, from: $0) }
    }

    /// Copies bytes from a buffer to the host (`clEnqueueReadBuffer`); no bytes are no command.
    ///
    /// - Parameters:
    ///   - buffer: Where from.
    ///   - offset: Where in the buffer to start, in bytes.
    ///   - bytes: Where to. If the call doesn't block, they have to stay valid until the command is done.
    ///   - blocking: Whether to wait until the bytes are there.
    /// - Throws: ``OpenCLError``: `CL_INVALID_VALUE` for more bytes than the buffer has.
    public func read(
        from buffer: Buffer, offset: Int = 0, into bytes: UnsafeMutableRawBufferPointer,
        blocking: Bool = true
    ) throws {
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

    /// Enqueues a copy of bytes from a buffer to the host, without waiting, and returns an event for it
    /// (`clEnqueueReadBuffer`).
    ///
    /// - Parameters:
    ///   - buffer: Where from.
    ///   - offset: Where in the buffer to start, in bytes.
    ///   - bytes: Where to, at least one; they have to stay valid until the command is done.
    /// - Throws: ``OpenCLError``: `CL_INVALID_VALUE` for more bytes than the buffer has, or none.
    public func readWithEvent(
        from buffer: Buffer, offset: Int = 0, into bytes: UnsafeMutableRawBufferPointer
    ) throws -> Event {
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

    /// Copies values from a buffer to a new array, and waits for them (`clEnqueueReadBuffer`).
    ///
    /// - Parameters:
    ///   - offset: Where in the buffer to start, in bytes.
    ///   - type: The type of the values.
    ///   - count: Number of values; nil for all from the offset to the buffer's end.
    /// - Throws: ``OpenCLError``: `CL_INVALID_VALUE` for more values than the buffer has.
    public func read<Element: BitwiseCopyable>(
        from buffer: Buffer, offset: Int = 0, as type: Element.Type, count: Int? = nil
    ) throws -> [Element] {
        let call = "clEnqueueReadBuffer"
        let stride = MemoryLayout<Element>.stride
        // The offset first, as the number of values follows from it.
        try buffer.checkRange(offset: offset, byteCount: 0, call)
        let count = count ?? (buffer.byteCount - offset) / stride
        let (byteCount, overflows) = count.multipliedReportingOverflow(by: stride)
        try buffer.checkRange(offset: offset, byteCount: overflows ? .max : byteCount, call)
        return try [Element](unsafeUninitializedCapacity: count) { elements, initialized in
            let bytes = UnsafeMutableRawBufferPointer(start: elements.baseAddress, count: byteCount)
            try read(from: buffer, offset: offset, into: bytes)
            initialized = count
        }
    }

    /// Fills a buffer, or a part of it, with a number (`clEnqueueFillBuffer`).
    ///
    /// - Parameter range: The bytes to fill, in multiples of 4; nil for all.
    /// - Throws: ``OpenCLError``: `CL_INVALID_VALUE` for a range outside the buffer or not in multiples
    ///   of 4.
    public func fill(_ buffer: Buffer, with value: Float, range: Range<Int>? = nil) throws {
        try fill(buffer, withBits: value.bitPattern, range: range)
    }

    /// Fills a buffer, or a part of it, with a 32-bit pattern (`clEnqueueFillBuffer`).
    ///
    /// - Parameter range: The bytes to fill, in multiples of 4; nil for all.
    /// - Throws: ``OpenCLError``: `CL_INVALID_VALUE` for a range outside the buffer or not in multiples
    ///   of 4.
    public func fill(_ buffer: Buffer, withBits pattern: UInt32, range: Range<Int>? = nil) throws {
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
        try withUnsafePointer(to: pattern) { pattern in
            try check(
                logged(.fill(byteCount: range.count)) {
                    clEnqueueFillBuffer(
                        handle, buffer.handle, pattern, size, range.lowerBound, range.count, 0, nil, $0)
                }, call)
        }
    }

    /// Copies bytes from one buffer to another, or to another place of the same (`clEnqueueCopyBuffer`).
    ///
    /// - Parameters:
    ///   - sourceOffset: Where in the source to start, in bytes.
    ///   - destinationOffset: Where in the destination to start, in bytes.
    ///   - byteCount: Number of bytes; nil for all from the offset to the source's end.
    /// - Throws: ``OpenCLError``: `CL_INVALID_VALUE` for bytes outside a buffer, `CL_MEM_COPY_OVERLAP`.
    public func copy(
        from source: Buffer, to destination: Buffer, sourceOffset: Int = 0, destinationOffset: Int = 0,
        byteCount: Int? = nil
    ) throws {
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

    /// Calls with a buffer's memory in reach of the host (`clEnqueueMapBuffer`,
    /// `clEnqueueUnmapMemObject`).
    ///
    /// Waits for the commands enqueued before. Commands that are enqueued on this queue afterwards see what
    /// the host wrote.
    ///
    /// - Parameters:
    ///   - access: What `body` does with the memory.
    ///   - range: The bytes to map, at least one; nil for all.
    ///   - body: Gets the mapped bytes; they aren't valid after it returns.
    /// - Returns: What `body` returns.
    /// - Throws: ``OpenCLError``: `CL_INVALID_VALUE` for a range that's empty or outside the buffer, or
    ///   `CL_MAP_FAILURE`; and what `body` throws.
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
        // What the body threw came first and is likely the cause.
        let value = try result.get()
        try check(unmapped, "clEnqueueUnmapMemObject")
        if isOutOfOrder { try barrier() }
        return value
    }

    // MARK: Synchronization

    /// Sends the commands enqueued so far to the device, without waiting for them (`clFlush`).
    ///
    /// - Throws: ``OpenCLError``, if the driver fails.
    public func flush() throws { try check(clFlush(handle), "clFlush") }

    /// Blocks until all commands enqueued so far are done (`clFinish`).
    ///
    /// - Throws: ``OpenCLError``, if the driver fails or a command did.
    public func finish() throws {
        try check(loggingWait(.finish) { clFinish(handle) }, "clFinish")
    }

    /// Enqueues a marker: its event is complete once the given commands, or without any all commands
    /// enqueued before, are done (`clEnqueueMarkerWithWaitList`).
    ///
    /// - Throws: ``OpenCLError``, if the driver fails.
    public func marker(after events: [Event] = []) throws -> Event {
        let call = "clEnqueueMarkerWithWaitList"
        var event: cl_event?
        try withWaitList(events) { try check(clEnqueueMarkerWithWaitList(handle, $0, $1, &event), call) }
        return try self.event(event, call)
    }

    /// Enqueues a barrier: commands enqueued afterwards wait for the given commands, of any queue of the
    /// context, or without any for all enqueued before (`clEnqueueBarrierWithWaitList`).
    ///
    /// - Throws: ``OpenCLError``, if the driver fails.
    public func barrier(after events: [Event] = []) throws {
        try withWaitList(events) {
            try check(clEnqueueBarrierWithWaitList(handle, $0, $1, nil), "clEnqueueBarrierWithWaitList")
        }
    }

    // MARK: Log

    /// Begins to keep a log of every kernel, transfer and wait, with an event for each command.
    ///
    /// The events keep the queue, and the queue keeps the log: take it with ``finishLogging()``.
    ///
    /// - Throws: ``OpenCLError`` with `CL_PROFILING_INFO_NOT_AVAILABLE`, if the queue was made without
    ///   profiling.
    public func startLogging() throws {
        guard isProfiling else {
            throw OpenCLError(
                code: CL_PROFILING_INFO_NOT_AVAILABLE, call: "clGetEventProfilingInfo",
                detail: "the queue was made without profiling")
        }
        log.withLock { $0 = [] }
    }

    /// Number of commands and waits that the log has by now.
    public var loggedCount: Int { isProfiling ? log.withLock { $0?.count ?? 0 } : 0 }

    /// Ends the log.
    ///
    /// - Returns: What was called since ``startLogging()``, in order; empty if nothing was logged.
    public func finishLogging() -> [LoggedCommand] {
        log.withLock { log in
            defer { log = nil }
            return log ?? []
        }
    }

    /// Makes a call that enqueues a command, and logs it while there's a log.
    ///
    /// - Parameters:
    ///   - event: Where the caller wants the command's event, if at all.
    ///   - call: Gets where the event goes; nil for nowhere.
    /// - Returns: What `call` returns.
    @inline(__always)
    private func logged(
        _ kind: @autoclosure () -> LoggedCommand.Kind, isBlocking: Bool = false,
        event: UnsafeMutablePointer<cl_event?>? = nil,
        _ call: (UnsafeMutablePointer<cl_event?>?) -> cl_int
    ) -> cl_int {
        guard isProfiling, log.withLock({ $0 != nil }) else { return call(event) }
        var own: cl_event?
        let called = ContinuousClock.now
        let status = call(&own)
        let returned = ContinuousClock.now
        guard status == CL_SUCCESS, let own else { return status }
        if let event {
            // Two own the event then.
            let retained = clRetainEvent(own)
            guard retained == CL_SUCCESS else {
                clReleaseEvent(own)
                return retained
            }
            event.pointee = own
        }
        let command = LoggedCommand(
            kind: kind(), event: Event(handle: own, queue: self), called: called, returned: returned,
            isBlocking: isBlocking)
        log.withLock { $0?.append(command) }
        return status
    }

    /// Makes a call that only waits, and logs it while there's a log.
    @inline(__always)
    func loggingWait(_ kind: LoggedCommand.Kind, _ call: () -> cl_int) -> cl_int {
        guard isProfiling, log.withLock({ $0 != nil }) else { return call() }
        let called = ContinuousClock.now
        let status = call()
        let command = LoggedCommand(
            kind: kind, event: nil, called: called, returned: .now, isBlocking: true)
        log.withLock { $0?.append(command) }
        return status
    }

    // MARK: Events

    private func event(_ handle: cl_event?, _ call: String) throws -> Event {
        Event(handle: try check(handle, CL_SUCCESS, call), queue: self)
    }

    /// Calls with the events' handles, as the C functions want them: none at all as a null pointer.
    private func withWaitList<Result>(
        _ events: [Event], _ body: (cl_uint, UnsafePointer<cl_event?>?) throws -> Result
    ) rethrows -> Result {
        guard !events.isEmpty else { return try body(0, nil) }
        let handles: [cl_event?] = events.map(\.handle)
        // The handles alone don't keep the events until the call is made.
        return try withExtendedLifetime(events) {
            try handles.withUnsafeBufferPointer { try body(cl_uint($0.count), $0.baseAddress) }
        }
    }
}
