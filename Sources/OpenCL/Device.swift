internal import COpenCL

/// An OpenCL device (`cl_device_id`) and its properties, which are all read when the value is made (`clGetDeviceInfo`).
///
/// Two values are equal if they have the same handle.
public struct Device: Hashable, Identifiable, CustomStringConvertible, @unchecked Sendable {
    // Unchecked for the handles: root devices are immutable and live as long as the process.

    /// The `cl_device_id`.
    public let handle: OpaquePointer

    /// The `cl_platform_id` of the device's platform.
    public let platformHandle: OpaquePointer

    /// `CL_PLATFORM_NAME` of the device's platform.
    public let platformName: String

    /// `CL_DEVICE_NAME`.
    public let name: String

    /// `CL_DEVICE_VENDOR`.
    public let vendor: String

    /// `CL_DEVICE_VERSION`, such as "OpenCL 3.0 PoCL HSTR: …".
    public let version: String

    /// `CL_DEVICE_OPENCL_C_VERSION`, such as "OpenCL C 1.2".
    public let openCLCVersion: String

    /// `CL_DRIVER_VERSION`.
    public let driverVersion: String

    /// `CL_DEVICE_TYPE`.
    public let type: DeviceType

    /// Number of compute units (`CL_DEVICE_MAX_COMPUTE_UNITS`): cores, on a CPU.
    public let computeUnits: Int

    /// Highest clock frequency in MHz (`CL_DEVICE_MAX_CLOCK_FREQUENCY`); 0 if the driver doesn't know.
    public let maxClockMHz: Int

    /// Global memory in bytes (`CL_DEVICE_GLOBAL_MEM_SIZE`).
    public let globalMemory: Int

    /// Largest size of one buffer, in bytes (`CL_DEVICE_MAX_MEM_ALLOC_SIZE`).
    public let maxAllocation: Int

    /// Local memory of a work-group in bytes (`CL_DEVICE_LOCAL_MEM_SIZE`).
    public let localMemory: Int

    /// Whether local memory is memory of its own, rather than a part of global memory
    /// (`CL_DEVICE_LOCAL_MEM_TYPE`).
    public let localMemoryIsDedicated: Bool

    /// Largest number of work-items in a work-group (`CL_DEVICE_MAX_WORK_GROUP_SIZE`).
    public let maxWorkGroupSize: Int

    /// Largest number of work-items in each dimension of a work-group (`CL_DEVICE_MAX_WORK_ITEM_SIZES`).
    public let maxWorkItemSizes: [Int]

    /// `CL_DEVICE_PREFERRED_VECTOR_WIDTH_FLOAT`, in floats.
    public let preferredFloatVectorWidth: Int

    /// Width of the hardware's vectors in floats (`CL_DEVICE_NATIVE_VECTOR_WIDTH_FLOAT`).
    public let nativeFloatVectorWidth: Int

    /// Alignment in bytes at which sub-buffers may start (`CL_DEVICE_MEM_BASE_ADDR_ALIGN` / 8).
    public let memoryBaseAddressAlignment: Int

    /// Cache line of global memory in bytes (`CL_DEVICE_GLOBAL_MEM_CACHELINE_SIZE`); 0 without a cache.
    public let cacheLine: Int

    /// `CL_DEVICE_EXTENSIONS`, one name each.
    public let extensions: Set<String>

    /// Whether kernels can compute in `half` (cl_khr_fp16).
    public let hasFP16: Bool

    /// Whether kernels can compute in `double` (cl_khr_fp64).
    public let hasFP64: Bool

    /// Whether kernels have sub-groups: cl_khr_subgroups or cl_intel_subgroups, core in OpenCL 2.1 and
    /// 2.2, and optional again in 3.0.
    public let hasSubgroups: Bool

    /// Whether `fma` on floats runs in hardware (`CL_FP_FMA` in `CL_DEVICE_SINGLE_FP_CONFIG`).
    public let supportsFMA: Bool

    /// Whether device and host share memory, so that mapping a buffer copies nothing
    /// (`CL_DEVICE_HOST_UNIFIED_MEMORY`).
    public let unifiedHostMemory: Bool

    /// Resolution of the times of ``Event``, in nanoseconds (`CL_DEVICE_PROFILING_TIMER_RESOLUTION`).
    public let profilingTimerResolution: Int

    /// Whether the device can be used (`CL_DEVICE_AVAILABLE`).
    public let isAvailable: Bool

    /// Whether the driver can build programs from source (`CL_DEVICE_COMPILER_AVAILABLE`).
    public let hasCompiler: Bool

    /// The same as ``handle``.
    public var id: OpaquePointer { handle }

    /// Name and platform, as in "NVIDIA GeForce RTX 3060 (NVIDIA CUDA)".
    public var description: String { "\(name) (\(platformName))" }

    /// Whether the device is PoCL's, which compiles into a folder of its own.
    package var isPoCL: Bool { platformName == Platform.poclName }

    /// Whether work-items are the lanes of the device's vectors, as a GPU's are: a CPU's are not, but for Mesa's llvmpipe, which
    /// compiles for the CPU what is written for GPUs.
    package var runsItemsAsLanes: Bool { type != .cpu || name.hasPrefix("llvmpipe") }

    /// Whether memory that the host can access costs no copies, though the device is no CPU: an integrated GPU.
    package var sharesHostMemory: Bool { type != .cpu && unifiedHostMemory }

    /// Reads the properties of a device.
    ///
    /// - Throws: ``OpenCLError``, if a query fails.
    init(handle: OpaquePointer, platform: Platform) throws(OpenCLError) {
        func text(_ name: Int32) throws(OpenCLError) -> String { try Self.text(handle, name) }
        func value<Value: BitwiseCopyable>(_ name: Int32, _ initial: Value) throws(OpenCLError) -> Value {
            try Info.value(initial, Self.infoCall) { clGetDeviceInfo(handle, cl_device_info(name), $0, $1, $2) }
        }
        func uint(_ name: Int32) throws(OpenCLError) -> Int { Int(try value(name, cl_uint(0))) }
        func size(_ name: Int32) throws(OpenCLError) -> Int { try value(name, 0) }
        func ulong(_ name: Int32) throws(OpenCLError) -> Int { Int(clamping: try value(name, cl_ulong(0))) }
        func flag(_ name: Int32) throws(OpenCLError) -> Bool { try value(name, cl_bool(0)) != 0 }

        self.handle = handle
        platformHandle = platform.handle
        platformName = platform.name
        name = try text(CL_DEVICE_NAME)
        vendor = try text(CL_DEVICE_VENDOR)
        version = try text(CL_DEVICE_VERSION)
        openCLCVersion = try text(CL_DEVICE_OPENCL_C_VERSION)
        driverVersion = try text(CL_DRIVER_VERSION)
        type = DeviceType(bits: try value(CL_DEVICE_TYPE, cl_device_type(0)))
        computeUnits = try uint(CL_DEVICE_MAX_COMPUTE_UNITS)
        maxClockMHz = try uint(CL_DEVICE_MAX_CLOCK_FREQUENCY)
        globalMemory = try ulong(CL_DEVICE_GLOBAL_MEM_SIZE)
        maxAllocation = try ulong(CL_DEVICE_MAX_MEM_ALLOC_SIZE)
        localMemory = try ulong(CL_DEVICE_LOCAL_MEM_SIZE)
        localMemoryIsDedicated = try uint(CL_DEVICE_LOCAL_MEM_TYPE) == Int(CL_LOCAL)
        maxWorkGroupSize = try size(CL_DEVICE_MAX_WORK_GROUP_SIZE)
        maxWorkItemSizes = try Info.array(of: 0, Self.infoCall) {
            clGetDeviceInfo(handle, cl_device_info(CL_DEVICE_MAX_WORK_ITEM_SIZES), $0, $1, $2)
        }
        preferredFloatVectorWidth = try uint(CL_DEVICE_PREFERRED_VECTOR_WIDTH_FLOAT)
        nativeFloatVectorWidth = try uint(CL_DEVICE_NATIVE_VECTOR_WIDTH_FLOAT)
        memoryBaseAddressAlignment = max(1, try uint(CL_DEVICE_MEM_BASE_ADDR_ALIGN) / 8)
        cacheLine = try uint(CL_DEVICE_GLOBAL_MEM_CACHELINE_SIZE)
        extensions = Set(try text(CL_DEVICE_EXTENSIONS).split(separator: " ").map(String.init))
        hasFP16 = extensions.contains("cl_khr_fp16")
        hasFP64 = extensions.contains("cl_khr_fp64")
        supportsFMA =
            try value(CL_DEVICE_SINGLE_FP_CONFIG, cl_device_fp_config(0))
            & cl_device_fp_config(CL_FP_FMA) != 0
        unifiedHostMemory = try flag(CL_DEVICE_HOST_UNIFIED_MEMORY)
        profilingTimerResolution = try size(CL_DEVICE_PROFILING_TIMER_RESOLUTION)
        isAvailable = try flag(CL_DEVICE_AVAILABLE)
        hasCompiler = try flag(CL_DEVICE_COMPILER_AVAILABLE)

        if !extensions.isDisjoint(with: ["cl_khr_subgroups", "cl_intel_subgroups"]) {
            hasSubgroups = true
        } else if let number = OpenCLVersion(version) {
            if number >= OpenCLVersion(major: 3, minor: 0) {
                hasSubgroups = try uint(Int32(COPENCL_DEVICE_MAX_NUM_SUB_GROUPS)) > 0
            } else {
                hasSubgroups = number >= OpenCLVersion(major: 2, minor: 1)
            }
        } else {
            hasSubgroups = false
        }
    }

    /// A property that is text.
    static func text(_ handle: OpaquePointer, _ name: Int32) throws(OpenCLError) -> String {
        try Info.string(infoCall) { clGetDeviceInfo(handle, cl_device_info(name), $0, $1, $2) }
    }

    private static let infoCall = "clGetDeviceInfo"

    /// Whether both values have the same ``handle``.
    public static func == (left: Device, right: Device) -> Bool { left.handle == right.handle }

    /// Hashes the ``handle``.
    public func hash(into hasher: inout Hasher) { hasher.combine(handle) }
}

/// The kind of a ``Device`` (`CL_DEVICE_TYPE`).
public enum DeviceType: String, Sendable, Hashable, CaseIterable {
    case gpu, accelerator, cpu, other

    /// Reads the bit field; a device that claims several types counts as the fastest of them.
    init(bits: UInt64) {
        if bits & UInt64(CL_DEVICE_TYPE_GPU) != 0 {
            self = .gpu
        } else if bits & UInt64(CL_DEVICE_TYPE_ACCELERATOR) != 0 {
            self = .accelerator
        } else if bits & UInt64(CL_DEVICE_TYPE_CPU) != 0 {
            self = .cpu
        } else {
            self = .other
        }
    }
}

/// The version number in an OpenCL version string.
struct OpenCLVersion: Comparable {
    let major: Int
    let minor: Int

    init(major: Int, minor: Int) {
        self.major = major
        self.minor = minor
    }

    /// Parses a string of the form "OpenCL <major>.<minor> …"; nil for any other form.
    init?(_ text: String) {
        let words = text.split(separator: " ")
        guard words.count >= 2, words[0] == "OpenCL" else { return nil }
        let numbers = words[1].split(separator: ".").map { Int($0) }
        guard numbers.count >= 2, let major = numbers[0], let minor = numbers[1] else { return nil }
        self.init(major: major, minor: minor)
    }

    static func < (left: OpenCLVersion, right: OpenCLVersion) -> Bool {
        (left.major, left.minor) < (right.major, right.minor)
    }
}
