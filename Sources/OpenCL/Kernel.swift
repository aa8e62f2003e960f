internal import COpenCL
import Synchronization

/// A kernel function of a ``Program``, together with the arguments of its next launch (`cl_kernel`).
///
/// Arguments stay set until they are replaced; launches that are already enqueued keep the arguments they were enqueued
/// with. A kernel retains the buffers among its arguments.
///
/// Each call is safe from any thread, but all users of the object share its arguments: tasks that set arguments and
/// launch concurrently need a kernel object each (``Program/kernel(named:)``).
public final class Kernel: @unchecked Sendable {
    // Unchecked for the handle: the lock covers the calls that OpenCL does not declare thread-safe.

    /// The `cl_kernel`.
    public let handle: OpaquePointer

    /// The program that the kernel belongs to.
    public let program: Program

    /// The kernel function's name (`CL_KERNEL_FUNCTION_NAME`).
    public let name: String

    /// Number of arguments (`CL_KERNEL_NUM_ARGS`).
    public let argumentCount: Int

    /// Largest number of work-items in a work-group of this kernel (`CL_KERNEL_WORK_GROUP_SIZE`).
    public let workGroupSize: Int

    /// The number of work-items of which a work-group should have a multiple
    /// (`CL_KERNEL_PREFERRED_WORK_GROUP_SIZE_MULTIPLE`).
    public let preferredWorkGroupSizeMultiple: Int

    /// The buffers by argument index, retained here because OpenCL does not promise that kernels do.
    private let bound: Mutex<[Buffer?]>

    /// Creates the kernel (`clCreateKernel`).
    init(program: Program, name: String) throws(OpenCLError) {
        let device = program.context.device.handle
        var status: cl_int = CL_SUCCESS
        let created = clCreateKernel(program.handle, name, &status)
        let handle = try check(created, status, "clCreateKernel", detail: "kernel \"\(name)\"")
        do {
            func size(_ parameter: Int32) throws(OpenCLError) -> Int {
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
    ///   - index: The argument's position, from 0.
    ///   - value: A value of the Swift type that corresponds to the argument's (see ``KernelArgument``).
    /// - Throws: ``OpenCLError``: `CL_INVALID_ARG_INDEX`, `CL_INVALID_ARG_SIZE` for a type of another
    ///   size, `CL_INVALID_CONTEXT` for a buffer of another context.
    public func setArgument(_ index: Int, _ value: some KernelArgument) throws(OpenCLError) {
        try value.set(in: self, at: index)
    }

    /// Sets all arguments, in order.
    ///
    /// - Throws: ``OpenCLError``: `CL_INVALID_KERNEL_ARGS` for a wrong number of arguments, or as
    ///   ``setArgument(_:_:)``.
    public func setArguments(_ values: any KernelArgument...) throws(OpenCLError) { try setArguments(values) }

    /// Sets all arguments, in order.
    ///
    /// - Throws: ``OpenCLError``, as the variadic form does.
    public func setArguments(_ values: [any KernelArgument]) throws(OpenCLError) {
        guard values.count == argumentCount else {
            throw OpenCLError(
                code: CL_INVALID_KERNEL_ARGS, call: "clSetKernelArg",
                detail: "kernel \"\(name)\" takes \(argumentCount) arguments, not \(values.count)")
        }
        for (index, value) in values.enumerated() { try value.set(in: self, at: index) }
    }

    /// Sets one argument to a copy of plain bytes, such as those of a structure (`clSetKernelArg`).
    ///
    /// - Throws: As ``setArgument(_:_:)``.
    public func setArgument(_ index: Int, bytes: UnsafeRawBufferPointer) throws(OpenCLError) {
        try set(index, bytes.count, bytes.baseAddress, keeping: nil)
    }

    /// Sets a pointer argument to a buffer, or to a null pointer if that is nil (`clSetKernelArg`).
    ///
    /// - Throws: As ``setArgument(_:_:)``.
    public func setArgument(_ index: Int, buffer: Buffer?) throws(OpenCLError) {
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

    /// Sets the size of a `__local` pointer argument.
    func setArgument(_ index: Int, localByteCount: Int) throws(OpenCLError) {
        guard localByteCount > 0 else {
            throw OpenCLError(
                code: CL_INVALID_ARG_SIZE, call: "clSetKernelArg",
                detail: "local memory has at least 1 byte, not \(localByteCount)")
        }
        try set(index, localByteCount, nil, keeping: nil)
    }

    /// Calls `body` with the handle while no other thread sets arguments or launches the kernel.
    @inline(__always)
    func withLock(_ body: (OpaquePointer) -> Void) { bound.withLock { _ in body(handle) } }

    private func set(
        _ index: Int, _ size: Int, _ value: UnsafeRawPointer?, keeping buffer: Buffer?
    ) throws(OpenCLError) {
        guard index >= 0, index < argumentCount else {
            throw OpenCLError(
                code: CL_INVALID_ARG_INDEX, call: "clSetKernelArg",
                detail: "kernel \"\(name)\" takes \(argumentCount) arguments; there is none at \(index)")
        }
        try bound.withLock { bound throws(OpenCLError) in
            try check(
                clSetKernelArg(handle, cl_uint(index), size, value), "clSetKernelArg",
                detail: "argument \(index) of kernel \"\(name)\"")
            bound[index] = buffer
        }
    }
}

/// A value that can be passed to a ``Kernel``.
///
/// Of the standard types, those with a fixed size conform, so that each OpenCL C type has exactly one counterpart: `int`
/// Int32, `uint` UInt32, `long` Int64, `ulong` UInt64, `float` Float, `double` Double. Other plain types (vectors,
/// structures laid out as in C) can conform with an empty extension.
public protocol KernelArgument {
    /// Sets a kernel's argument at an index to this value.
    ///
    /// - Throws: ``OpenCLError``, such as `CL_INVALID_ARG_INDEX` or `CL_INVALID_ARG_SIZE`.
    func set(in kernel: Kernel, at index: Int) throws(OpenCLError)
}

extension KernelArgument where Self: BitwiseCopyable {
    /// Sets the argument to the bytes of this value.
    public func set(in kernel: Kernel, at index: Int) throws(OpenCLError) {
        try withUnsafeBytes(of: self) { bytes throws(OpenCLError) in try kernel.setArgument(index, bytes: bytes) }
    }
}

extension Int32: KernelArgument {}
extension UInt32: KernelArgument {}
extension Int64: KernelArgument {}
extension UInt64: KernelArgument {}
extension Float: KernelArgument {}
extension Double: KernelArgument {}

extension Buffer: KernelArgument {
    /// Sets a pointer argument to this buffer.
    public func set(in kernel: Kernel, at index: Int) throws(OpenCLError) {
        try kernel.setArgument(index, buffer: self)
    }
}

extension LocalMemory: KernelArgument {
    /// Sets the size of a `__local` pointer argument.
    public func set(in kernel: Kernel, at index: Int) throws(OpenCLError) {
        try kernel.setArgument(index, localByteCount: byteCount)
    }
}

/// A kernel argument that stands for local memory of each work-group (a `__local` pointer).
public struct LocalMemory: Sendable, Hashable {
    /// Size in bytes, more than 0.
    public let byteCount: Int

    /// Creates an argument of `byteCount` bytes of local memory.
    public init(byteCount: Int) { self.byteCount = byteCount }
}

/// Numbers of work-items in one, two or three dimensions; the first varies fastest.
///
/// It can be written as a number or as a list: `1024`, `[64, 32]`, `NDRange(64, 32, 8)`. Enqueueing a kernel with more
/// than three sizes, none, or one below 1 is an error.
public struct NDRange: Sendable, Hashable, CustomStringConvertible {
    /// Number of dimensions.
    public let dimensions: Int

    // Stored inline rather than in an array, so that launching kernels does not allocate.
    let x, y, z: Int

    /// A range of one dimension.
    public init(_ x: Int) { (dimensions, self.x, y, z) = (1, x, 1, 1) }

    /// A range of two dimensions.
    public init(_ x: Int, _ y: Int) { (dimensions, self.x, self.y, z) = (2, x, y, 1) }

    /// A range of three dimensions.
    public init(_ x: Int, _ y: Int, _ z: Int) { (dimensions, self.x, self.y, self.z) = (3, x, y, z) }

    /// A range with a size for each of 1 to 3 dimensions.
    public init(_ sizes: [Int]) {
        dimensions = sizes.count
        x = sizes.count > 0 ? sizes[0] : 1
        y = sizes.count > 1 ? sizes[1] : 1
        z = sizes.count > 2 ? sizes[2] : 1
    }

    /// The size of each dimension.
    public var sizes: [Int] { Array([x, y, z].prefix(dimensions)) }

    /// Number of work-items: the product of the sizes, at most `Int.max`.
    public var count: Int {
        let (plane, planeOverflows) = x.multipliedReportingOverflow(by: y)
        let (volume, volumeOverflows) = plane.multipliedReportingOverflow(by: z)
        return planeOverflows || volumeOverflows ? .max : volume
    }

    /// The range with each size rounded up to a multiple of the corresponding size of `local`, as a global range must be.
    /// Sizes of `local` below 1 count as 1.
    public func roundedUp(toMultipleOf local: NDRange) -> NDRange {
        func rounded(_ size: Int, _ step: Int) -> Int {
            let step = max(1, step)
            let rest = size % step
            guard size > 0, rest > 0 else { return size }
            let (sum, overflows) = size.addingReportingOverflow(step - rest)
            return overflows ? size : sum
        }
        return NDRange(
            dimensions: dimensions, rounded(x, local.x), rounded(y, local.y), rounded(z, local.z))
    }

    /// The sizes, as in "64×32".
    public var description: String { sizes.map(String.init).joined(separator: "×") }

    private init(dimensions: Int, _ x: Int, _ y: Int, _ z: Int) {
        (self.dimensions, self.x, self.y, self.z) = (dimensions, x, y, z)
    }

    /// Calls `body` with the sizes in memory, as the C functions take them.
    @inline(__always)
    func withSizes<Result>(_ body: (UnsafePointer<Int>?) -> Result) -> Result {
        withUnsafeBytes(of: (x, y, z)) { body($0.baseAddress?.assumingMemoryBound(to: Int.self)) }
    }
}

extension NDRange: ExpressibleByIntegerLiteral {
    /// Creates a range of one dimension.
    public init(integerLiteral value: Int) { self.init(value) }
}

extension NDRange: ExpressibleByArrayLiteral {
    /// Creates a range with a size for each of 1 to 3 dimensions.
    public init(arrayLiteral sizes: Int...) { self.init(sizes) }
}
