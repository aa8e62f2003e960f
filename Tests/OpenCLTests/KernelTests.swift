import OpenCL
import Testing

@Suite struct KernelTests {
    private let fixture: Fixture
    private var context: Context { fixture.context }
    private var queue: CommandQueue { fixture.queue }

    init() throws { fixture = try Fixture() }

    @Test func properties() throws {
        let kernel = try fixture.kernel("add")
        #expect(kernel.name == "add")
        #expect(kernel.argumentCount == 5)
        #expect((1...fixture.device.maxWorkGroupSize).contains(kernel.workGroupSize))
        #expect(kernel.preferredWorkGroupSizeMultiple > 0)
    }

    @Test func vectorAdd() throws {
        let kernel = try fixture.kernel("add")
        let a = (0..<1000).map(Float.init)
        let b = a.map { $0 * 2 }
        let sum = try Buffer(context: context, byteCount: 4000, access: .writeOnly)
        try kernel.setArguments(
            Buffer(context: context, copying: a, access: .readOnly),
            Buffer(context: context, copying: b, access: .readOnly), sum, Int32(1000), Float(0.5))
        let local = NDRange(min(64, kernel.workGroupSize))
        try queue.enqueue(kernel, global: NDRange(1000).roundedUp(toMultipleOf: local), local: local)
        #expect(try queue.read(from: sum, as: Float.self) == a.map { $0 * 2 })

        try kernel.setArgument(4, Float(0))
        try queue.enqueue(kernel, global: 1000)
        #expect(try queue.read(from: sum, as: Float.self) == a)
    }

    @Test func scalarArguments() throws {
        let kernel = try fixture.kernel("scalars")
        let out = try Buffer(context: context, byteCount: 40)
        try kernel.setArguments(
            out, Int32.min, UInt32.max, Int64.min, UInt64.max, Float(-8))
        try queue.enqueue(kernel, global: 1)
        #expect(
            try queue.read(from: out, as: Int64.self)
                == [Int64(Int32.min), Int64(UInt32.max), .min, -1, -8])
    }

    @Test func localMemory() throws {
        let kernel = try fixture.kernel("reverse")
        let size = min(16, kernel.workGroupSize)
        let values = try Buffer(context: context, copying: (0..<Int32(2 * size)).map { $0 })
        try kernel.setArguments(values, LocalMemory(byteCount: 4 * size))
        try queue.enqueue(kernel, global: NDRange(2 * size), local: NDRange(size))
        let expected = (0..<size).reversed() + (size..<2 * size).reversed()
        #expect(try queue.read(from: values, as: Int32.self) == expected.map(Int32.init))
        #expect(throws: OpenCLError.self) { try kernel.setArgument(1, LocalMemory(byteCount: 0)) }
    }

    @Test func threeDimensionsAndOffset() throws {
        let kernel = try fixture.kernel("place")
        let out = try Buffer(context: context, byteCount: 4 * 24)
        try kernel.setArguments(out)
        try queue.enqueue(kernel, global: [4, 3, 2], local: [2, 1, 1], offset: [5, 0, 0])
        var expected: [Int32] = []
        for z in 0..<2 as Range<Int32> {
            for y in 0..<3 as Range<Int32> {
                for x in 5..<9 as Range<Int32> { expected.append(x + 100 * y + 10000 * z) }
            }
        }
        #expect(try queue.read(from: out, as: Int32.self) == expected)
    }

    @Test func nullPointerArgument() throws {
        let kernel = try fixture.kernel("null")
        let out = try Buffer(context: context, byteCount: 4)
        try kernel.setArgument(0, out)
        try kernel.setArgument(1, buffer: nil)
        try queue.enqueue(kernel, global: 1)
        #expect(try queue.read(from: out, as: Int32.self) == [-1])
        try kernel.setArgument(1, buffer: Buffer(context: context, copying: [42 as Int32]))
        try queue.enqueue(kernel, global: 1)
        #expect(try queue.read(from: out, as: Int32.self) == [42])
    }

    @Test func wrongArguments() throws {
        let kernel = try fixture.kernel("scale")
        let buffer = try Buffer(context: context, byteCount: 16)
        #expect(name { try kernel.setArgument(2, Float(1)) } == "CL_INVALID_ARG_INDEX")
        #expect(name { try kernel.setArgument(-1, Float(1)) } == "CL_INVALID_ARG_INDEX")
        #expect(name { try kernel.setArgument(1, Double(1)) } == "CL_INVALID_ARG_SIZE")
        #expect(name { try kernel.setArguments(buffer) } == "CL_INVALID_KERNEL_ARGS")
        let foreign = try Buffer(context: Context(device: fixture.device), byteCount: 16)
        #expect(name { try kernel.setArgument(0, foreign) } == "CL_INVALID_CONTEXT")
    }

    @Test func wrongRanges() throws {
        let kernel = try fixture.kernel("scale")
        try kernel.setArguments(Buffer(context: context, byteCount: 16), Float(1))
        #expect(name { try queue.enqueue(kernel, global: 0) } == "CL_INVALID_GLOBAL_WORK_SIZE")
        #expect(name { try queue.enqueue(kernel, global: [4, -1]) } == "CL_INVALID_GLOBAL_WORK_SIZE")
        #expect(name { try queue.enqueue(kernel, global: []) } == "CL_INVALID_WORK_DIMENSION")
        #expect(name { try queue.enqueue(kernel, global: [1, 1, 1, 1]) } == "CL_INVALID_WORK_DIMENSION")
        #expect(name { try queue.enqueue(kernel, global: 4, local: [2, 2]) } == "CL_INVALID_WORK_DIMENSION")
        #expect(name { try queue.enqueue(kernel, global: 4, local: 0) } == "CL_INVALID_WORK_GROUP_SIZE")
        #expect(name { try queue.enqueue(kernel, global: 4, offset: -1) } == "CL_INVALID_GLOBAL_OFFSET")
        let tooLarge = NDRange(2 * fixture.device.maxWorkGroupSize)
        #expect(throws: OpenCLError.self) { try queue.enqueue(kernel, global: tooLarge, local: tooLarge) }
        #expect(queue.kernelLaunches == 0)
    }

    @Test func missingArgumentsAreReported() throws {
        let kernel = try fixture.kernel("scale")
        #expect(name { try queue.enqueue(kernel, global: 4) } == "CL_INVALID_KERNEL_ARGS")
    }

    @Test func launchesAreCounted() throws {
        let kernel = try fixture.kernel("scale")
        try kernel.setArguments(Buffer(context: context, copying: [1 as Float]), Float(1))
        #expect(queue.kernelLaunches == 0)
        for _ in 0..<10 { try queue.enqueue(kernel, global: 1) }
        _ = try queue.enqueueWithEvent(kernel, global: 1)
        try queue.finish()
        #expect(queue.kernelLaunches == 11)
        #expect(try CommandQueue(context: context).kernelLaunches == 0)
    }

    private func name(_ body: () throws -> Void) -> String? {
        do {
            try body()
            return nil
        } catch {
            return (error as? OpenCLError)?.name
        }
    }
}
