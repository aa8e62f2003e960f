internal import COpenCL

/// The functions of cl_khr_command_buffer, which drivers give by name only.
struct CommandBufferFunctions: Sendable {
    let create: copencl_create_command_buffer
    let finalize: copencl_finalize_command_buffer
    let release: copencl_release_command_buffer
    let enqueue: copencl_enqueue_command_buffer
    let recordKernel: copencl_command_nd_range_kernel

    static let extensionName = "cl_khr_command_buffer"

    /// - Returns: nil if the device hasn't the extension, or its driver lacks one of the functions.
    init?(_ device: Device) {
        guard device.extensions.contains(Self.extensionName) else { return nil }
        func address(_ name: String) -> UnsafeMutableRawPointer? {
            clGetExtensionFunctionAddressForPlatform(device.platformHandle, name)
        }
        guard let create = address("clCreateCommandBufferKHR"),
            let finalize = address("clFinalizeCommandBufferKHR"),
            let release = address("clReleaseCommandBufferKHR"),
            let enqueue = address("clEnqueueCommandBufferKHR"),
            let recordKernel = address("clCommandNDRangeKernelKHR")
        else { return nil }
        self.create = unsafeBitCast(create, to: copencl_create_command_buffer.self)
        self.finalize = unsafeBitCast(finalize, to: copencl_finalize_command_buffer.self)
        self.release = unsafeBitCast(release, to: copencl_release_command_buffer.self)
        self.enqueue = unsafeBitCast(enqueue, to: copencl_enqueue_command_buffer.self)
        self.recordKernel = unsafeBitCast(recordKernel, to: copencl_command_nd_range_kernel.self)
    }
}
