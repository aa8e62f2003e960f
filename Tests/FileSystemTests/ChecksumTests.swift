import Testing

@testable import FileSystem

@Suite struct ChecksumTests {
    @Test func everyBitCounts() {
        let bytes = [UInt8](0..<29)
        func checksum(_ bytes: [UInt8]) -> UInt64 {
            var checksum = Checksum()
            bytes.withUnsafeBytes { checksum.add($0) }
            return checksum.value
        }
        var seen: Set = [checksum(bytes)]
        for bit in 0..<bytes.count * 8 {
            var changed = bytes
            changed[bit / 8] ^= 1 << UInt8(bit % 8)
            seen.insert(checksum(changed))
        }
        #expect(seen.count == bytes.count * 8 + 1)
    }

    /// Checkpoints on disk hold checksums.
    @Test func theValueStays() {
        var checksum = Checksum()
        #expect(checksum.value.hexadecimal == "cbf29ce484222325")
        checksum.add("every block is gated")
        #expect(checksum.value.hexadecimal == "33a38b7b607934e8")
    }
}
