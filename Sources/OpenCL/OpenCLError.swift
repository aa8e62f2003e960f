internal import COpenCL

/// A failed OpenCL call: the error code, the C function that returned it, and what can be done about it.
///
/// The same type reports misuse that is detected before the C call is made (an empty buffer, a range outside a buffer); it
/// then has the code that OpenCL defines for that, and ``detail`` says more.
public struct OpenCLError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The OpenCL error code, such as -11.
    public let code: Int32

    /// The C function that failed, such as "clBuildProgram".
    public let call: String

    /// The subject of the call (sizes, names, limits), if known.
    public let detail: String?

    /// The compiler's output (`CL_PROGRAM_BUILD_LOG`); nil unless a build failed.
    public let log: String?

    /// Creates an error with a code of OpenCL's.
    public init(code: Int32, call: String, detail: String? = nil, log: String? = nil) {
        self.code = code
        self.call = call
        self.detail = detail
        self.log = log
    }

    /// The name of the error's constant, such as "CL_BUILD_PROGRAM_FAILURE"; "CL_UNKNOWN_ERROR" for a
    /// code that is not in the OpenCL headers.
    public var name: String { ErrorCodes.name(of: code) ?? "CL_UNKNOWN_ERROR" }

    /// Advice on the error; nil if there is none.
    public var hint: String? { ErrorCodes.hint(for: code, hasLog: log?.isEmpty == false) }

    /// The call, the constant's name with its code, and the detail, the hint and the build log if there are any.
    public var description: String {
        var text = "\(call) failed with \(name) (\(code))"
        if let detail { text += ": \(detail)" }
        if let hint { text += (text.hasSuffix(".") ? " " : ". ") + hint }
        if let log, !log.isEmpty { text += "\nBuild log:\n\(log)" }
        return text
    }
}

/// The error codes in the OpenCL headers (core, and extensions of Khronos, Intel and ARM).
enum ErrorCodes {
    /// The constant's name for an error code; nil for a code that is not in the headers.
    static func name(of code: Int32) -> String? { names[code] }

    /// Advice that applies to whichever call failed.
    ///
    /// - Parameter hasLog: Whether the error comes with the compiler's messages.
    static func hint(for code: Int32, hasLog: Bool) -> String? {
        switch code {
        case platformNotFound, CL_DEVICE_NOT_FOUND:
            "Install an OpenCL driver: the graphics card vendor's, or pocl-opencl-icd to run on the CPU; "
                + "clinfo -l lists what is installed."
        case CL_DEVICE_NOT_AVAILABLE:
            "The device is in use exclusively or is switched off; choose another device."
        case CL_COMPILER_NOT_AVAILABLE, CL_LINKER_NOT_AVAILABLE:
            "The driver has no OpenCL C compiler; choose another device or load a binary."
        case CL_MEM_OBJECT_ALLOCATION_FAILURE, CL_OUT_OF_RESOURCES, CL_OUT_OF_HOST_MEMORY,
            CL_INVALID_BUFFER_SIZE:
            "If memory is short, use a smaller batch or a device with more memory."
        case CL_PROFILING_INFO_NOT_AVAILABLE:
            "Create the command queue with profiling on, and wait for the event before asking for times."
        case CL_BUILD_PROGRAM_FAILURE:
            hasLog ? "The build log holds the compiler's messages." : nil
        case CL_MISALIGNED_SUB_BUFFER_OFFSET:
            "A sub-buffer starts at a multiple of the device's memory base address alignment."
        case CL_EXEC_STATUS_ERROR_FOR_EVENTS_IN_WAIT_LIST:
            "A command that this one depends on failed."
        case CL_INVALID_BINARY:
            "Binaries only fit the device and driver version they were made with; build from source."
        case CL_INVALID_KERNEL_NAME:
            "The program has no kernel function of that name."
        case CL_INVALID_ARG_SIZE:
            "The value's Swift type differs from the argument's type in the kernel."
        case CL_INVALID_KERNEL_ARGS:
            "Set every argument of the kernel before enqueuing it."
        case CL_INVALID_WORK_GROUP_SIZE:
            "The local size divides the global size, and its product is at most the kernel's "
                + "workGroupSize."
        case CL_INVALID_WORK_ITEM_SIZE:
            "Each local size is at most the device's maxWorkItemSizes."
        default:
            nil
        }
    }

    /// `CL_PLATFORM_NOT_FOUND_KHR` (cl_khr_icd), from the ICD loader if no driver is installed.
    static let platformNotFound: Int32 = -1001

    private static let names: [Int32: String] = [
        0: "CL_SUCCESS",
        -1: "CL_DEVICE_NOT_FOUND",
        -2: "CL_DEVICE_NOT_AVAILABLE",
        -3: "CL_COMPILER_NOT_AVAILABLE",
        -4: "CL_MEM_OBJECT_ALLOCATION_FAILURE",
        -5: "CL_OUT_OF_RESOURCES",
        -6: "CL_OUT_OF_HOST_MEMORY",
        -7: "CL_PROFILING_INFO_NOT_AVAILABLE",
        -8: "CL_MEM_COPY_OVERLAP",
        -9: "CL_IMAGE_FORMAT_MISMATCH",
        -10: "CL_IMAGE_FORMAT_NOT_SUPPORTED",
        -11: "CL_BUILD_PROGRAM_FAILURE",
        -12: "CL_MAP_FAILURE",
        -13: "CL_MISALIGNED_SUB_BUFFER_OFFSET",
        -14: "CL_EXEC_STATUS_ERROR_FOR_EVENTS_IN_WAIT_LIST",
        -15: "CL_COMPILE_PROGRAM_FAILURE",
        -16: "CL_LINKER_NOT_AVAILABLE",
        -17: "CL_LINK_PROGRAM_FAILURE",
        -18: "CL_DEVICE_PARTITION_FAILED",
        -19: "CL_KERNEL_ARG_INFO_NOT_AVAILABLE",
        -30: "CL_INVALID_VALUE",
        -31: "CL_INVALID_DEVICE_TYPE",
        -32: "CL_INVALID_PLATFORM",
        -33: "CL_INVALID_DEVICE",
        -34: "CL_INVALID_CONTEXT",
        -35: "CL_INVALID_QUEUE_PROPERTIES",
        -36: "CL_INVALID_COMMAND_QUEUE",
        -37: "CL_INVALID_HOST_PTR",
        -38: "CL_INVALID_MEM_OBJECT",
        -39: "CL_INVALID_IMAGE_FORMAT_DESCRIPTOR",
        -40: "CL_INVALID_IMAGE_SIZE",
        -41: "CL_INVALID_SAMPLER",
        -42: "CL_INVALID_BINARY",
        -43: "CL_INVALID_BUILD_OPTIONS",
        -44: "CL_INVALID_PROGRAM",
        -45: "CL_INVALID_PROGRAM_EXECUTABLE",
        -46: "CL_INVALID_KERNEL_NAME",
        -47: "CL_INVALID_KERNEL_DEFINITION",
        -48: "CL_INVALID_KERNEL",
        -49: "CL_INVALID_ARG_INDEX",
        -50: "CL_INVALID_ARG_VALUE",
        -51: "CL_INVALID_ARG_SIZE",
        -52: "CL_INVALID_KERNEL_ARGS",
        -53: "CL_INVALID_WORK_DIMENSION",
        -54: "CL_INVALID_WORK_GROUP_SIZE",
        -55: "CL_INVALID_WORK_ITEM_SIZE",
        -56: "CL_INVALID_GLOBAL_OFFSET",
        -57: "CL_INVALID_EVENT_WAIT_LIST",
        -58: "CL_INVALID_EVENT",
        -59: "CL_INVALID_OPERATION",
        -60: "CL_INVALID_GL_OBJECT",
        -61: "CL_INVALID_BUFFER_SIZE",
        -62: "CL_INVALID_MIP_LEVEL",
        -63: "CL_INVALID_GLOBAL_WORK_SIZE",
        -64: "CL_INVALID_PROPERTY",
        -65: "CL_INVALID_IMAGE_DESCRIPTOR",
        -66: "CL_INVALID_COMPILER_OPTIONS",
        -67: "CL_INVALID_LINKER_OPTIONS",
        -68: "CL_INVALID_DEVICE_PARTITION_COUNT",
        -69: "CL_INVALID_PIPE_SIZE",
        -70: "CL_INVALID_DEVICE_QUEUE",
        -71: "CL_INVALID_SPEC_ID",
        -72: "CL_MAX_SIZE_RESTRICTION_EXCEEDED",
        -1000: "CL_INVALID_GL_SHAREGROUP_REFERENCE_KHR",
        -1001: "CL_PLATFORM_NOT_FOUND_KHR",
        -1002: "CL_INVALID_D3D10_DEVICE_KHR",
        -1003: "CL_INVALID_D3D10_RESOURCE_KHR",
        -1004: "CL_D3D10_RESOURCE_ALREADY_ACQUIRED_KHR",
        -1005: "CL_D3D10_RESOURCE_NOT_ACQUIRED_KHR",
        -1006: "CL_INVALID_D3D11_DEVICE_KHR",
        -1007: "CL_INVALID_D3D11_RESOURCE_KHR",
        -1008: "CL_D3D11_RESOURCE_ALREADY_ACQUIRED_KHR",
        -1009: "CL_D3D11_RESOURCE_NOT_ACQUIRED_KHR",
        -1010: "CL_INVALID_DX9_MEDIA_ADAPTER_KHR",
        -1011: "CL_INVALID_DX9_MEDIA_SURFACE_KHR",
        -1012: "CL_DX9_MEDIA_SURFACE_ALREADY_ACQUIRED_KHR",
        -1013: "CL_DX9_MEDIA_SURFACE_NOT_ACQUIRED_KHR",
        -1057: "CL_DEVICE_PARTITION_FAILED_EXT",
        -1058: "CL_INVALID_PARTITION_COUNT_EXT",
        -1059: "CL_INVALID_PARTITION_NAME_EXT",
        -1092: "CL_EGL_RESOURCE_NOT_ACQUIRED_KHR",
        -1093: "CL_INVALID_EGL_OBJECT_KHR",
        -1094: "CL_INVALID_ACCELERATOR_INTEL",
        -1095: "CL_INVALID_ACCELERATOR_TYPE_INTEL",
        -1096: "CL_INVALID_ACCELERATOR_DESCRIPTOR_INTEL",
        -1097: "CL_ACCELERATOR_TYPE_NOT_SUPPORTED_INTEL",
        -1098: "CL_INVALID_VA_API_MEDIA_ADAPTER_INTEL",
        -1099: "CL_INVALID_VA_API_MEDIA_SURFACE_INTEL",
        -1100: "CL_VA_API_MEDIA_SURFACE_ALREADY_ACQUIRED_INTEL",
        -1101: "CL_VA_API_MEDIA_SURFACE_NOT_ACQUIRED_INTEL",
        -1108: "CL_COMMAND_TERMINATED_ITSELF_WITH_FAILURE_ARM",
        -1121: "CL_CONTEXT_TERMINATED_KHR",
        -1138: "CL_INVALID_COMMAND_BUFFER_KHR",
        -1139: "CL_INVALID_SYNC_POINT_WAIT_LIST_KHR",
        -1140: "CL_INCOMPATIBLE_COMMAND_QUEUE_KHR",
        -1141: "CL_INVALID_MUTABLE_COMMAND_KHR",
        -1142: "CL_INVALID_SEMAPHORE_KHR",
    ]
}
