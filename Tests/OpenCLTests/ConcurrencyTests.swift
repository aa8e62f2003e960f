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
