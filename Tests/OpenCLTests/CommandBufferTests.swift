import OpenCL
import Testing

@Suite struct CommandBufferTests {
    /// Devices without the extension have nothing to run these tests on.
    static let isSupported = (try? Device.select()).map(CommandBuffer.isSupported(by:)) ?? false

    @Test(.enabled(if: isSupported)) func launchesAreReplayedInOrder() throws {
        let fixture = try Fixture()
        let queue = fixture.queue
        let buffer = try Buffer(context: fixture.context, copying: [Float](repeating: 1, count: 64))
        let other = try Buffer(context: fixture.context, copying: [Float](repeating: 5, count: 64))
        let (add, scale) = (try fixture.kernel("add"), try fixture.kernel("scale"))

        let commands = try CommandBuffer(queue: queue)
        try add.setArguments(buffer, other, buffer, 64 as Int32, 1 as Float)
        try commands.record(add, global: 64, local: 16)
        try scale.setArguments(buffer, 2 as Float)
        try commands.record(scale, global: 64)
        // Another object of the same kernel has arguments of its own.
        try fixture.kernel("scale").setArguments(other, 100 as Float)
        try commands.finalize()
        #expect(commands.count == 2)
        // Recording runs nothing.
        #expect(try queue.read(from: buffer, as: Float.self).allSatisfy { $0 == 1 })
        #expect(queue.kernelLaunches == 0)

        var expected: Float = 1
        for round in 1...3 {
            try commands.enqueue()
            expected = (expected + 5) * 2
            #expect(queue.kernelLaunches == 2 * round)
            #expect(try queue.read(from: buffer, as: Float.self) == [Float](repeating: expected, count: 64))
        }
        // What buffers hold counts when the launches run; replays may follow each other.
        try queue.write(to: buffer, values: [Float](repeating: 0, count: 64))
        try commands.enqueue()
        try commands.enqueue()
        #expect(try queue.read(from: buffer, as: Float.self).allSatisfy { $0 == 30 })
        #expect(try queue.read(from: other, as: Float.self).allSatisfy { $0 == 5 })
    }

    @Test(.enabled(if: isSupported)) func buffersLiveAsLongAsTheRecording() throws {
        let fixture = try Fixture()
        let result = try Buffer(context: fixture.context, copying: [Float](repeating: 0, count: 16))
        let commands = try CommandBuffer(queue: fixture.queue)
        do {
            let values = try Buffer(context: fixture.context, copying: [Float](repeating: 7, count: 16))
            let add = try fixture.kernel("add")
            try add.setArguments(result, values, result, 16 as Int32, 1 as Float)
            try commands.record(add, global: 16)
            #expect(commands.count == 1)
        }
        try commands.finalize()
        try commands.enqueue()
        try commands.enqueue()
        #expect(try fixture.queue.read(from: result, as: Float.self) == [Float](repeating: 14, count: 16))
    }

    @Test(.enabled(if: isSupported)) func misuseIsAnError() throws {
        let fixture = try Fixture()
        let buffer = try Buffer(context: fixture.context, byteCount: 64)
        let kernel = try fixture.kernel("scale")
        try kernel.setArguments(buffer, 2 as Float)
        let commands = try CommandBuffer(queue: fixture.queue)
        func name(_ body: () throws -> Void) -> String? {
            (#expect(throws: OpenCLError.self) { try body() })?.name
        }
        #expect(name { try commands.enqueue() } == "CL_INVALID_OPERATION")
        #expect(name { try commands.record(kernel, global: 0) } == "CL_INVALID_GLOBAL_WORK_SIZE")
        #expect(name { try commands.record(kernel, global: [4, 4], local: 2) } == "CL_INVALID_WORK_DIMENSION")
        try kernel.setArgument(1, 3 as Float)
        try commands.record(kernel, global: 16)
        // Drivers may lose the arguments of the recording.
        #expect(name { try kernel.setArgument(1, 4 as Float) } == "CL_INVALID_OPERATION")
        #expect(name { try kernel.setArgument(0, buffer) } == "CL_INVALID_OPERATION")
        try commands.finalize()
        #expect(name { try commands.finalize() } == "CL_INVALID_OPERATION")
        #expect(name { try commands.record(kernel, global: 16) } == "CL_INVALID_OPERATION")
        #expect(commands.count == 1)
    }

    @Test(.enabled(if: !isSupported)) func devicesWithoutTheExtensionSaySo() throws {
        let fixture = try Fixture()
        let error = #expect(throws: OpenCLError.self) { try CommandBuffer(queue: fixture.queue) }
        #expect(error?.detail?.contains("cl_khr_command_buffer") == true)
    }
}
