internal import COpenCL

/// Memory of a device (`cl_mem`), for kernels to read and write.
///
/// The driver keeps the memory until commands that were enqueued with it have run, also if the Swift
/// object is gone by then.
public final class Buffer: @unchecked Sendable {
    // Unchecked for the handle: OpenCL's functions on memory objects are thread-safe, and everything else
    // is immutable. The order of reads and writes of the contents is up to the command queues.

    /// The `cl_mem`.
    public let handle: OpaquePointer

    /// The context the buffer belongs to.
    public let context: Context

    /// Size in bytes.
    public let byteCount: Int

    /// How kernels use it.
    public let access: MemoryAccess

    /// Whether the memory is the host's as well, so that on devices that share the host's memory mapping it
    /// copies nothing: allocated so, or made over memory of the caller.
    public let isHostAccessible: Bool

    /// The whole buffer that this is a part of; nil if it's whole itself.
    public let parent: Buffer?

    /// Where the part starts in ``parent``, in bytes; 0 for a whole buffer.
    public let parentOffset: Int

    /// Allocates a buffer, with undefined contents (`clCreateBuffer`).
    ///
    /// - Parameters:
    ///   - byteCount: Size in bytes, 1 up to the device's ``Device/maxAllocation``.
    ///   - access: How kernels use it.
    ///   - hostAccessible: Whether to allocate memory the host can reach (`CL_MEM_ALLOC_HOST_PTR`), which
    ///     makes mapping free of copies on CPUs and integrated GPUs.
    /// - Throws: ``OpenCLError`` with `CL_INVALID_BUFFER_SIZE` for a size out of those bounds, or what the
    ///   driver gives, such as `CL_MEM_OBJECT_ALLOCATION_FAILURE`.
    public convenience init(
        context: Context, byteCount: Int, access: MemoryAccess = .readWrite, hostAccessible: Bool = false
    ) throws {
        let flags = access.flags | (hostAccessible ? cl_mem_flags(CL_MEM_ALLOC_HOST_PTR) : 0)
        let handle = try Self.create(context, flags, byteCount, nil)
        self.init(
            handle: handle, context: context, byteCount: byteCount, access: access,
            isHostAccessible: hostAccessible)
    }

    /// Allocates a buffer with a copy of the bytes (`clCreateBuffer`, `CL_MEM_COPY_HOST_PTR`), which aren't
    /// needed afterwards.
    ///
    /// - Throws: As ``init(context:byteCount:access:hostAccessible:)``; no bytes at all are an error too.
    public convenience init(
        context: Context, copying bytes: UnsafeRawBufferPointer, access: MemoryAccess = .readWrite,
        hostAccessible: Bool = false
    ) throws {
        let flags =
            access.flags | cl_mem_flags(CL_MEM_COPY_HOST_PTR)
            | (hostAccessible ? cl_mem_flags(CL_MEM_ALLOC_HOST_PTR) : 0)
        let source = UnsafeMutableRawPointer(mutating: bytes.baseAddress)
        let handle = try Self.create(context, flags, bytes.count, source)
        self.init(
            handle: handle, context: context, byteCount: bytes.count, access: access,
            isHostAccessible: hostAccessible)
    }

    /// Allocates a buffer with a copy of the values (`clCreateBuffer`, `CL_MEM_COPY_HOST_PTR`).
    ///
    /// - Throws: As ``init(context:byteCount:access:hostAccessible:)``; no values at all are an error too.
    public convenience init<Element: BitwiseCopyable>(
        context: Context, copying values: [Element], access: MemoryAccess = .readWrite,
        hostAccessible: Bool = false
    ) throws {
        let (handle, byteCount) = try values.withUnsafeBytes { bytes in
            let flags =
                access.flags | cl_mem_flags(CL_MEM_COPY_HOST_PTR)
                | (hostAccessible ? cl_mem_flags(CL_MEM_ALLOC_HOST_PTR) : 0)
            let source = UnsafeMutableRawPointer(mutating: bytes.baseAddress)
            return (try Self.create(context, flags, bytes.count, source), bytes.count)
        }
        self.init(
            handle: handle, context: context, byteCount: byteCount, access: access,
            isHostAccessible: hostAccessible)
    }

    /// Makes a buffer over memory of the caller (`clCreateBuffer`, `CL_MEM_USE_HOST_PTR`).
    ///
    /// While the buffer is in use by commands, the host may touch the memory only within
    /// ``CommandQueue/withMapped(_:access:range:_:)``. CPU devices use it in place, given the alignment they
    /// need (``Device/memoryBaseAddressAlignment``, or a page); others may work on a copy.
    ///
    /// - Parameters:
    ///   - memory: The memory, of 1 up to the device's ``Device/maxAllocation`` bytes.
    ///   - owner: What keeps the memory valid. It's kept until the driver has let go of the memory
    ///     (`clSetMemObjectDestructorCallback`), which may be on a thread of the driver's.
    ///   - access: How kernels use it.
    /// - Throws: As ``init(context:byteCount:access:hostAccessible:)``.
    public convenience init(
        context: Context, using memory: UnsafeMutableRawBufferPointer, owner: any Sendable,
        access: MemoryAccess = .readWrite
    ) throws {
        let flags = access.flags | cl_mem_flags(CL_MEM_USE_HOST_PTR)
        let handle = try Self.create(context, flags, memory.count, memory.baseAddress)
        let keeper = Unmanaged.passRetained(OwnerBox(owner))
        let status = clSetMemObjectDestructorCallback(
            handle,
            { _, data in
                if let data { Unmanaged<OwnerBox>.fromOpaque(data).release() }
            }, keeper.toOpaque())
        guard status == CL_SUCCESS else {
            clReleaseMemObject(handle)
            keeper.release()
            throw OpenCLError(code: status, call: "clSetMemObjectDestructorCallback")
        }
        self.init(
            handle: handle, context: context, byteCount: memory.count, access: access,
            isHostAccessible: true)
    }

    /// A part of the buffer, sharing its memory (`clCreateSubBuffer`).
    ///
    /// The parent lives as long as the part. Parts of parts are parts of the whole buffer.
    ///
    /// - Parameter range: Bytes of this buffer; their start in the whole buffer is a multiple of the
    ///   device's ``Device/memoryBaseAddressAlignment``.
    /// - Throws: ``OpenCLError``: `CL_INVALID_VALUE` for a range outside the buffer,
    ///   `CL_INVALID_BUFFER_SIZE` for an empty one, `CL_MISALIGNED_SUB_BUFFER_OFFSET`.
    public func subBuffer(_ range: Range<Int>) throws -> Buffer {
        let call = "clCreateSubBuffer"
        try checkRange(range, call)
        guard !range.isEmpty else {
            throw OpenCLError(code: CL_INVALID_BUFFER_SIZE, call: call, detail: "the range is empty")
        }
        let whole = parent ?? self
        let offset = parentOffset + range.lowerBound
        let alignment = context.device.memoryBaseAddressAlignment
        guard offset % alignment == 0 else {
            throw OpenCLError(
                code: CL_MISALIGNED_SUB_BUFFER_OFFSET, call: call,
                detail: "offset \(offset) is no multiple of \(alignment) bytes")
        }
        var region = cl_buffer_region(origin: offset, size: range.count)
        var status: cl_int = CL_SUCCESS
        let created = clCreateSubBuffer(
            whole.handle, access.flags, cl_buffer_create_type(CL_BUFFER_CREATE_TYPE_REGION), &region, &status)
        return Buffer(
            handle: try check(created, status, call, detail: "\(range.count) bytes at offset \(offset)"),
            context: context, byteCount: range.count, access: access, isHostAccessible: isHostAccessible,
            parent: whole, parentOffset: offset)
    }

    private init(
        handle: OpaquePointer, context: Context, byteCount: Int, access: MemoryAccess,
        isHostAccessible: Bool, parent: Buffer? = nil, parentOffset: Int = 0
    ) {
        self.handle = handle
        self.context = context
        self.byteCount = byteCount
        self.access = access
        self.isHostAccessible = isHostAccessible
        self.parent = parent
        self.parentOffset = parentOffset
    }

    deinit { clReleaseMemObject(handle) }

    /// Checks that a range lies within the buffer, before a C call gets it.
    ///
    /// - Throws: ``OpenCLError`` with `CL_INVALID_VALUE`, if it doesn't.
    @inline(__always)
    func checkRange(offset: Int, byteCount count: Int, _ call: String) throws {
        guard offset >= 0, count >= 0, offset <= byteCount, count <= byteCount - offset else {
            throw OpenCLError(
                code: CL_INVALID_VALUE, call: call,
                detail: "\(count) bytes at offset \(offset) are outside the buffer of \(byteCount) bytes")
        }
    }

    /// As ``checkRange(offset:byteCount:_:)``; compares the bounds, as a range's count may overflow.
    @inline(__always)
    func checkRange(_ range: Range<Int>, _ call: String) throws {
        guard range.lowerBound >= 0, range.upperBound <= byteCount else {
            throw OpenCLError(
                code: CL_INVALID_VALUE, call: call,
                detail: "bytes \(range) are outside the buffer of \(byteCount) bytes")
        }
    }

    private static func create(
        _ context: Context, _ flags: cl_mem_flags, _ byteCount: Int, _ source: UnsafeMutableRawPointer?
    ) throws -> OpaquePointer {
        let call = "clCreateBuffer"
        guard byteCount > 0 else {
            throw OpenCLError(
                code: CL_INVALID_BUFFER_SIZE, call: call,
                detail: "a buffer has at least 1 byte, not \(byteCount)")
        }
        // Asked here, as some drivers take the size and fail only at the first use.
        let device = context.device
        guard byteCount <= device.maxAllocation else {
            throw OpenCLError(
                code: CL_INVALID_BUFFER_SIZE, call: call,
                detail: "a buffer of \(megabytes(byteCount)) is more than the "
                    + "\(megabytes(device.maxAllocation)) that \(device) allows for one")
        }
        var status: cl_int = CL_SUCCESS
        let created = clCreateBuffer(context.handle, flags, byteCount, source, &status)
        return try check(
            created, status, call,
            detail: "\(megabytes(byteCount)) on \(device) with \(megabytes(device.globalMemory))")
    }

    private static func megabytes(_ byteCount: Int) -> String {
        byteCount < 1 << 20 ? "\(byteCount) bytes" : "\(byteCount >> 20) MB"
    }
}
