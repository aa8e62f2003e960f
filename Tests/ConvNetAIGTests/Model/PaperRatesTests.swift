import ConvNetAIG
import Testing

@Suite struct PaperRatesTests {
    @Test(arguments: [(50, 16), (101, 33)])
    func oneRatePerGatedBlock(depth: Int, gates: Int) throws {
        let targets = try #require(PaperRates.targets(depth: depth))
        for target in targets {
            let rates = try #require(PaperRates.schedule(depth: depth, target: target))
            #expect(rates.count == gates)
            #expect(rates.contains(target))
        }
        #expect(try Architecture(named: "convnet-aig-\(depth)").gatedBlocks.count == gates)
    }

    @Test func scheduleOf50() {
        #expect(
            PaperRates.schedule(depth: 50, target: 0.4)
                == [1, 1, 0.8, 1, 0.4, 0.4, 0.4, 1, 0.4, 0.4, 0.4, 0.4, 0.4, 1, 0.7, 1])
    }

    @Test func scheduleOf101() throws {
        let rates = try #require(PaperRates.schedule(depth: 101, target: 0.3))
        #expect(rates.prefix(8).allSatisfy { $0 == 1 })
        #expect(rates.dropFirst(8).allSatisfy { $0 == 0.3 })
    }

    @Test func otherDepthsHaveNoSchedule() {
        #expect(PaperRates.schedule(depth: 110, target: 0.5) == nil)
        #expect(PaperRates.targets(depth: 152) == nil)
    }
}
