import Testing

@testable import ConvNetAIG
@testable import Operators

@Suite struct ArgmaxTests {
    @Test func theFirstOfTheLargestIsFound() {
        let values: [Float] = [0, 3, -1, 3, 2]
        #expect(values.argmax == 1)
        #expect(values[2...].argmax == 3)
        #expect([Float](repeating: -.infinity, count: 4).argmax == 0)
        #expect([Float]().argmax == nil)
    }
}
