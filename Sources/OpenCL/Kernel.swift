internal import COpenCL
import Synchronization

/// A kernel function of a ``Program`` with the arguments set for its next launch (`cl_kernel`).
///
/// Arguments stay set until they are set anew; launches that are already enqueued keep the ones they were
/// enqueued with. Buffers that are bound live as long as they are bound.
///
/// Single calls are safe from any thread, but the arguments are one state for all users of the object: to
/// set arguments and launch in several tasks at a time, give each task a kernel object of its own
/// (``Program/kernel(named:)``).
public final class Kernel: @unchecked Sendable {
    // Unchecked for the handle: the lock covers the calls that OpenCL doesn't make thread-safe.

    /// The `cl_kernel`.
    public let handle: OpaquePointer

    /// The program the kernel is of.
    public let program: Program

    /// The kernel function's name (`CL_KERNEL_FUNCTION_NAME`).
    public let name: String

    /// Number of arguments (`CL_KERNEL_NUM_ARGS`).
    public let argumentCount: Int

    /// Largest number of work-items in a work-group of this kernel (`CL_KERNEL_WORK_GROUP_SIZE`).
    public let workGroupSize: Int

    /// Work-group sizes that are multiples of this run best
    /// (`CL_KERNEL_PREFERRED_WORK_GROUP_SIZE_MULTIPLE`).
    public let preferredWorkGroupSizeMultiple: Int

    /// OpenCL leaves it open whether kernels keep their buffers, so they are kept here, by index.
    private let bound: Mutex<[Buffer?]>

    private let isFrozen = Atomic<Bool>(false)

    /// Creates the kernel (`clCreateKernel`).
    init(program: Program, name: String) throws {
        let device = program.context.device.handle
        var status: cl_int = CL_SUCCESS
        let created = clCreateKernel(program.handle, name, &status)
        let handle = try check(created, status, "clCreateKernel", detail: "kernel \"\(name)\"")
        do {
            func size(_ parameter: Int32) throws -> Int {
                try Info.value(0, "clGetKernelWorkGroupInfo") {
                    clGetKernelWorkGroupInfo(
                        handle, device, cl_kernel_work_group_info(parameter), $0, $1, $2)
                }
            }
            let count = try Info.value(cl_uint(0), "clGetKernelInfo") {
                clGetKernelInfo(handle, cl_kernel_info(CL_KERNEL_NUM_ARGS), $0, $1, $2)
            }
            argumentCount = Int(count)
            workGroupSize = try size(CL_KERNEL_WORK_GROUP_SIZE)
            preferredWorkGroupSizeMultiple = try size(CL_KERNEL_PREFERRED_WORK_GROUP_SIZE_MULTIPLE)
        } catch {
            clReleaseKernel(handle)
            throw error
        }
        self.handle = handle
        self.program = program
        self.name = name
        bound = Mutex([Buffer?](repeating: nil, count: argumentCount))
    }

    deinit { clReleaseKernel(handle) }

    /// Sets one argument (`clSetKernelArg`).
    ///
    /// - Parameters:
    ///   - index: The argument's place, from 0.
    ///   - value: A value of the Swift type that corresponds to the argument's (see ``KernelArgument``).
    /// - Throws: ``OpenCLError``: `CL_INVALID_ARG_INDEX`, `CL_INVALID_ARG_SIZE` for a type of another
    ///   size, `CL_INVALID_CONTEXT` for a buffer of another context.
    public func setArgument(_ index: Int, _ value: some KernelArgument) throws {
        try value.set(in: self, at: index)
    }

    /// Sets all arguments, in order.
    ///
    /// - Throws: ``OpenCLError``: `CL_INVALID_KERNEL_ARGS`, if they aren't as many as the kernel takes, or
    ///   as ``setArgument(_:_:)``.
    public func setArguments(_ values: any KernelArgument...) throws { try setArguments(values) }

    /// Sets all arguments, in order.
    ///
    /// - Throws: As the other form.
    public func setArguments(_ values: [any KernelArgument]) throws {
        guard values.count == argumentCount else {
            throw OpenCLError(
                code: CL_INVALID_KERNEL_ARGS, call: "clSetKernelArg",
                detail: "kernel \"\(name)\" takes \(argumentCount) arguments, not \(values.count)")
        }
        for (index, value) in values.enumerated() { try value.set(in: self, at: index) }
    }

    /// Sets one argument to plain bytes, such as those of a structure (`clSetKernelArg`); they are copied.
    ///
    /// - Throws: As ``setArgument(_:_:)``.
    public func setArgument(_ index: Int, bytes: UnsafeRawBufferPointer) throws {
        try set(index, bytes.count, bytes.baseAddress, keeping: nil)
    }

    /// Sets a pointer argument to a buffer, or, if it's nil, to a null pointer (`clSetKernelArg`).
    ///
    /// - Throws: As ``setArgument(_:_:)``.
    public func setArgument(_ index: Int, buffer: Buffer?) throws {
        guard let buffer else {
            return try set(index, MemoryLayout<cl_mem?>.size, nil, keeping: nil)
        }
        guard buffer.context === program.context else {
            throw OpenCLError(
                code: CL_INVALID_CONTEXT, call: "clSetKernelArg",
                detail: "argument \(index) of kernel \"\(name)\" is a buffer of another context")
        }
        var handle: cl_mem? = buffer.handle
        try set(index, MemoryLayout<cl_mem?>.size, &handle, keeping: buffer)
    }

    /// Gives a `__local` pointer argument its memory.
    func setArgument(_ index: Int, localByteCount: Int) throws {
        guard localByteCount > 0 else {
            throw OpenCLError(
                code: CL_INVALID_ARG_SIZE, call: "clSetKernelArg",
                detail: "local memory has at least 1 byte, not \(localByteCount)")
        }
        try set(index, localByteCount, nil, keeping: nil)
    }

    /// From now on arguments can't be set: see ``CommandBuffer``.
    func freezeArguments() { isFrozen.store(true, ordering: .relaxed) }

    /// Calls with the kernel, while no other thread sets its arguments or launches it.
    @inline(__always)
    func withLock(_ body: (OpaquePointer) throws -> Void) rethrows {
        try bound.withLock { _ in try body(handle) }
    }

    private func set(
        _ index: Int, _ size: Int, _ value: UnsafeRawPointer?, keeping buffer: Buffer?
    ) throws {
        guard index >= 0, index < argumentCount else {
            throw OpenCLError(
                code: CL_INVALID_ARG_INDEX, call: "clSetKernelArg",
                detail: "kernel \"\(name)\" takes \(argumentCount) arguments; there is none at \(index)")
        }
        guard !isFrozen.load(ordering: .relaxed) else {
            throw OpenCLError(
                code: CL_INVALID_OPERATION, call: "clSetKernelArg",
                detail: "kernel \"\(name)\" is part of a command buffer; make another kernel object")
        }
        try bound.withLock { bound in
            try check(
                clSetKernelArg(handle, cl_uint(index), size, value), "clSetKernelArg",
                detail: "argument \(index) of kernel \"\(name)\"")
            bound[index] = buffer
        }
    }
}
