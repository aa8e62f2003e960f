import Foundation
import OpenCL
import TestSupport
import Testing

@testable import Operators

@Suite struct CPURuntimeChoiceTests {
    private struct Failure: Error {}

    private let folder: TemporaryFolder
    private let store: ProgramBinaryStore

    init() throws {
        folder = try TemporaryFolder()
        store = ProgramBinaryStore(folder: folder.file("cache"))
    }

    /// A driver that takes these seconds, in one round after the other.
    private func contender(_ identity: String, _ rounds: [[Double]]) -> CPURuntimeChoice.Contender {
        CPURuntimeChoice.Contender(identity: identity) {
            var round = 0
            return {
                defer { round += 1 }
                return rounds[round % rounds.count]
            }
        }
    }

    private func fastest(_ contenders: [CPURuntimeChoice.Contender], key: String = "key") -> (
        index: Int?, measured: Bool
    ) {
        var measured = false
        let index = CPURuntimeChoice(store: store, key: key).fastest(of: contenders) { measured = true }
        return (index, measured)
    }

    @Test func theFastestIsMeasuredOnceAndKept() {
        // Twice as slow in one workload, four times as fast in the other.
        let contenders = [contender("a", [[1, 4]]), contender("b", [[2, 1]])]
        #expect(fastest(contenders) == (1, true))
        #expect(fastest(contenders) == (1, false))
        #expect(fastest(contenders.reversed()) == (0, false))
        #expect(fastest(contenders, key: "another kernel") == (1, true))
    }

    @Test func aDriverThatIsNewIsMeasured() {
        #expect(fastest([contender("a", [[1]]), contender("b 1", [[0.5]])]) == (1, true))
        #expect(fastest([contender("a", [[1]]), contender("b 2", [[2]])]) == (0, true))
    }

    @Test func disturbedRoundsDoNotCount() {
        #expect(fastest([contender("a", [[9], [1], [9]]), contender("b", [[2]])]).index == 0)
    }

    @Test func driversThatFailAreLeftOut() {
        let broken = CPURuntimeChoice.Contender(identity: "broken") { nil }
        let failing = CPURuntimeChoice.Contender(identity: "failing") { { throw Failure() } }
        #expect(fastest([broken, contender("a", [[1]]), failing]).index == 1)
        #expect(fastest([broken, failing], key: "none").index == nil)
    }

    /// The real thing, with the one driver twice: whichever it is, it runs.
    @Test func devicesAreMeasured() throws {
        let device = try Device.select()
        let contenders = [CPURuntimeChoice.Contender(device), CPURuntimeChoice.Contender(device)]
        for contender in contenders {
            let run = try #require(contender.prepare())
            let times = try run()
            #expect(times.count == 3 && times.allSatisfy { $0 > 0 })
        }
        #expect(fastest(contenders).index != nil)
    }

    /// Who names a device gets it, and nothing is measured.
    @Test func aRequestIsObeyed() throws {
        let found = try Device.discover()
        for (index, device) in found.devices.enumerated() {
            var isMeasured = false
            #expect(try found.selectFastest("\(index)", store: store) { _ in isMeasured = true } == device)
            #expect(!isMeasured)
        }
    }
}
