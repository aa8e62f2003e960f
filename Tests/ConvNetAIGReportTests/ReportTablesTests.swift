import ConvNetAIGReport
import Foundation
import TestSupport
import Testing

@Suite struct ReportTablesTests {
    private let figures: ReportFigures

    init() {
        var sample = SampleFigures(classes: ["cat, \"tabby\"", "dog\r\nand bone", "naïve 蛙"], imagesPerClass: 20)
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
                "latencies.csv", "robustness.csv", "confusion.csv", "comparison.csv",
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
        #expect(Array(rows[0].dropFirst(4)) == figures.model.blocks.map(\.name) + ["top1_low", "top1_high"])
        #expect(rows[1].dropFirst(4).dropLast(2).map { Double($0) } == figures.rates.byBlock)
        #expect(rows.dropFirst(2).map { $0.dropFirst(4).dropLast(2).map { Double($0) } } == figures.rates.byClass)
        #expect(rows.dropFirst(2).map { Double($0[13]) } == figures.rates.top1IntervalsByClass?.map { $0?.low })
        #expect(rows.dropFirst(2).map { Double($0[14]) } == figures.rates.top1IntervalsByClass?.map { $0?.high })
        #expect(rows.dropFirst(2).map { Double($0[2]) } == figures.rates.top1ByClass)
    }

    @Test func countsSurvive() throws {
        #expect(try rows("depths.csv").dropFirst().map { $0.dropFirst().map { Int($0) } } == figures.depths)
        let graphs = try rows("graphs.csv").dropFirst()
        #expect(graphs.map { $0[1...9].map { $0 == "1" } } == figures.graphs.commonest.map(\.route))
        #expect(graphs.map { Int($0[10]) } == figures.graphs.commonest.map(\.count))
        #expect(
            graphs.map { $0.dropFirst(12).dropLast(2).map { Int($0) } } == figures.graphs.commonest.map(\.countByClass))
        #expect(graphs.map { Double($0[$0.count - 2]) } == figures.graphs.commonest.map { $0.top1Interval?.low })
        #expect(graphs.map { Double($0[$0.count - 1]) } == figures.graphs.commonest.map { $0.top1Interval?.high })
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
        #expect(contenders.map { Double($0[6]) } == figures.contenders.map { $0.top1Interval?.low })
        #expect(contenders.map { Double($0[9]) } == figures.contenders.map { $0.top5Interval?.high })
        #expect(rows.map { Double($0[9]) } == attacks.map { $0.top1Interval?.high })
        #expect(rows.map { Double($0[10]) } == attacks.map { $0.changedDecisionsInterval?.low })
        let budgets = figures.budgets.global + figures.budgets.perBlock + figures.budgets.dial
        #expect(try self.rows("budgets.csv").dropFirst().map { Double($0[6]) } == budgets.map { $0.top1Interval?.high })
    }

    @Test func confusionsSurvive() throws {
        let entries = try #require(figures.confusion).entries
        let rows = try rows("confusion.csv")
        #expect(rows[0] == ["true", "predicted", "pictures", "share"])
        #expect(rows.dropFirst().map { $0[0] } == entries.map { figures.model.classes[$0.actual] })
        #expect(rows.dropFirst().map { $0[1] } == entries.map { figures.model.classes[$0.predicted] })
        #expect(rows.dropFirst().map { Int($0[2]) } == entries.map(\.count))
        #expect(rows.dropFirst().map { Double($0[3]) } == entries.map { Double($0.count) / 20 })
        var without = figures
        without.confusion = nil
        #expect(try self.rows("confusion.csv", without).count == 1)
        // A class that the network does not have is a number.
        without.confusion = ConfusionMatrix([.init(actual: 0, predicted: 7, count: 1)])
        #expect(try self.rows("confusion.csv", without)[1] == [figures.model.classes[0], "7", "1", "1"])
    }

    @Test func comparisonSurvives() throws {
        let comparison = try #require(figures.comparison)
        let rows = try rows("comparison.csv")
        #expect(rows.count == 2)
        let row = Dictionary(uniqueKeysWithValues: zip(rows[0], rows[1]))
        #expect(row["first"] == comparison.first && row["second"] == comparison.second)
        #expect(row["only_first_right"] == "89" && row["only_second_right"] == "94" && row["pictures"] == "2000")
        #expect(row["difference"].flatMap(Double.init) == comparison.difference)
        #expect(row["difference_low"].flatMap(Double.init) == comparison.interval?.low)
        #expect(row["test"] == "chi_square" && row["chi_square"].flatMap(Double.init) == comparison.test.statistic)
        #expect(row["p"].flatMap(Double.init) == comparison.test.p)
        var without = figures
        without.comparison = nil
        #expect(try self.rows("comparison.csv", without).count == 1)
    }

    /// A quote and a mark that combines with it are one character, and so are CR and LF.
    @Test(arguments: ["\"\u{301}", "a\"\u{20E3},b", "\r\n", "\n\u{301}", ",\u{338}", "=1+1", " x ", "\"\"", ""])
    func namesOfAnyCharactersSurvive(_ name: String) throws {
        var figures = figures
        figures.model.classes[1] = name
        for (file, column) in [("rates.csv", 0), ("depths.csv", 0), ("distances.csv", 0)] {
            let names = try rows(file, figures).map { Array($0[column].unicodeScalars) }
            #expect(names.contains(Array(name.unicodeScalars)), "\(file)")
        }
        #expect(try rows("distances.csv", figures).allSatisfy { $0.count == 4 })
    }

    @Test func whatIsMissingIsEmpty() throws {
        var figures = figures
        figures.robustness = nil
        figures.contenders[0].latency = nil
        figures.rates.byClass.removeLast()
        figures.rates.top1ByClass[0] = .nan
        #expect(try rows("robustness.csv", figures).count == 1)
        #expect(try rows("contenders.csv", figures)[1][5].isEmpty)
        #expect(try rows("rates.csv", figures).last?.dropFirst(4).dropLast(2).allSatisfy(\.isEmpty) == true)
        #expect(try rows("rates.csv", figures)[2][2].isEmpty)
    }
}
