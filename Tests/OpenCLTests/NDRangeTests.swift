import OpenCL
import Testing

@Suite struct NDRangeTests {
    @Test func forms() {
        #expect((8 as NDRange) == NDRange(8))
        #expect(([4, 3] as NDRange) == NDRange(4, 3))
        #expect(NDRange([4, 3, 2]) == NDRange(4, 3, 2))
        #expect(NDRange(4, 3) != NDRange(4, 3, 1))
        #expect(NDRange(4, 3).sizes == [4, 3])
        #expect(NDRange(4, 3, 2).count == 24)
        #expect(NDRange(.max, 2).count == .max)
        #expect(NDRange(4, 3).description == "4×3")
    }

    @Test func roundingUp() {
        #expect(NDRange(1000).roundedUp(toMultipleOf: 64) == 1024)
        #expect(NDRange(64, 5).roundedUp(toMultipleOf: [16, 4]) == [64, 8])
        #expect(NDRange(5, 5, 5).roundedUp(toMultipleOf: [0, -1, 2]) == [5, 5, 6])
        #expect(NDRange(.max).roundedUp(toMultipleOf: 4).x == .max)
    }
}

extension NDRange {
    fileprivate var x: Int { sizes[0] }
}
