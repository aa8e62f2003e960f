import OpenCL

/// Memory of the host's that a queue copies to the device by itself. Its zeros between rows, the halo, stay.
final class StagedValues {
    let values: UnsafeMutableBufferPointer<Float>
    private let queue: CommandQueue

    init(count: Int, queue: CommandQueue) {
        values = .allocate(capacity: count)
        values.initialize(repeating: 0)
        self.queue = queue
    }

    deinit {
        // A transfer may still read it, where a batch ended with an error.
        try? queue.finish()
        values.deallocate()
    }
}
