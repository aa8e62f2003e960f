import OpenCL
import Testing

@Suite struct ConcurrencyTests {
    @Test func tasksWithKernelsOfTheirOwnShareAContextAndAQueue() async throws {
        let fixture = try Fixture()
        let program = try Program(context: fixture.context, source: Fixture.source)
        let queue = fixture.queue
        try await withThrowingTaskGroup(of: Void.self) { group in
            for task in 1...8 {
                group.addTask {
                    let kernel = try program.kernel(named: "scale")
                    let buffer = try Buffer(
                        context: program.context, copying: [Float](repeating: Float(task), count: 256))
                    try kernel.setArguments(buffer, 2 as Float)
                    for _ in 0..<5 { try queue.enqueue(kernel, global: 256) }
                    let values = try queue.read(from: buffer, as: Float.self)
                    #expect(values.allSatisfy { $0 == Float(task * 32) })
                }
            }
            try await group.waitForAll()
        }
        #expect(queue.kernelLaunches == 40)
    }

    @Test func tasksWithQueuesOfTheirOwn() async throws {
        let fixture = try Fixture()
        let program = try Program(context: fixture.context, source: Fixture.source)
        let sums = try await withThrowingTaskGroup(of: Float.self) { group in
            for task in 1...4 {
                group.addTask {
                    let queue = try CommandQueue(context: program.context)
                    let kernel = try program.kernel(named: "scale")
                    let buffer = try Buffer(
                        context: program.context, copying: [Float](repeating: 1, count: 64))
                    try kernel.setArguments(buffer, Float(task))
                    try queue.enqueue(kernel, global: 64)
                    return try queue.read(from: buffer, as: Float.self).reduce(0, +)
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(sums.sorted() == [64, 128, 192, 256])
    }

    /// PoCL ends the process where two queues run one kernel over ranges of different sizes at once.
    @Test func queuesRunOneKernelOverRangesOfDifferentSizes() async throws {
        let fixture = try Fixture()
        let program = try Program(context: fixture.context, source: Fixture.source)
        let perGroup = 64
        try await withThrowingTaskGroup(of: Void.self) { group in
            for task in 0..<4 {
                group.addTask {
                    // One out of order, if the device has such queues.
                    let outOfOrder = task == 3 ? try? CommandQueue(context: program.context, outOfOrder: true) : nil
                    let queue = try outOfOrder ?? CommandQueue(context: program.context)
                    let kernel = try program.kernel(named: "scale")
                    let count = perGroup << (task + 7)
                    let buffer = try Buffer(context: program.context, copying: [Float](repeating: 1, count: count))
                    try kernel.setArguments(buffer, 1 as Float)
                    for round in 0..<300 {
                        for launch in 0..<3 {
                            let size = count - perGroup * ((round + launch) % 7)
                            try queue.enqueue(kernel, global: NDRange(size), local: NDRange(perGroup))
                        }
                        try queue.finish()
                    }
                    #expect(try queue.read(from: buffer, as: Float.self) == [Float](repeating: 1, count: count))
                }
            }
            try await group.waitForAll()
        }
    }

    /// PoCL's kernels have to be, as the next queue's must not run beside them.
    @Test func kernelsOfAQueueThatIsGoneAreComplete() throws {
        let fixture = try Fixture()
        guard fixture.device.isPoCL else { return }
        let kernel = try fixture.kernel("scale")
        let buffer = try Buffer(context: fixture.context, copying: [Float](repeating: 3, count: 4096))
        try kernel.setArguments(buffer, 2 as Float)
        try CommandQueue(context: fixture.context).enqueue(kernel, global: 4096)
        #expect(try fixture.queue.read(from: buffer, as: Float.self).allSatisfy { $0 == 6 })
    }

    @Test func oneKernelFromSeveralTasksIsMemorySafe() async throws {
        let fixture = try Fixture()
        let kernel = try fixture.kernel("scale")
        let queue = fixture.queue
        try kernel.setArguments(Buffer(context: fixture.context, byteCount: 64), 1 as Float)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<4 {
                group.addTask {
                    for _ in 0..<50 {
                        try kernel.setArgument(0, Buffer(context: kernel.program.context, byteCount: 64))
                        try queue.enqueue(kernel, global: 16)
                    }
                }
            }
            try await group.waitForAll()
        }
        try queue.finish()
        #expect(queue.kernelLaunches == 200)
    }
}
