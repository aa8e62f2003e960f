import ConvNetAIGReport
import Foundation
import Testing

@Suite struct ReportTablesTests {
    private let figures: ReportFigures

    init() {
        var sample = SampleFigures(classes: ["cat, \"tabby\"", "dog\r\nand bone", "naïve 蛙"], picturesPerClass: 20)
        figures = sample.make()
    }

    private func rows(_ name: String, _ figures: ReportFigures? = nil) throws -> [[String]] {
        let text = try #require(ReportTables(figures ?? self.figures).files[name])
        return ParsedCSV.rows(text)
    }

    @Test func thereIsATableOfEverything() throws {
        let files = ReportTables(figures).files
        #expect(
            Set(files.keys) == [
                "contenders.csv", "rates.csv", "depths.csv", "graphs.csv", "distances.csv", "budgets.csv",
                "latencies.csv", "robustness.csv",
            ])
        for (name, text) in files {
            let rows = ParsedCSV.rows(text)
            #expect(rows.count > 1, "\(name)")
            #expect(Set(rows.map(\.count)).count == 1, "\(name) is not a rectangle")
            #expect(text.hasSuffix("\r\n"))
        }
    }

    @Test func ratesSurvive() throws {
        let rows = try rows("rates.csv")
        #expect(rows.dropFirst(2).map { $0[0] } == figures.model.classes)
        #expect(rows[0].dropFirst(4) == figures.model.blocks.map(\.name)[...])
        #expect(rows[1].dropFirst(4).map { Double($0) } == figures.rates.byBlock)
        #expect(rows.dropFirst(2).map { $0.dropFirst(4).map { Double($0) } } == figures.rates.byClass)
        #expect(rows.dropFirst(2).map { Double($0[2]) } == figures.rates.top1ByClass)
    }

    @Test func countsSurvive() throws {
        #expect(try rows("depths.csv").dropFirst().map { $0.dropFirst().map { Int($0) } } == figures.depths)
        let graphs = try rows("graphs.csv").dropFirst()
        #expect(graphs.map { $0[1...9].map { $0 == "1" } } == figures.graphs.commonest.map(\.route))
        #expect(graphs.map { Int($0[10]) } == figures.graphs.commonest.map(\.count))
        #expect(graphs.map { $0.dropFirst(12).map { Int($0) } } == figures.graphs.commonest.map(\.countByClass))
    }

    @Test func distancesSurvive() throws {
        let rows = try rows("distances.csv").dropFirst()
        #expect(rows.map { $0.dropFirst().map { Double($0) } } == figures.similarity.distances)
    }

    @Test func budgetsAndTimesSurvive() throws {
        let budgets = try rows("budgets.csv").dropFirst()
        let points = figures.budgets.global + figures.budgets.perBlock + figures.budgets.dial
        #expect(budgets.map { Double($0[1]) } == points.map(\.budget))
        #expect(budgets.map { Double($0[2]) } == points.map(\.share))
        #expect(budgets.map { Double($0[4]) } == points.map(\.latency))
        #expect(budgets.count { $0[0] == "dial" } == figures.budgets.dial.count)
        #expect(try rows("latencies.csv").dropFirst().map { Double($0[2]) } == figures.latencies.map(\.median))
    }

    @Test func attacksAndContendersSurvive() throws {
        let attacks = try #require(figures.robustness).rows
        let rows = try rows("robustness.csv").dropFirst()
        #expect(rows.map { $0[0] } == attacks.map(\.model))
        #expect(rows.map { Int($0[3]) } == attacks.map(\.jpegQuality))
        #expect(rows.map { Double($0[6]) } == attacks.map(\.changedDecisions))
        let contenders = try self.rows("contenders.csv").dropFirst()
        #expect(contenders.map { Double($0[3]) } == figures.contenders.map(\.meanMACs))
    }

    @Test func whatIsMissingIsEmpty() throws {
        var figures = figures
        figures.robustness = nil
        figures.contenders[0].latency = nil
        figures.rates.byClass.removeLast()
        figures.rates.top1ByClass[0] = .nan
        #expect(try rows("robustness.csv", figures).count == 1)
        #expect(try rows("contenders.csv", figures)[1][5].isEmpty)
        #expect(try rows("rates.csv", figures).last?.dropFirst(4).allSatisfy(\.isEmpty) == true)
        #expect(try rows("rates.csv", figures)[2][2].isEmpty)
    }
}
