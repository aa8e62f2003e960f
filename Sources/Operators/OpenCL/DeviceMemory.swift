import OpenCL
import Synchronization

/// Counts what the sessions of a runtime have allocated on its device: drivers promise more than there is, and a CPU device
/// that runs out of memory ends the process.
package final class DeviceMemory: Sendable {
    private let device: Device
    private let reserved = Mutex(0)

    init(_ device: Device) {
        self.device = device
    }

    /// - Throws: ``BackendError/batchTooLarge(images:bytes:limit:device:)`` if the device cannot hold it in one piece or
    ///   beside what is there.
    package func reserve(_ byteCount: Int, images: Int) throws {
        try reserved.withLock { reserved in
            let (total, overflows) = reserved.addingReportingOverflow(byteCount)
            var limits = [
                (needed: byteCount, limit: device.maxAllocation),
                (needed: overflows ? .max : total, limit: device.globalMemory),
            ]
            if device.type == .cpu, let available = SystemMemory.available {
                limits.append((needed: byteCount, limit: available))
            }
            for (needed, limit) in limits where needed > limit {
                throw BackendError.batchTooLarge(
                    images: images, bytes: needed, limit: limit, device: device.description)
            }
            reserved = total
        }
    }

    package func release(_ byteCount: Int) {
        reserved.withLock { $0 -= byteCount }
    }
}
