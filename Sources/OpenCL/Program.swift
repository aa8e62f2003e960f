internal import COpenCL

/// A built OpenCL C program (`cl_program`).
public final class Program: @unchecked Sendable {
    // Unchecked for the handle: a built program does not change, and OpenCL's functions on it are thread-safe.

    /// The `cl_program`.
    public let handle: OpaquePointer

    /// The context the program belongs to.
    public let context: Context

    /// The compiler's output, which may hold warnings; often empty (`CL_PROGRAM_BUILD_LOG`).
    public let buildLog: String

    /// Builds a program from source (`clCreateProgramWithSource`, `clBuildProgram`).
    ///
    /// - Parameters:
    ///   - source: OpenCL C.
    ///   - options: Options of the compiler, such as `-cl-fast-relaxed-math` or `-DTILE=8`; they are joined by spaces,
    ///     without quotes.
    /// - Throws: ``OpenCLError``; if it is `CL_BUILD_PROGRAM_FAILURE`, its log has the compiler's messages, or its detail
    ///   says what is wrong with PoCL's folder of compiled kernels.
    public convenience init(context: Context, source: String, options: [String] = []) throws(OpenCLError) {
        var status: cl_int = CL_SUCCESS
        let created = source.withCString { text in
            var line: UnsafePointer<CChar>? = text
            return clCreateProgramWithSource(context.handle, 1, &line, nil, &status)
        }
        try self.init(
            building: try check(created, status, "clCreateProgramWithSource"), context: context,
            options: options)
    }

    /// Loads a program that ``binary()`` returned for the same device and driver
    /// (`clCreateProgramWithBinary`, `clBuildProgram`).
    ///
    /// - Throws: ``OpenCLError``: `CL_INVALID_BINARY` for another device's or driver's binary,
    ///   `CL_INVALID_VALUE` for an empty one, or an error of the build.
    public convenience init(context: Context, binary: [UInt8], options: [String] = []) throws(OpenCLError) {
        let call = "clCreateProgramWithBinary"
        guard !binary.isEmpty else {
            throw OpenCLError(code: CL_INVALID_VALUE, call: call, detail: "the binary is empty")
        }
        var device: cl_device_id? = context.device.handle
        var length = binary.count
        var loaded: cl_int = CL_SUCCESS
        var status: cl_int = CL_SUCCESS
        let created = binary.withUnsafeBufferPointer { bytes in
            var start = bytes.baseAddress
            return clCreateProgramWithBinary(context.handle, 1, &device, &length, &start, &loaded, &status)
        }
        let handle = try check(created, status, call, detail: "device \(context.device)")
        guard loaded == CL_SUCCESS else {
            clReleaseProgram(handle)
            throw OpenCLError(code: loaded, call: call, detail: "device \(context.device)")
        }
        try self.init(building: handle, context: context, options: options)
    }

    /// Builds a program and takes ownership of it, or releases it if that fails.
    private init(building handle: OpaquePointer, context: Context, options: [String]) throws(OpenCLError) {
        do throws(OpenCLError) {
            var device: cl_device_id? = context.device.handle
            let call = "clBuildProgram"
            let folder = context.device.isPoCL ? PoCLCacheFolder() : nil
            if let problem = folder?.fatalProblem() {
                throw OpenCLError(code: CL_BUILD_PROGRAM_FAILURE, call: call, detail: "\(problem)")
            }
            let status = clBuildProgram(handle, 1, &device, options.joined(separator: " "), nil, nil)
            let log = Result { () throws(OpenCLError) in try Self.log(of: handle, context.device) }
            guard status == CL_SUCCESS else {
                if let problem = folder?.problem() {
                    throw OpenCLError(code: status, call: call, detail: "\(problem)")
                }
                // The failure of the build matters more than that of reading its log.
                throw OpenCLError(
                    code: status, call: call, detail: "device \(context.device)", log: try? log.get())
            }
            buildLog = try log.get()
        } catch {
            clReleaseProgram(handle)
            throw error
        }
        self.handle = handle
        self.context = context
    }

    deinit { clReleaseProgram(handle) }

    /// The program in the driver's format, which ``init(context:binary:options:)`` loads again (`clGetProgramInfo`,
    /// `CL_PROGRAM_BINARIES`).
    ///
    /// - Throws: ``OpenCLError``: `CL_INVALID_PROGRAM_EXECUTABLE`, if the driver has no binary, or an error of the query.
    public func binary() throws(OpenCLError) -> [UInt8] {
        let call = "clGetProgramInfo"
        let length = try Info.value(0, call) {
            clGetProgramInfo(handle, cl_program_info(CL_PROGRAM_BINARY_SIZES), $0, $1, $2)
        }
        guard length > 0 else {
            throw OpenCLError(
                code: CL_INVALID_PROGRAM_EXECUTABLE, call: call,
                detail: "\(context.device) has no binary of the program")
        }
        var bytes = [UInt8](repeating: 0, count: length)
        try bytes.withUnsafeMutableBufferPointer { bytes throws(OpenCLError) in
            var start = bytes.baseAddress
            let size = MemoryLayout.size(ofValue: start)
            try check(clGetProgramInfo(handle, cl_program_info(CL_PROGRAM_BINARIES), size, &start, nil), call)
        }
        return bytes
    }

    /// A new kernel object, with its own arguments, for one of the program's kernel functions (`clCreateKernel`).
    ///
    /// - Throws: ``OpenCLError``: `CL_INVALID_KERNEL_NAME`, if the program has no such kernel.
    public func kernel(named name: String) throws(OpenCLError) -> Kernel { try Kernel(program: self, name: name) }

    /// The names of the program's kernel functions (`CL_PROGRAM_KERNEL_NAMES`).
    ///
    /// - Throws: ``OpenCLError``, if the query fails.
    public func kernelNames() throws(OpenCLError) -> [String] {
        try Info.string("clGetProgramInfo") {
            clGetProgramInfo(handle, cl_program_info(CL_PROGRAM_KERNEL_NAMES), $0, $1, $2)
        }.split(separator: ";").map(String.init)
    }

    private static func log(of handle: OpaquePointer, _ device: Device) throws(OpenCLError) -> String {
        try Info.string("clGetProgramBuildInfo") {
            clGetProgramBuildInfo(
                handle, device.handle, cl_program_build_info(CL_PROGRAM_BUILD_LOG), $0, $1, $2)
        }
    }
}
