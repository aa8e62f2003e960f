internal import COpenCL

/// An OpenCL context of one device (`cl_context`), in which buffers, programs and queues are created.
public final class Context: @unchecked Sendable {
    // Unchecked for the handle: all of OpenCL's functions on contexts are thread-safe.

    /// The `cl_context`.
    public let handle: OpaquePointer

    /// The context's device.
    public let device: Device

    /// Creates a context (`clCreateContext`).
    ///
    /// - Throws: ``OpenCLError``, such as `CL_DEVICE_NOT_AVAILABLE`.
    public init(device: Device) throws(OpenCLError) {
        var id: cl_device_id? = device.handle
        let properties: [cl_context_properties] = [
            cl_context_properties(CL_CONTEXT_PLATFORM),
            cl_context_properties(bitPattern: device.platformHandle), 0,
        ]
        var status: cl_int = CL_SUCCESS
        let created = clCreateContext(properties, 1, &id, nil, nil, &status)
        handle = try check(created, status, "clCreateContext", detail: "device \(device)")
        self.device = device
    }

    deinit { clReleaseContext(handle) }
}
