internal import COpenCL

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
