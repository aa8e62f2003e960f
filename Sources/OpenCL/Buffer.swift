internal import COpenCL

/// Memory of a device (`cl_mem`), which kernels read and write.
///
/// The driver keeps the memory until all commands that were enqueued with it have run, even if the Swift object is
/// released earlier.
public final class Buffer: @unchecked Sendable {
    // Unchecked for the handle: OpenCL's functions on memory objects are thread-safe, and everything else
    // is immutable. Command queues order the reads and writes of the contents.

    /// The `cl_mem`.
    public let handle: OpaquePointer

    /// The context the buffer belongs to.
    public let context: Context

    /// Size in bytes.
    public let byteCount: Int

    /// How kernels use it.
    public let access: MemoryAccess

    /// Whether the memory is accessible to the host, so that mapping it copies nothing on devices that share the host's
    /// memory.
    public let isHostAccessible: Bool

    /// The buffer that this is a part of; nil for a whole buffer.
    public let parent: Buffer?

    /// Offset of the part in ``parent``, in bytes; 0 for a whole buffer.
    public let parentOffset: Int

    /// Allocates a buffer, with undefined contents (`clCreateBuffer`).
    ///
    /// - Parameters:
    ///   - byteCount: Size in bytes, 1 up to the device's ``Device/maxAllocation``.
    ///   - access: How kernels use it.
    ///   - hostAccessible: Whether to allocate memory that the host can access (`CL_MEM_ALLOC_HOST_PTR`), which
    ///     saves copies when mapping on CPUs and integrated GPUs.
    /// - Throws: ``OpenCLError`` with `CL_INVALID_BUFFER_SIZE` for a size outside these bounds, or the
    ///   driver's error, such as `CL_MEM_OBJECT_ALLOCATION_FAILURE`.
    public convenience init(
        context: Context, byteCount: Int, access: MemoryAccess = .readWrite, hostAccessible: Bool = false
    ) throws(OpenCLError) {
        let flags = access.flags | (hostAccessible ? cl_mem_flags(CL_MEM_ALLOC_HOST_PTR) : 0)
        let handle = try Self.create(context, flags, byteCount, nil)
        self.init(
            handle: handle, context: context, byteCount: byteCount, access: access,
            isHostAccessible: hostAccessible)
    }

    /// Allocates a buffer with a copy of the bytes (`clCreateBuffer`, `CL_MEM_COPY_HOST_PTR`).
    ///
    /// - Throws: As ``init(context:byteCount:access:hostAccessible:)``; an empty collection is an error too.
    public convenience init(
        context: Context, copying bytes: UnsafeRawBufferPointer, access: MemoryAccess = .readWrite,
        hostAccessible: Bool = false
    ) throws(OpenCLError) {
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
    /// - Throws: As ``init(context:byteCount:access:hostAccessible:)``; an empty array is an error too.
    public convenience init<Element: BitwiseCopyable>(
        context: Context, copying values: [Element], access: MemoryAccess = .readWrite,
        hostAccessible: Bool = false
    ) throws(OpenCLError) {
        let flags =
            access.flags | cl_mem_flags(CL_MEM_COPY_HOST_PTR)
            | (hostAccessible ? cl_mem_flags(CL_MEM_ALLOC_HOST_PTR) : 0)
        let byteCount = values.count * MemoryLayout<Element>.stride
        let handle = try values.withUnsafeBufferPointer { values throws(OpenCLError) in
            let source = UnsafeMutableRawPointer(mutating: values.baseAddress)
            return try Self.create(context, flags, byteCount, source)
        }
        self.init(
            handle: handle, context: context, byteCount: byteCount, access: access,
            isHostAccessible: hostAccessible)
    }

    /// Creates a buffer that uses the caller's memory (`clCreateBuffer`, `CL_MEM_USE_HOST_PTR`).
    ///
    /// While commands use the buffer, the host may access the memory only within
    /// ``CommandQueue/withMapped(_:access:range:_:)``. CPU devices use the memory in place if it is aligned as they need
    /// (to ``Device/memoryBaseAddressAlignment``, or to a page); others may work on a copy.
    ///
    /// - Parameters:
    ///   - memory: The memory, of 1 up to the device's ``Device/maxAllocation`` bytes.
    ///   - owner: The object that keeps the memory valid. It is retained until the driver releases the memory
    ///     (`clSetMemObjectDestructorCallback`), possibly on one of the driver's threads.
    ///   - access: How kernels use it.
    /// - Throws: As ``init(context:byteCount:access:hostAccessible:)``.
    public convenience init(
        context: Context, using memory: UnsafeMutableRawBufferPointer, owner: any Sendable,
        access: MemoryAccess = .readWrite
    ) throws(OpenCLError) {
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

    /// A part of the buffer, which shares its memory (`clCreateSubBuffer`).
    ///
    /// The part retains its parent. A part of a part is a part of the whole buffer.
    ///
    /// - Parameter range: Bytes of this buffer, whose offset in the whole buffer is a multiple of the device's
    ///   ``Device/memoryBaseAddressAlignment``.
    /// - Throws: ``OpenCLError``: `CL_INVALID_VALUE` for a range outside the buffer,
    ///   `CL_INVALID_BUFFER_SIZE` for an empty one, `CL_MISALIGNED_SUB_BUFFER_OFFSET`.
    public func subBuffer(_ range: Range<Int>) throws(OpenCLError) -> Buffer {
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

    /// Checks that a range lies within the buffer before it is passed to a C function.
    ///
    /// - Throws: ``OpenCLError`` with `CL_INVALID_VALUE`, if it doesn't.
    @inline(__always)
    func checkRange(offset: Int, byteCount count: Int, _ call: String) throws(OpenCLError) {
        guard offset >= 0, count >= 0, offset <= byteCount, count <= byteCount - offset else {
            throw OpenCLError(
                code: CL_INVALID_VALUE, call: call,
                detail: "\(count) bytes at offset \(offset) are outside the buffer of \(byteCount) bytes")
        }
    }

    /// As ``checkRange(offset:byteCount:_:)``, but compares the bounds, as the range's count may overflow.
    @inline(__always)
    func checkRange(_ range: Range<Int>, _ call: String) throws(OpenCLError) {
        guard range.lowerBound >= 0, range.upperBound <= byteCount else {
            throw OpenCLError(
                code: CL_INVALID_VALUE, call: call,
                detail: "bytes \(range) are outside the buffer of \(byteCount) bytes")
        }
    }

    private static func create(
        _ context: Context, _ flags: cl_mem_flags, _ byteCount: Int, _ source: UnsafeMutableRawPointer?
    ) throws(OpenCLError) -> OpaquePointer {
        let call = "clCreateBuffer"
        guard byteCount > 0 else {
            throw OpenCLError(
                code: CL_INVALID_BUFFER_SIZE, call: call,
                detail: "a buffer has at least 1 byte, not \(byteCount)")
        }
        // Checked here because some drivers accept any size and fail only at the first use.
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

/// How kernels use a ``Buffer``.
public enum MemoryAccess: Sendable, Hashable, CaseIterable {
    /// Kernels only read (`CL_MEM_READ_ONLY`).
    case readOnly
    /// Kernels read and write (`CL_MEM_READ_WRITE`).
    case readWrite
    /// Kernels only write (`CL_MEM_WRITE_ONLY`).
    case writeOnly

    var flags: cl_mem_flags {
        switch self {
        case .readOnly: cl_mem_flags(CL_MEM_READ_ONLY)
        case .readWrite: cl_mem_flags(CL_MEM_READ_WRITE)
        case .writeOnly: cl_mem_flags(CL_MEM_WRITE_ONLY)
        }
    }
}

/// How the host uses a mapped ``Buffer``.
public enum MapAccess: Sendable, Hashable, CaseIterable {
    /// Only reads (`CL_MAP_READ`); writes may be lost.
    case read
    /// Writes some of the bytes; the others keep their values (`CL_MAP_WRITE`).
    case write
    /// Reads and writes (`CL_MAP_READ | CL_MAP_WRITE`).
    case readWrite
    /// Writes every byte and does not need the old values (`CL_MAP_WRITE_INVALIDATE_REGION`); saves the transfer from a
    /// device with its own memory.
    case overwrite

    var flags: cl_map_flags {
        switch self {
        case .read: cl_map_flags(CL_MAP_READ)
        case .write: cl_map_flags(CL_MAP_WRITE)
        case .readWrite: cl_map_flags(CL_MAP_READ) | cl_map_flags(CL_MAP_WRITE)
        case .overwrite: cl_map_flags(CL_MAP_WRITE_INVALIDATE_REGION)
        }
    }
}

/// A reference-counted box, as the context pointer of a C callback needs one.
final class OwnerBox: Sendable {
    private let owner: any Sendable

    init(_ owner: any Sendable) { self.owner = owner }
}
