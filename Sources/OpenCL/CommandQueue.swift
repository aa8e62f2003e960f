internal import COpenCL
import Synchronization

/// A queue of commands to the context's device (`cl_command_queue`).
///
/// Commands run one after another, in the order in which they were enqueued, unless the queue was created out of order.
/// Methods may be called from any thread; commands from several threads interleave.
public final class CommandQueue: @unchecked Sendable {
    // Unchecked for the handle: OpenCL's functions on queues are thread-safe.

    /// The `cl_command_queue`.
    public let handle: OpaquePointer

    /// The context the queue belongs to.
    public let context: Context

    /// Whether the queue's events record times.
    public let isProfiling: Bool

    /// Whether commands may overtake one another.
    public let isOutOfOrder: Bool

    /// Whether kernels of this queue must not run beside those of another; see ``KernelTurns``. Every launch asks.
    let takesTurns: Bool

    private let launches = Atomic<Int>(0)

    /// The calls since ``startLogging()``. Only queues with profiling check it; others pay nothing for it.
    let log = Mutex<[LoggedCommand]?>(nil)

    /// Creates a queue (`clCreateCommandQueue`).
    ///
    /// - Parameters:
    ///   - profiling: Whether to record times (`CL_QUEUE_PROFILING_ENABLE`), for ``Event/times``.
    ///   - outOfOrder: Whether commands may overtake one another
    ///     (`CL_QUEUE_OUT_OF_ORDER_EXEC_MODE_ENABLE`); events and barriers then determine the order.
    /// - Throws: ``OpenCLError``, such as `CL_INVALID_QUEUE_PROPERTIES` if the device does not support them.
    public init(context: Context, profiling: Bool = false, outOfOrder: Bool = false) throws(OpenCLError) {
        var properties: cl_command_queue_properties = 0
        if profiling { properties |= cl_command_queue_properties(CL_QUEUE_PROFILING_ENABLE) }
        takesTurns = context.device.isPoCL
        // Where queues take turns, each runs in order.
        if outOfOrder, !takesTurns {
            properties |= cl_command_queue_properties(CL_QUEUE_OUT_OF_ORDER_EXEC_MODE_ENABLE)
        }
        var status: cl_int = CL_SUCCESS
        let created = clCreateCommandQueue(context.handle, context.device.handle, properties, &status)
        handle = try check(created, status, "clCreateCommandQueue", detail: "device \(context.device)")
        self.context = context
        isProfiling = profiling
        isOutOfOrder = outOfOrder
    }

    deinit {
        if takesTurns { KernelTurns.leave(handle) }
        clReleaseCommandQueue(handle)
    }

    /// Number of kernels enqueued through this object so far; those that other libraries enqueue on its ``handle`` are
    /// not counted.
    public var kernelLaunches: Int { launches.load(ordering: .relaxed) }

    // MARK: Kernels

    /// Enqueues a kernel with its current arguments, without creating an event (`clEnqueueNDRangeKernel`).
    ///
    /// - Parameters:
    ///   - global: Number of work-items in each dimension.
    ///   - local: Number of work-items of a work-group in each dimension, a divisor of that of `global`; nil lets the
    ///     driver choose.
    ///   - offset: The offset of the work-items' global indices; nil for none.
    /// - Throws: ``OpenCLError``, such as `CL_INVALID_KERNEL_ARGS`, `CL_INVALID_WORK_GROUP_SIZE` or
    ///   `CL_INVALID_GLOBAL_WORK_SIZE`.
    public func enqueue(
        _ kernel: Kernel, global: NDRange, local: NDRange? = nil, offset: NDRange? = nil
    ) throws(OpenCLError) {
        try launch(kernel, global, local, offset, after: [], nil)
    }

    /// Enqueues a kernel as ``enqueue(_:global:local:offset:)`` does, and returns its event.
    ///
    /// - Parameter events: Commands of any queue of the context that must be complete before.
    /// - Throws: As ``enqueue(_:global:local:offset:)``.
    public func enqueueWithEvent(
        _ kernel: Kernel, global: NDRange, local: NDRange? = nil, offset: NDRange? = nil,
        after events: [Event] = []
    ) throws(OpenCLError) -> Event {
        var event: cl_event?
        try launch(kernel, global, local, offset, after: events, &event)
        return try self.event(event, Self.launchCall)
    }

    private static let launchCall = "clEnqueueNDRangeKernel"

    private func launch(
        _ kernel: Kernel, _ global: NDRange, _ local: NDRange?, _ offset: NDRange?, after events: [Event],
        _ event: UnsafeMutablePointer<cl_event?>?
    ) throws(OpenCLError) {
        try Self.checkRanges(kernel, global, local, offset, Self.launchCall)
        let status = try inTurn {
            global.withSizes { globalSizes in
                // Where a range is missing, the global one is only a placeholder to point at.
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
        }
        try check(
            status, Self.launchCall,
            detail: "kernel \"\(kernel.name)\", global size \(global), local size "
                + (local?.description ?? "up to the driver"))
        launches.add(1, ordering: .relaxed)
    }

    private static func checkRanges(
        _ kernel: Kernel, _ global: NDRange, _ local: NDRange?, _ offset: NDRange?, _ call: String
    ) throws(OpenCLError) {
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

    // MARK: Synchronization

    /// Submits the commands enqueued so far to the device, without waiting for them (`clFlush`).
    ///
    /// - Throws: ``OpenCLError``, if the driver fails.
    public func flush() throws(OpenCLError) { try check(clFlush(handle), "clFlush") }

    /// Blocks until all commands enqueued so far are complete (`clFinish`).
    ///
    /// - Throws: ``OpenCLError``, if the driver or a command failed.
    public func finish() throws(OpenCLError) {
        try check(loggingWait(.finish) { clFinish(handle) }, "clFinish")
    }

    /// Enqueues a marker, whose event is complete once the given commands are, or all commands enqueued before if none are
    /// given (`clEnqueueMarkerWithWaitList`).
    ///
    /// - Throws: ``OpenCLError``, if the driver fails.
    public func marker(after events: [Event] = []) throws(OpenCLError) -> Event {
        let call = "clEnqueueMarkerWithWaitList"
        var event: cl_event?
        try check(withWaitList(events) { clEnqueueMarkerWithWaitList(handle, $0, $1, &event) }, call)
        return try self.event(event, call)
    }

    /// Enqueues a barrier: commands enqueued afterwards wait for the given commands of any queue of the context, or for
    /// all commands enqueued before if none are given (`clEnqueueBarrierWithWaitList`).
    ///
    /// - Throws: ``OpenCLError``, if the driver fails.
    public func barrier(after events: [Event] = []) throws(OpenCLError) {
        try check(
            withWaitList(events) { clEnqueueBarrierWithWaitList(handle, $0, $1, nil) }, "clEnqueueBarrierWithWaitList")
    }

    // MARK: Events

    func event(_ handle: cl_event?, _ call: String) throws(OpenCLError) -> Event {
        Event(handle: try check(handle, CL_SUCCESS, call), queue: self)
    }

    /// Calls `body` with the events' handles as the C functions take them: an empty list as a null pointer.
    private func withWaitList(
        _ events: [Event], _ body: (cl_uint, UnsafePointer<cl_event?>?) -> cl_int
    ) -> cl_int {
        guard !events.isEmpty else { return body(0, nil) }
        let handles: [cl_event?] = events.map(\.handle)
        // The handles alone do not keep the events alive until the call is made.
        return withExtendedLifetime(events) {
            handles.withUnsafeBufferPointer { body(cl_uint($0.count), $0.baseAddress) }
        }
    }
}
