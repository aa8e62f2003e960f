import Testing

@testable import ConvNetAIGReport

@Suite struct AxisTests {
    @Test func ticksAreRound() {
        let axis = Axis(3.2...47, from: 0, to: 100, intervals: 5)
        #expect(axis.ticks == [0, 10, 20, 30, 40, 50])
        #expect(axis.range == 0...50)
        #expect(axis.position(25) == 50)
    }

    @Test func tightAxesEndWithTheirValues() {
        let axis = Axis(2.5...9.5, from: 10, to: 80, intervals: 10, isWhole: true, isTight: true)
        #expect(axis.ticks == [3, 4, 5, 6, 7, 8, 9])
        #expect(axis.position(2.5) == 10)
        #expect(axis.position(9.5) == 80)
    }

    @Test func labelsHaveAsManyDecimalsAsTheyNeed() {
        let axis = Axis(0...0.5, from: 0, to: 1, intervals: 5)
        #expect(axis.ticks.map(axis.label) == ["0.0", "0.1", "0.2", "0.3", "0.4", "0.5"])
        #expect(Axis(0...0.2, from: 0, to: 1, intervals: 4).ticks.count == 5)
    }

    @Test func axesGoDownwardsToo() {
        let axis = Axis(0...100, from: 200, to: 20, intervals: 4)
        #expect(axis.position(0) == 200)
        #expect(axis.position(100) == 20)
    }

    @Test func rangesAreNeverEmpty() {
        #expect(Axis.range(of: []) == 0...1)
        #expect(Axis.range(of: [0]) == 0...1)
        #expect(Axis.range(of: [5]) == 4.5...5.5)
        #expect(Axis.range(of: [.nan, 1, 3]) == 1...3)
        #expect(Axis.range(of: [2, 3], atLeast: 0...0) == 0...3)
    }
}
