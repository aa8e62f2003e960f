import Foundation
import OpenCL
import Testing

@Suite struct LifetimeTests {
    @Test func manyObjectsCanBeMadeAndReleased() throws {
        let device = try Device.select()
        func cycle(_ count: Int) throws {
            for _ in 0..<count {
                let context = try Context(device: device)
                let queue = try CommandQueue(context: context, profiling: true)
                let buffer = try Buffer(context: context, byteCount: 1 << 22)
                let part = try buffer.subBuffer(0..<1024)
                try queue.fill(buffer, with: 1)
                try queue.marker().wait()
                #expect(try queue.read(from: part, as: Float.self, count: 1) == [1])
            }
        }
        try cycle(20)
        let before = try residentBytes()
        try cycle(200)
        // A leak of the buffers would be 800 MB; other tests that run meanwhile have the rest.
        #expect(try residentBytes() - before < 400 << 20)
    }

    @Test func manyKernelsAndEvents() throws {
        let fixture = try Fixture()
        let program = try Program(context: fixture.context, source: Fixture.source)
        let buffer = try Buffer(context: fixture.context, copying: [1 as Float])
        for _ in 0..<500 {
            let kernel = try program.kernel(named: "scale")
            try kernel.setArguments(buffer, 1 as Float)
            _ = try fixture.queue.enqueueWithEvent(kernel, global: 1)
        }
        try fixture.queue.finish()
        #expect(fixture.queue.kernelLaunches == 500)
    }

    @Test func boundBuffersAreKept() throws {
        let fixture = try Fixture()
        let kernel = try fixture.kernel("add")
        let sum = try Buffer(context: fixture.context, byteCount: 16)
        weak var bound: Buffer?
        try {
            let a = try Buffer(context: fixture.context, copying: [1, 2, 3, 4] as [Float])
            bound = a
            try kernel.setArguments(a, a, sum, 4 as Int32, 1 as Float)
        }()
        #expect(bound != nil)
        try fixture.queue.enqueue(kernel, global: 4)
        #expect(try fixture.queue.read(from: sum, as: Float.self) == [2, 4, 6, 8])
        try kernel.setArgument(0, sum)
        #expect(bound != nil)
        try kernel.setArgument(1, sum)
        #expect(bound == nil)
    }

    @Test func failedBuildsReleaseTheirProgram() throws {
        let context = try Context(device: Device.select())
        for _ in 0..<5 {
            #expect(throws: OpenCLError.self) { try Program(context: context, source: "__kernel nonsense") }
        }
    }

    private func residentBytes() throws -> Int {
        let text = try String(contentsOfFile: "/proc/self/statm", encoding: .utf8)
        let pages = try #require(text.split(separator: " ").dropFirst().first.flatMap { Int($0) })
        return pages * sysconf(Int32(_SC_PAGESIZE))
    }
}
