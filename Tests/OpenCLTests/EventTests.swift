import OpenCL
import Testing

@Suite struct EventTests {
    private let fixture: Fixture
    private let buffer: Buffer
    private let kernel: Kernel

    init() throws {
        fixture = try Fixture(profiling: true)
        buffer = try Buffer(context: fixture.context, copying: [Float](repeating: 1, count: 4096))
        kernel = try fixture.kernel("scale")
        try kernel.setArguments(buffer, 2 as Float)
    }

    @Test func timesAreInOrder() throws {
        let first = try fixture.queue.enqueueWithEvent(kernel, global: 4096)
        let second = try fixture.queue.enqueueWithEvent(kernel, global: 4096)
        try second.wait()
        #expect(try first.status == .complete)
        #expect(try second.status == .complete)
        for event in [first, second] {
            let times = try event.times
            #expect(times.queued <= times.submit && times.submit <= times.start && times.start <= times.end)
            #expect(try event.duration == times.duration)
            #expect((0..<60).contains(times.duration))
        }
        #expect(try first.times.end <= second.times.start)
        #expect(try fixture.queue.read(from: buffer, as: Float.self, count: 1) == [4])
    }

    @Test func withoutProfilingThereAreNoTimes() throws {
        let queue = try CommandQueue(context: fixture.context)
        #expect(!queue.isProfiling && fixture.queue.isProfiling)
        let event = try queue.enqueueWithEvent(kernel, global: 1)
        try event.wait()
        let error = #expect(throws: OpenCLError.self) { try event.times }
        #expect(error?.name == "CL_PROFILING_INFO_NOT_AVAILABLE")
    }

    @Test func eventsOrderQueues() throws {
        let other = try CommandQueue(context: fixture.context, profiling: true)
        let next = try fixture.kernel("scale")
        try next.setArguments(buffer, 3 as Float)
        let first = try fixture.queue.enqueueWithEvent(kernel, global: 4096)
        try fixture.queue.flush()
        let second = try other.enqueueWithEvent(next, global: 4096, after: [first])
        try second.wait()
        #expect(try first.status == .complete)
        #expect(try other.read(from: buffer, as: Float.self).allSatisfy { $0 == 6 })
    }

    @Test func markersAndBarriers() throws {
        let other = try CommandQueue(context: fixture.context)
        let event = try fixture.queue.enqueueWithEvent(kernel, global: 4096)
        let marker = try fixture.queue.marker()
        try fixture.queue.flush()
        try other.barrier(after: [event, marker])
        #expect(try other.read(from: buffer, as: Float.self).allSatisfy { $0 == 2 })
        #expect(try marker.status == .complete)
        try fixture.queue.barrier()
        try fixture.queue.marker(after: [event]).wait()
    }

    @Test func outOfOrderQueue() throws {
        let made = Result { () throws(OpenCLError) in try CommandQueue(context: fixture.context, outOfOrder: true) }
        // A device that has no such queues says so.
        if case .failure(let error) = made, error.name == "CL_INVALID_QUEUE_PROPERTIES" { return }
        let queue = try made.get()
        #expect(queue.isOutOfOrder)
        var last = try queue.enqueueWithEvent(kernel, global: 4096)
        for _ in 0..<3 { last = try queue.enqueueWithEvent(kernel, global: 4096, after: [last]) }
        try queue.barrier()
        try queue.withMapped(buffer) { $0.storeBytes(of: -1, as: Float.self) }
        try queue.enqueue(kernel, global: 4096)
        try queue.finish()
        #expect(try queue.read(from: buffer, as: Float.self, count: 2) == [-2, 32])
    }

    @Test func statusCodes() {
        #expect(EventStatus.failed(-5) != .complete)
        #expect(EventStatus.failed(-5) == .failed(-5))
    }

    @Test func eventsOutliveTheirQueueAndKernel() throws {
        let event = try {
            let queue = try CommandQueue(context: fixture.context, profiling: true)
            let kernel = try fixture.kernel("scale")
            try kernel.setArguments(Buffer(context: fixture.context, byteCount: 16), 1 as Float)
            return try queue.enqueueWithEvent(kernel, global: 4)
        }()
        try event.wait()
        #expect(try event.status == .complete)
    }
}
