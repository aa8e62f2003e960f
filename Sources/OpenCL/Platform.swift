internal import COpenCL

/// An OpenCL platform: one installed driver (`cl_platform_id`).
public struct Platform: Hashable, @unchecked Sendable {
    // Unchecked for the handle: platforms are immutable and live as long as the process.

    /// The `cl_platform_id`.
    public let handle: OpaquePointer

    /// `CL_PLATFORM_NAME`, such as "Portable Computing Language".
    public let name: String

    /// `CL_PLATFORM_VENDOR`.
    public let vendor: String

    /// `CL_PLATFORM_VERSION`, such as "OpenCL 3.0 PoCL 3.1".
    public let version: String

    /// `CL_PLATFORM_EXTENSIONS`.
    public let extensions: Set<String>

    /// All platforms, in the ICD loader's order; empty if no OpenCL driver is installed
    /// (`clGetPlatformIDs`).
    ///
    /// - Throws: ``OpenCLError``, if the loader or a driver fails.
    public static func all() throws -> [Platform] { try Discovery.serialized { try query() } }

    private static func query() throws -> [Platform] {
        let call = "clGetPlatformIDs"
        var count: cl_uint = 0
        let status = clGetPlatformIDs(0, nil, &count)
        if status == ErrorCodes.platformNotFound || (status == CL_SUCCESS && count == 0) { return [] }
        try check(status, call)
        var handles = [cl_platform_id?](repeating: nil, count: Int(count))
        try check(clGetPlatformIDs(count, &handles, nil), call)
        return try handles.compactMap { $0 }.map(Platform.init(handle:))
    }

    /// Reads what the platform says of itself (`clGetPlatformInfo`).
    init(handle: OpaquePointer) throws {
        func text(_ name: Int32) throws -> String {
            try Info.string("clGetPlatformInfo") {
                clGetPlatformInfo(handle, cl_platform_info(name), $0, $1, $2)
            }
        }
        self.handle = handle
        name = try text(CL_PLATFORM_NAME)
        vendor = try text(CL_PLATFORM_VENDOR)
        version = try text(CL_PLATFORM_VERSION)
        extensions = Set(try text(CL_PLATFORM_EXTENSIONS).split(separator: " ").map(String.init))
    }

    /// The platform's devices of every type, in the driver's order; empty if it has none
    /// (`clGetDeviceIDs`).
    ///
    /// - Throws: ``OpenCLError``, if the driver fails.
    public func devices() throws -> [Device] { try Discovery.serialized { try queryDevices() } }

    private func queryDevices() throws -> [Device] {
        let call = "clGetDeviceIDs"
        let every = cl_device_type(CL_DEVICE_TYPE_ALL)
        var count: cl_uint = 0
        let status = clGetDeviceIDs(handle, every, 0, nil, &count)
        if status == CL_DEVICE_NOT_FOUND || (status == CL_SUCCESS && count == 0) { return [] }
        try check(status, call, detail: "platform \(name)")
        var handles = [cl_device_id?](repeating: nil, count: Int(count))
        try check(clGetDeviceIDs(handle, every, count, &handles, nil), call, detail: "platform \(name)")
        return try handles.compactMap { $0 }.map { try Device(handle: $0, platform: self) }
    }

    public static func == (left: Platform, right: Platform) -> Bool { left.handle == right.handle }

    public func hash(into hasher: inout Hasher) { hasher.combine(handle) }
}
