import OpenCL
import Testing

@Suite struct ProgramTests {
    private let fixture: Fixture

    init() throws { fixture = try Fixture() }

    @Test func buildFailureHasTheCompilersMessage() throws {
        let source = "__kernel void broken(__global float *x) { x[0] = not_declared_anywhere; }"
        let error = #expect(throws: OpenCLError.self) {
            try Program(context: fixture.context, source: source)
        }
        let failure = try #require(error)
        #expect(failure.name == "CL_BUILD_PROGRAM_FAILURE" && failure.call == "clBuildProgram")
        #expect(try #require(failure.log).contains("not_declared_anywhere"))
        #expect(failure.description.contains("not_declared_anywhere"))
    }

    @Test func optionsReachTheCompiler() throws {
        let kernel = try fixture.kernel("scale", options: ["-DFACTOR=5", "-cl-fast-relaxed-math"])
        let buffer = try Buffer(context: fixture.context, copying: [1, 2] as [Float])
        try kernel.setArguments(buffer, 2 as Float)
        try fixture.queue.enqueue(kernel, global: 2)
        #expect(try fixture.queue.read(from: buffer, as: Float.self) == [10, 20])
    }

    @Test func kernelNames() throws {
        let program = try Program(context: fixture.context, source: Fixture.source)
        #expect(try Set(program.kernelNames()) == ["add", "scale", "scalars", "reverse", "place", "null"])
        let error = #expect(throws: OpenCLError.self) { try program.kernel(named: "missing") }
        #expect(error?.name == "CL_INVALID_KERNEL_NAME")
        #expect(error?.description.contains("missing") == true)
    }

    @Test func binaryRoundtrip() throws {
        let binary = try Program(context: fixture.context, source: Fixture.source).binary()
        #expect(!binary.isEmpty)
        let kernel = try Program(context: fixture.context, binary: binary).kernel(named: "scale")
        let buffer = try Buffer(context: fixture.context, copying: [1, 2, 3] as [Float])
        try kernel.setArguments(buffer, 3 as Float)
        try fixture.queue.enqueue(kernel, global: 3)
        #expect(try fixture.queue.read(from: buffer, as: Float.self) == [3, 6, 9])
    }

    @Test func badBinaries() {
        #expect(throws: OpenCLError.self) { try Program(context: fixture.context, binary: []) }
        let noise = (0..<256).map { UInt8($0) }
        #expect(throws: OpenCLError.self) { try Program(context: fixture.context, binary: noise) }
    }
}
