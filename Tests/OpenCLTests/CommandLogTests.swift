import OpenCL
import Testing

@Suite struct CommandLogTests {
    @Test func logHasEveryCommandInOrder() throws {
        let fixture = try Fixture(profiling: true)
        let queue = fixture.queue
        let buffer = try Buffer(context: fixture.context, byteCount: 64)
        let other = try Buffer(context: fixture.context, byteCount: 64)
        let kernel = try fixture.kernel("scale")
        try kernel.setArguments(buffer, 2 as Float)

        try queue.fill(buffer, with: 1)
        #expect(queue.loggedCount == 0)
        try queue.startLogging()
        try queue.write(to: buffer, values: [Float](repeating: 3, count: 16))
        try queue.enqueue(kernel, global: 16, local: 4)
        let event = try queue.enqueueWithEvent(kernel, global: 8)
        try queue.copy(from: buffer, to: other, byteCount: 32)
        #expect(queue.loggedCount == 4)
        try queue.fill(buffer, with: 0, range: 0..<8)
        try queue.withMapped(other, access: .read, range: 0..<16) { #expect($0.count == 16) }
        #expect(try queue.read(from: other, as: Float.self, count: 8) == [Float](repeating: 12, count: 8))
        var bytes = [UInt8](repeating: 0, count: 8)
        try bytes.withUnsafeMutableBytes { try queue.readWithEvent(from: buffer, into: $0).wait() }
        #expect(bytes == [UInt8](repeating: 0, count: 8))
        try queue.finish()
        let log = queue.finishLogging()

        #expect(
            log.map(\.kind) == [
                .write(byteCount: 64), .kernel(name: "scale", global: 16, local: 4),
                .kernel(name: "scale", global: 8, local: nil), .copy(byteCount: 32), .fill(byteCount: 8),
                .map(byteCount: 16), .read(byteCount: 32), .read(byteCount: 8), .wait, .finish,
            ])
        #expect(log.map(\.isBlocking) == [true, false, false, false, false, true, true, false, true, true])
        var earlier: LoggedCommand?
        for command in log {
            #expect(command.returned >= command.called)
            if let earlier { #expect(command.called >= earlier.returned) }
            if let times = try command.event?.times, let previous = try earlier?.event?.times {
                #expect(times.start >= previous.start && times.end >= times.start)
            }
            #expect((command.event == nil) == [.wait, .finish].contains(command.kind))
            earlier = command
        }
        // The caller's event is the log's.
        #expect(log[2].event?.handle == event.handle)
        #expect(try event.status == .complete)

        // Nothing is logged any more, nor twice.
        try queue.enqueue(kernel, global: 16)
        try queue.finish()
        #expect(queue.loggedCount == 0)
        #expect(queue.finishLogging().isEmpty)
    }

    @Test func failedCallsAreNotLogged() throws {
        let fixture = try Fixture(profiling: true)
        let kernel = try fixture.kernel("scale")
        try fixture.queue.startLogging()
        #expect(throws: OpenCLError.self) { try fixture.queue.enqueue(kernel, global: 0) }
        #expect(throws: OpenCLError.self) { try fixture.queue.enqueue(kernel, global: 16) }
        #expect(fixture.queue.finishLogging().isEmpty)
    }

    @Test func logsNeedProfiling() throws {
        let fixture = try Fixture()
        let error = #expect(throws: OpenCLError.self) { try fixture.queue.startLogging() }
        #expect(error?.name == "CL_PROFILING_INFO_NOT_AVAILABLE")
        #expect(fixture.queue.loggedCount == 0)
    }
}
