internal import COpenCL

/// What the host does with a mapped ``Buffer``.
public enum MapAccess: Sendable, Hashable, CaseIterable {
    /// Only reads (`CL_MAP_READ`); what it writes may be lost.
    case read
    /// Writes some of the bytes; the others keep their values (`CL_MAP_WRITE`).
    case write
    /// Reads and writes (`CL_MAP_READ | CL_MAP_WRITE`).
    case readWrite
    /// Writes every byte, without need of the old values (`CL_MAP_WRITE_INVALIDATE_REGION`); saves the
    /// transfer from a device with memory of its own.
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
