import Testing

@testable import ConvNetAIG
@testable import Operators

@Suite struct SystemMemoryTests {
    @Test func readsMeminfo() {
        let text = "MemTotal:       24560000 kB\nMemFree:          123 kB\nMemAvailable:   20000000 kB\n"
        #expect(SystemMemory.availableBytes(text) == 20_000_000 * 1024)
        #expect(SystemMemory.availableBytes("MemTotal: 1 kB") == nil)
        #expect(SystemMemory.availableBytes("MemAvailable:") == nil)
    }

    @Test func thisMachineHasSome() throws {
        #expect(try #require(SystemMemory.available) > 0)
    }
}
