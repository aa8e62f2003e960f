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

    /// `CL_PLATFORM_NAME` of PoCL.
    package static let poclName = "Portable Computing Language"

    /// Whether the driver is PoCL, which compiles into a folder of its own.
    var isPoCL: Bool { name == Self.poclName }

    /// All platforms that can be used, in the ICD loader's order; empty if no OpenCL driver is installed
    /// (`clGetPlatformIDs`). ``Device/discover()`` also tells which drivers failed beside them.
    ///
    /// - Throws: ``DeviceSelectionError/everyDriverFailed(_:)``, if none of the drivers can say what it is;
    ///   ``OpenCLError``, if the loader fails.
    public static func all() throws -> [Platform] {
        let found = try discover()
        guard found.problems.isEmpty || !found.platforms.isEmpty else {
            throw DeviceSelectionError.everyDriverFailed(found.problems)
        }
        return found.platforms
    }

    /// The platforms in the loader's order, and those that cannot say what they are.
    ///
    /// - Throws: ``OpenCLError``, if the loader fails.
    static func discover() throws -> (platforms: [Platform], problems: [DriverProblem]) {
        try DiscoveryLock.serialized {
            var platforms: [Platform] = []
            var problems: [DriverProblem] = []
            for (index, handle) in try handles().enumerated() {
                do throws(OpenCLError) {
                    platforms.append(try Platform(handle: handle))
                } catch {
                    problems.append(DriverProblem(platform: title(handle, index), reason: .failed(error)))
                }
            }
            return (platforms, problems)
        }
    }

    private static func handles() throws(OpenCLError) -> [OpaquePointer] {
        let call = "clGetPlatformIDs"
        var count: cl_uint = 0
        let status = clGetPlatformIDs(0, nil, &count)
        if status == ErrorCodes.platformNotFound || (status == CL_SUCCESS && count == 0) { return [] }
        try check(status, call)
        var handles = [cl_platform_id?](repeating: nil, count: Int(count))
        try check(clGetPlatformIDs(count, &handles, nil), call)
        return handles.compactMap { $0 }
    }

    /// What to call a platform that does not answer every query.
    private static func title(_ handle: OpaquePointer, _ index: Int) -> String {
        let known = [CL_PLATFORM_NAME, CL_PLATFORM_VENDOR].lazy.compactMap { try? text(handle, $0) }
        return known.first { !$0.isEmpty } ?? "number \(index + 1)"
    }

    private static func text(_ handle: OpaquePointer, _ name: Int32) throws(OpenCLError) -> String {
        try Info.string("clGetPlatformInfo") { clGetPlatformInfo(handle, cl_platform_info(name), $0, $1, $2) }
    }

    /// Reads what the platform says of itself (`clGetPlatformInfo`).
    init(handle: OpaquePointer) throws(OpenCLError) {
        self.handle = handle
        name = try Self.text(handle, CL_PLATFORM_NAME)
        vendor = try Self.text(handle, CL_PLATFORM_VENDOR)
        version = try Self.text(handle, CL_PLATFORM_VERSION)
        extensions = Set(try Self.text(handle, CL_PLATFORM_EXTENSIONS).split(separator: " ").map(String.init))
    }

    /// The platform's devices of every type, in the driver's order; empty if it has none
    /// (`clGetDeviceIDs`).
    ///
    /// - Throws: ``DriverProblem``, if the driver fails, or one of the devices.
    public func devices() throws -> [Device] { try discoverDevices().map { try $0.get() } }

    /// The platform's devices in the driver's order, with what failed in the places of those that fail; the driver's own
    /// failure alone, if it has no list.
    func discoverDevices() -> [Result<Device, DriverProblem>] {
        // Asked for its devices, PoCL would abort the process.
        if isPoCL, PoCLCacheFolder().path == nil {
            return [.failure(DriverProblem(platform: name, reason: .cacheFolder(.noName)))]
        }
        let found: [Result<Device, DriverProblem>] = DiscoveryLock.serialized {
            do throws(OpenCLError) {
                let handles = try deviceHandles()
                return handles.enumerated().map { device($1, index: $0) }
            } catch {
                return [.failure(DriverProblem(platform: name, reason: .failed(error)))]
            }
        }
        // PoCL has a device on every machine.
        if found.isEmpty, isPoCL, let problem = PoCLCacheFolder().problem() {
            return [.failure(DriverProblem(platform: name, reason: .cacheFolder(problem)))]
        }
        return found
    }

    private func deviceHandles() throws(OpenCLError) -> [OpaquePointer] {
        let call = "clGetDeviceIDs"
        let every = cl_device_type(CL_DEVICE_TYPE_ALL)
        var count: cl_uint = 0
        let status = clGetDeviceIDs(handle, every, 0, nil, &count)
        if status == CL_DEVICE_NOT_FOUND || (status == CL_SUCCESS && count == 0) { return [] }
        try check(status, call)
        var handles = [cl_device_id?](repeating: nil, count: Int(count))
        try check(clGetDeviceIDs(handle, every, count, &handles, nil), call)
        return handles.compactMap { $0 }
    }

    private func device(_ handle: OpaquePointer, index: Int) -> Result<Device, DriverProblem> {
        do throws(OpenCLError) {
            return .success(try Device(handle: handle, platform: self))
        } catch {
            let name = try? Device.text(handle, CL_DEVICE_NAME)
            let title = name.flatMap { $0.isEmpty ? nil : $0 } ?? "number \(index + 1)"
            return .failure(DriverProblem(platform: self.name, device: title, reason: .failed(error)))
        }
    }

    public static func == (left: Platform, right: Platform) -> Bool { left.handle == right.handle }

    public func hash(into hasher: inout Hasher) { hasher.combine(handle) }
}
