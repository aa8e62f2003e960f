import Testing

@testable import Charts

@Suite struct AxisTests {
    @Test func ticksAreRound() {
        let axis = Axis(3.2...47, from: 0, to: 100, intervals: 5)
        #expect(axis.ticks == [0, 10, 20, 30, 40, 50])
        #expect(axis.range == 0...50)
        #expect(axis.position(25) == 50)
    }

    @Test func ticksAreRoundAtEveryScale() {
        func ticks(_ range: ClosedRange<Double>, whole: Bool = false, tight: Bool = false) -> [String] {
            let axis = Axis(range, from: 0, to: 1, intervals: 5, isWhole: whole, isTight: tight)
            return axis.ticks.map(axis.label)
        }
        #expect(ticks(0...1) == ["0.0", "0.2", "0.4", "0.6", "0.8", "1.0"])
        #expect(ticks(0...2.3) == ["0.0", "0.5", "1.0", "1.5", "2.0", "2.5"])
        #expect(ticks(31...78) == ["30", "40", "50", "60", "70", "80"])
        #expect(ticks(0...0.0004) == ["0.0000", "0.0001", "0.0002", "0.0003", "0.0004"])
        #expect(ticks(1...350, whole: true, tight: true) == ["100", "200", "300"])
        #expect(ticks(1...3, whole: true, tight: true) == ["1", "2", "3"])
        #expect(ticks(1...1, whole: true, tight: true) == ["1"])
        #expect(ticks(0...2e9).last == "2.0e+09")
        for count in 2..<400 { #expect(ticks(1...Double(count), whole: true, tight: true).count <= 6) }
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
