internal import COpenCL
import Synchronization

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

    /// Whether the driver is PoCL, which writes compiled kernels to a folder of its own.
    var isPoCL: Bool { name == Self.poclName }

    /// All usable platforms, in the ICD loader's order; empty if no OpenCL driver is installed (`clGetPlatformIDs`).
    /// ``Device/discover()`` also reports the drivers that failed.
    ///
    /// - Throws: ``DeviceSelectionError/everyDriverFailed(_:)``, if every driver fails to describe itself;
    ///   ``OpenCLError``, if the loader fails.
    public static func all() throws -> [Platform] {
        let found = try discover()
        guard found.problems.isEmpty || !found.platforms.isEmpty else {
            throw DeviceSelectionError.everyDriverFailed(found.problems)
        }
        return found.platforms
    }

    /// The platforms in the loader's order, and the drivers that fail to describe themselves.
    ///
    /// - Throws: ``OpenCLError``, if the loader fails.
    static func discover() throws(OpenCLError) -> (platforms: [Platform], problems: [DriverProblem]) {
        try DiscoveryLock.serialized { () throws(OpenCLError) in
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

    /// A name for a platform that does not answer every query.
    private static func title(_ handle: OpaquePointer, _ index: Int) -> String {
        let known = [CL_PLATFORM_NAME, CL_PLATFORM_VENDOR].lazy.compactMap { try? text(handle, $0) }
        return known.first { !$0.isEmpty } ?? "number \(index + 1)"
    }

    private static func text(_ handle: OpaquePointer, _ name: Int32) throws(OpenCLError) -> String {
        try Info.string("clGetPlatformInfo") { clGetPlatformInfo(handle, cl_platform_info(name), $0, $1, $2) }
    }

    /// Reads the properties of a platform (`clGetPlatformInfo`).
    init(handle: OpaquePointer) throws(OpenCLError) {
        self.handle = handle
        name = try Self.text(handle, CL_PLATFORM_NAME)
        vendor = try Self.text(handle, CL_PLATFORM_VENDOR)
        version = try Self.text(handle, CL_PLATFORM_VERSION)
        extensions = Set(try Self.text(handle, CL_PLATFORM_EXTENSIONS).split(separator: " ").map(String.init))
    }

    /// The platform's devices of every type, in the driver's order; empty if it has none (`clGetDeviceIDs`).
    ///
    /// - Throws: ``DriverProblem``, if the driver or one of its devices fails.
    public func devices() throws(DriverProblem) -> [Device] {
        var devices: [Device] = []
        for device in discoverDevices() { devices.append(try device.get()) }
        return devices
    }

    /// The platform's devices in the driver's order, with a problem in place of each device that fails; a single problem
    /// if the driver cannot list its devices.
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

    /// Whether both values have the same ``handle``.
    public static func == (left: Platform, right: Platform) -> Bool { left.handle == right.handle }

    /// Hashes the ``handle``.
    public func hash(into hasher: inout Hasher) { hasher.combine(handle) }
}

/// Serializes the search for platforms and devices.
///
/// OpenCL declares these calls thread-safe, but drivers initialize themselves at the first of them, and not all of them
/// guard that: PoCL 3.1 hands out devices that another thread is still filling in, and crashes.
enum DiscoveryLock {
    private static let lock = Mutex(())

    static func serialized<Result, E: Error>(
        _ body: () throws(E) -> sending Result
    ) throws(E) -> sending Result {
        try lock.withLock { _ throws(E) in try body() }
    }
}
