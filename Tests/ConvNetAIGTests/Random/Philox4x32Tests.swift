import Testing

@testable import ConvNetAIG
@testable import Operators

@Suite struct Philox4x32Tests {
    /// From Random123's kat_vectors.
    @Test func knownAnswers() {
        let all = UInt32.max
        #expect(
            Philox4x32(key: (0, 0))(counter: (0, 0, 0, 0)) == (
                0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8
            ))
        #expect(
            Philox4x32(key: (all, all))(counter: (all, all, all, all))
                == (0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd))
        #expect(
            Philox4x32(key: (0xa409_3822, 0x299f_31d0))(
                counter: (0x243f_6a88, 0x85a3_08d3, 0x1319_8a2e, 0x0370_7344))
                == (0xd16c_fe09, 0x94fd_cceb, 0x5001_e420, 0x2412_6ea1))
    }

    @Test func seedIsTheKey() {
        #expect(Philox4x32(seed: 0x299f_31d0_a409_3822) == Philox4x32(key: (0xa409_3822, 0x299f_31d0)))
    }

    @Test func uniformStaysInRange() {
        #expect(Philox4x32.uniform(0) == 0)
        #expect(Philox4x32.uniform(.max) == 1 - 0x1p-24)
        #expect(Philox4x32.openUniform(0) == 0x1p-24)
        #expect(Philox4x32.openUniform(.max) == 1 - 0x1p-24)
    }

    @Test func normalNumbersHaveTheirMoments() {
        let values = RandomStream(seed: 7, stream: 3).normal(count: 100_003, standardDeviation: 2)
        let mean = values.reduce(0.0) { $0 + Double($1) } / Double(values.count)
        let variance = values.reduce(0.0) { $0 + Double($1 * $1) } / Double(values.count)
        let fourth = values.reduce(0.0) { $0 + Double($1 * $1 * $1 * $1) } / Double(values.count)
        #expect(values.count == 100_003)
        #expect(abs(mean) < 0.03)
        #expect(abs(variance - 4) < 0.1)
        #expect(abs(fourth / (variance * variance) - 3) < 0.15)
        #expect(values != RandomStream(seed: 7, stream: 4).normal(count: 100_003, standardDeviation: 2))
    }
}
