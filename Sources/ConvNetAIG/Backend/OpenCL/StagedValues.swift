import OpenCL

/// Memory of the host's that a queue copies to or from the device by itself.
package final class StagedValues<Element: BitwiseCopyable> {
    package let values: UnsafeMutableBufferPointer<Element>
    private let queue: CommandQueue

    package init(repeating value: Element, count: Int, queue: CommandQueue) {
        values = .allocate(capacity: count)
        values.initialize(repeating: value)
        self.queue = queue
    }

    deinit {
        // A transfer may still use it, where a batch ended with an error.
        try? queue.finish()
        values.deallocate()
    }
}
