internal import COpenCL

/// What kind of device a ``Device`` is (`CL_DEVICE_TYPE`).
public enum DeviceType: String, Sendable, Hashable, CaseIterable {
    case gpu, accelerator, cpu, other

    /// From the bit field; a device that claims several types counts as the fastest of them.
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
