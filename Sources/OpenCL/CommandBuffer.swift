internal import COpenCL
import Synchronization

/// Kernel launches that are recorded once and enqueued as often as wanted with a single call
/// (`cl_command_buffer_khr`).
///
/// A launch is recorded with the arguments that its kernel has at that time, which are the kernel's for good: setting
/// another is an error from then on. OpenCL has recorded launches keep their arguments whatever becomes of the kernel's, but
/// PoCL 3.1 loses them. What the buffers hold counts when the launch runs. Launches run in the order of the recording.
public final class CommandBuffer: @unchecked Sendable {
    // Unchecked for the handle, which is only used with the lock held.

    private struct State {
        var isFinal = false
        /// OpenCL leaves it open whether recorded launches keep what they use; the kernels keep the buffers.
        var kernels: [Kernel] = []
        var last: Event?
    }

    /// The `cl_command_buffer_khr`.
    public let handle: OpaquePointer

    /// The queue that the launches are for.
    public let queue: CommandQueue

    private let functions: CommandBufferFunctions
    private let state = Mutex(State())

    /// Whether the device can record commands (cl_khr_command_buffer).
    public static func isSupported(by device: Device) -> Bool { CommandBufferFunctions(device) != nil }

    /// Creates an empty command buffer (`clCreateCommandBufferKHR`).
    ///
    /// - Parameter queue: Where the launches will run; its commands run in order.
    /// - Throws: ``OpenCLError``: `CL_INVALID_OPERATION` if the device hasn't the extension (see
    ///   ``isSupported(by:)``) or the queue is out of order, `CL_INCOMPATIBLE_COMMAND_QUEUE_KHR` if the driver wants other
    ///   queues.
    public init(queue: CommandQueue) throws {
        let call = "clCreateCommandBufferKHR"
        let device = queue.context.device
        guard let functions = CommandBufferFunctions(device) else {
            throw OpenCLError(
                code: CL_INVALID_OPERATION, call: call,
                detail: "\(device) hasn't \(CommandBufferFunctions.extensionName); enqueue the kernels one by one")
        }
        guard !queue.isOutOfOrder else {
            throw OpenCLError(
                code: CL_INVALID_OPERATION, call: call, detail: "the queue is out of order; record for one in order")
        }
        var status: cl_int = CL_SUCCESS
        var queueHandle: cl_command_queue? = queue.handle
        let created = functions.create(1, &queueHandle, nil, &status)
        handle = try check(created, status, call, detail: "device \(device)")
        self.queue = queue
        self.functions = functions
    }

    deinit { _ = functions.release(handle) }

    /// Number of launches recorded.
    public var count: Int { state.withLock { $0.kernels.count } }

    /// Records a launch with the arguments that the kernel has now, and keeps from here on
    /// (`clCommandNDRangeKernelKHR`).
    ///
    /// - Parameters:
    ///   - global: Number of work-items in each dimension.
    ///   - local: Number of work-items of a work-group in each dimension, dividing `global`; nil leaves it
    ///     to the driver.
    /// - Throws: ``OpenCLError``: as ``CommandQueue/enqueue(_:global:local:offset:)``, and `CL_INVALID_OPERATION` after
    ///   ``finalize()``.
    public func record(_ kernel: Kernel, global: NDRange, local: NDRange? = nil) throws {
        let call = "clCommandNDRangeKernelKHR"
        try CommandQueue.checkRanges(kernel, global, local, nil, call)
        try state.withLock { state in
            guard !state.isFinal else {
                throw OpenCLError(
                    code: CL_INVALID_OPERATION, call: call, detail: "the command buffer is final; record another")
            }
            var status: cl_int = CL_SUCCESS
            global.withSizes { globalSizes in
                // Where there is no local range, the global one only stands in to have something to point at.
                (local ?? global).withSizes { localSizes in
                    kernel.withLock {
                        status = functions.recordKernel(
                            handle, nil, nil, $0, cl_uint(global.dimensions), nil, globalSizes,
                            local == nil ? nil : localSizes, 0, nil, nil, nil)
                    }
                }
            }
            try check(status, call, detail: "kernel \"\(kernel.name)\", global size \(global)")
            kernel.freezeArguments()
            state.kernels.append(kernel)
        }
    }

    /// Ends the recording, after which the launches can be enqueued (`clFinalizeCommandBufferKHR`).
    ///
    /// - Throws: ``OpenCLError``, such as `CL_INVALID_OPERATION` the second time.
    public func finalize() throws {
        let call = "clFinalizeCommandBufferKHR"
        try state.withLock { state in
            guard !state.isFinal else {
                throw OpenCLError(code: CL_INVALID_OPERATION, call: call, detail: "the command buffer is final already")
            }
            try check(functions.finalize(handle), call)
            state.isFinal = true
        }
    }

    /// Enqueues all recorded launches (`clEnqueueCommandBufferKHR`), once those of the time before are done: waits for
    /// them if need be.
    ///
    /// - Throws: ``OpenCLError``, such as `CL_INVALID_OPERATION` before ``finalize()``.
    public func enqueue() throws {
        let call = "clEnqueueCommandBufferKHR"
        try state.withLock { state in
            guard state.isFinal else {
                throw OpenCLError(
                    code: CL_INVALID_OPERATION, call: call, detail: "the command buffer isn't final; finalize it first")
            }
            try state.last?.wait()
            var event: cl_event?
            try check(functions.enqueue(0, nil, handle, 0, nil, &event), call)
            state.last = Event(handle: try check(event, CL_SUCCESS, call), queue: queue)
            queue.countLaunches(state.kernels.count)
        }
    }
}
