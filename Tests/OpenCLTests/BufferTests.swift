import OpenCL
import Synchronization
import Testing

@Suite struct BufferTests {
    private let fixture: Fixture
    private var context: Context { fixture.context }
    private var queue: CommandQueue { fixture.queue }

    init() throws { fixture = try Fixture() }

    private let values = (0..<1000).map(Float.init)

    @Test func writeAndRead() throws {
        let buffer = try Buffer(context: context, byteCount: 4000)
        #expect(buffer.byteCount == 4000 && buffer.access == .readWrite && !buffer.isHostAccessible)
        try queue.write(to: buffer, values: values)
        #expect(try queue.read(from: buffer, as: Float.self) == values)
        #expect(try queue.read(from: buffer, offset: 400, as: Float.self, count: 3) == [100, 101, 102])
        try queue.write(to: buffer, offset: 8, values: [-1, -2] as [Float])
        #expect(try queue.read(from: buffer, as: Float.self, count: 5) == [0, 1, -1, -2, 4])
    }

    @Test func nonblockingTransfers() throws {
        let buffer = try Buffer(context: context, byteCount: 4000)
        let source = UnsafeMutableRawBufferPointer.allocate(byteCount: 4000, alignment: 64)
        let target = UnsafeMutableRawBufferPointer.allocate(byteCount: 4000, alignment: 64)
        defer {
            source.deallocate()
            target.deallocate()
        }
        values.withUnsafeBytes { source.copyMemory(from: $0) }
        try queue.write(to: buffer, from: UnsafeRawBufferPointer(source), blocking: false)
        try queue.read(from: buffer, into: target, blocking: false)
        try queue.flush()
        try queue.finish()
        #expect(Array(target.bindMemory(to: Float.self)) == values)
    }

    @Test func copyOfBytesOnCreation() throws {
        let copied = try Buffer(context: context, copying: values, access: .readOnly)
        #expect(copied.byteCount == 4000 && copied.access == .readOnly)
        #expect(try queue.read(from: copied, as: Float.self) == values)
        let fromBytes = try values.withUnsafeBytes {
            try Buffer(context: context, copying: $0, hostAccessible: true)
        }
        #expect(fromBytes.isHostAccessible)
        #expect(try queue.read(from: fromBytes, as: Float.self) == values)
    }

    @Test func fill() throws {
        let buffer = try Buffer(context: context, byteCount: 32)
        try queue.fill(buffer, with: 1.5)
        #expect(try queue.read(from: buffer, as: Float.self) == Array(repeating: 1.5, count: 8))
        try queue.fill(buffer, withBits: 7, range: 8..<16)
        #expect(
            try queue.read(from: buffer, offset: 4, as: UInt32.self, count: 4)
                == [Float(1.5).bitPattern, 7, 7, Float(1.5).bitPattern])
        try queue.fill(buffer, with: 0, range: 4..<4)
        #expect(throws: OpenCLError.self) { try queue.fill(buffer, with: 0, range: 2..<8) }
        #expect(throws: OpenCLError.self) { try queue.fill(buffer, with: 0, range: 0..<36) }
        #expect(throws: OpenCLError.self) { try queue.fill(buffer, with: 0, range: Int.min..<Int.max) }
    }

    @Test func copy() throws {
        let source = try Buffer(context: context, copying: values)
        let target = try Buffer(context: context, copying: [Float](repeating: -1, count: 1000))
        try queue.copy(from: source, to: target, sourceOffset: 40, destinationOffset: 4, byteCount: 8)
        #expect(try queue.read(from: target, as: Float.self, count: 4) == [-1, 10, 11, -1])
        try queue.copy(from: source, to: target)
        #expect(try queue.read(from: target, as: Float.self) == values)
        #expect(throws: OpenCLError.self) { try queue.copy(from: source, to: target, destinationOffset: 4) }
        #expect(throws: OpenCLError.self) { try queue.copy(from: source, to: target, sourceOffset: -4) }
        #expect(throws: OpenCLError.self) { try queue.copy(from: source, to: target, sourceOffset: 4004) }
    }

    @Test(arguments: [false, true]) func mapping(hostAccessible: Bool) throws {
        let buffer = try Buffer(context: context, byteCount: 4000, hostAccessible: hostAccessible)
        try queue.withMapped(buffer, access: .overwrite) { bytes in
            #expect(bytes.count == 4000)
            values.withUnsafeBytes { bytes.copyMemory(from: $0) }
        }
        let kernel = try fixture.kernel("scale")
        try kernel.setArguments(buffer, 2 as Float)
        try queue.enqueue(kernel, global: 1000)
        let sum = try queue.withMapped(buffer, access: .read) { $0.bindMemory(to: Float.self).reduce(0, +) }
        #expect(sum == 999_000)
        try queue.withMapped(buffer, access: .readWrite, range: 8..<16) { bytes in
            #expect(Array(bytes.bindMemory(to: Float.self)) == [4, 6])
            bytes.storeBytes(of: -1, as: Float.self)
        }
        #expect(try queue.read(from: buffer, as: Float.self, count: 4) == [0, 2, -1, 6])
    }

    @Test func mappingEndsWhenTheBodyThrows() throws {
        struct Stop: Error {}
        let buffer = try Buffer(context: context, copying: values)
        #expect(throws: Stop.self) { try queue.withMapped(buffer) { _ in throw Stop() } }
        #expect(throws: OpenCLError.self) { try queue.withMapped(buffer, range: 8..<8) { _ in } }
        #expect(throws: OpenCLError.self) { try queue.withMapped(buffer, range: 0..<4001) { _ in } }
        let third = try queue.withMapped(buffer, access: .read) { $0.load(fromByteOffset: 8, as: Float.self) }
        #expect(third == 2)
    }

    @Test func memoryOfTheCaller() async throws {
        let released = Flag()
        try {
            let owner = HostMemory(count: 4096, flag: released)
            owner.bytes.initializeMemory(as: Float.self, repeating: 3)
            let buffer = try Buffer(context: context, using: owner.bytes, owner: owner)
            #expect(buffer.isHostAccessible)
            let kernel = try fixture.kernel("scale")
            try kernel.setArguments(buffer, 2 as Float)
            try queue.enqueue(kernel, global: 1024)
            try queue.withMapped(buffer, access: .read) { bytes in
                #expect(bytes.baseAddress == owner.bytes.baseAddress)
                #expect(bytes.bindMemory(to: Float.self).allSatisfy { $0 == 6 })
            }
            try queue.finish()
            #expect(!released.isSet)
        }()
        // Drivers may call back from a thread of theirs, a little later.
        for _ in 0..<500 where !released.isSet { try await Task.sleep(for: .milliseconds(10)) }
        #expect(released.isSet)
    }

    @Test func subBuffers() throws {
        let alignment = fixture.device.memoryBaseAddressAlignment
        let whole = try Buffer(context: context, byteCount: 4 * alignment)
        try queue.fill(whole, withBits: 1)
        let part = try whole.subBuffer(alignment..<4 * alignment)
        #expect(part.byteCount == 3 * alignment && part.parent === whole && part.parentOffset == alignment)
        try queue.fill(part, withBits: 2)
        let inner = try part.subBuffer(alignment..<2 * alignment)
        #expect(inner.parent === whole && inner.parentOffset == 2 * alignment)
        try queue.fill(inner, withBits: 3)
        let words = try queue.read(from: whole, as: UInt32.self)
        let quarter = alignment / 4
        #expect(words == [1, 2, 3, 2].flatMap { Array(repeating: $0, count: quarter) })
        #expect(code { try whole.subBuffer(0..<4 * alignment + 1) } == "CL_INVALID_VALUE")
        #expect(code { try whole.subBuffer(alignment..<alignment) } == "CL_INVALID_BUFFER_SIZE")
        #expect(code { try whole.subBuffer(1..<alignment) } == "CL_MISALIGNED_SUB_BUFFER_OFFSET")
    }

    @Test func sizesOutOfBounds() throws {
        for byteCount in [0, -1] {
            #expect(code { try Buffer(context: context, byteCount: byteCount) } == "CL_INVALID_BUFFER_SIZE")
        }
        #expect(code { try Buffer(context: context, copying: [Float]()) } == "CL_INVALID_BUFFER_SIZE")
        let limit = fixture.device.maxAllocation
        let error = #expect(throws: OpenCLError.self) { try Buffer(context: context, byteCount: .max) }
        let text = try #require(error).description
        #expect(text.contains("\(limit >> 20) MB") && text.contains("smaller batch"))
    }

    @Test func rangesOutsideTheBuffer() throws {
        let buffer = try Buffer(context: context, byteCount: 16)
        let five = [Float](repeating: 0, count: 5)
        #expect(code { try queue.write(to: buffer, values: five) } == "CL_INVALID_VALUE")
        #expect(code { try queue.write(to: buffer, offset: 13, values: [0 as Float]) } == "CL_INVALID_VALUE")
        #expect(code { try queue.write(to: buffer, offset: -4, values: [0 as Float]) } == "CL_INVALID_VALUE")
        #expect(code { try queue.read(from: buffer, as: Float.self, count: 5) } == "CL_INVALID_VALUE")
        #expect(code { try queue.read(from: buffer, as: Float.self, count: -1) } == "CL_INVALID_VALUE")
        #expect(code { try queue.read(from: buffer, as: Float.self, count: .max) } == "CL_INVALID_VALUE")
        #expect(code { try queue.read(from: buffer, offset: 17, as: Float.self) } == "CL_INVALID_VALUE")
        #expect(try queue.read(from: buffer, offset: 16, as: Float.self) == [])
        try queue.write(to: buffer, offset: 16, values: [Float]())
    }

    private func code<Value>(_ body: () throws -> Value) -> String? {
        do {
            _ = try body()
            return nil
        } catch {
            return (error as? OpenCLError)?.name
        }
    }
}

private final class Flag: Sendable {
    private let value = Atomic(false)
    var isSet: Bool { value.load(ordering: .acquiring) }
    func set() { value.store(true, ordering: .releasing) }
}

private final class HostMemory: @unchecked Sendable {
    let bytes: UnsafeMutableRawBufferPointer
    private let flag: Flag

    init(count: Int, flag: Flag) {
        bytes = .allocate(byteCount: count, alignment: 4096)
        self.flag = flag
    }

    deinit {
        bytes.deallocate()
        flag.set()
    }
}
