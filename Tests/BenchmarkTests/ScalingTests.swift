import ArgumentParser
import Foundation
import TestSupport
import Testing

@testable import aig_benchmark

@Suite struct ScalingTests {
    private func result(
        batch: Int = 1, macs: Int = 1_000_000, msPerImage: Double, bytesPerImage: Double
    ) -> ScalingResult {
        ScalingResult(
            series: .batch, architecture: "resnet-50", height: 224, width: 224, batch: batch, device: "d", macs: macs,
            msPerImage: msPerImage, bytesPerImage: bytesPerImage, weightBytes: 102_000_000,
            activationBytes: 8_000_000, activationBytesUnshared: 19_000_000, rounds: 5)
    }

    @Test func verdictComparesTheLargestWithTheSmallest() throws {
        // In no order, and with a worse one between.
        let verdict = try #require(
            ScalingVerdict([
                result(macs: 4_000_000, msPerImage: 30, bytesPerImage: 4e6),
                result(macs: 1_000_000, msPerImage: 8, bytesPerImage: 2e6),
                result(macs: 2_000_000, msPerImage: 99, bytesPerImage: 9e6),
            ]))
        #expect(abs(verdict.time - 30 / 32.0) < 1e-12 && abs(verdict.memory - 0.5) < 1e-12)
        #expect(verdict.timeHolds && verdict.memoryHolds)
        #expect(
            verdict.text
                == "largest against smallest: time per MAC 0.94x, no faster than the MACs; "
                + "memory per MAC 0.50x, no faster than the MACs")
    }

    @Test func batchesCountAsMACs() throws {
        let verdict = try #require(
            ScalingVerdict([
                result(batch: 64, msPerImage: 22, bytesPerImage: 2e6),
                result(batch: 1, msPerImage: 20, bytesPerImage: 1e6),
            ]))
        #expect(abs(verdict.time - 1.1) < 1e-12 && abs(verdict.memory - 2) < 1e-12)
        #expect(!verdict.timeHolds && !verdict.memoryHolds)
        #expect(
            verdict.text.contains("time per MAC 1.10x, FASTER") && verdict.text.contains("memory per MAC 2.00x, FASTER")
        )
    }

    @Test func noiseIsForgivenForTimesOnly() throws {
        let verdict = try #require(
            ScalingVerdict([
                result(batch: 1, msPerImage: 100, bytesPerImage: 1000),
                result(batch: 2, msPerImage: 104, bytesPerImage: 1040),
            ]))
        #expect(verdict.timeHolds && !verdict.memoryHolds)
    }

    @Test func oneRowHasNoVerdict() {
        #expect(ScalingVerdict([]) == nil)
        #expect(ScalingVerdict([result(msPerImage: 1, bytesPerImage: 1)]) == nil)
    }

    @Test func tableIsRelativeToItsFirstRow() {
        let text = ScalingReport.table([
            result(batch: 1, msPerImage: 24, bytesPerImage: 110e6),
            result(batch: 8, msPerImage: 18, bytesPerImage: 22e6),
        ]).text
        #expect(
            text == """
                network        input  batch  MACs/image  ms/image  time/MAC  MB/image  bytes/MAC  weights MB  maps MB  unshared  n
                ---------  ---------  -----  ----------  --------  --------  --------  ---------  ----------  -------  --------  -
                resnet-50  224 x 224      1      1.00 M      24.0     1.00x       110      1.00x         102     8.00      19.0  5
                resnet-50  224 x 224      8      1.00 M      18.0     0.75x      22.0      0.20x         102     8.00      19.0  5
                """)
    }

    @Test(arguments: [true, false])
    func seriesGrow(_ quick: Bool) throws {
        let series = try ScalingSeries.all(quick: quick, batches: nil)
        #expect(Set(series.map(\.kind)) == Set(ScalingSeries.Kind.allCases))
        for one in series {
            #expect(one.points.count > 1)
            let macs = one.points.map { $0.architecture.cost.macs * $0.batch }
            #expect(zip(macs, macs.dropFirst()).allSatisfy { $0 < $1 })
        }
    }

    @Test func wholeSeriesAreThoseOfTheDocumentation() throws {
        let series = try ScalingSeries.all(quick: false, batches: nil)
        #expect(series.filter { $0.kind == .batch }.allSatisfy { $0.points.map(\.batch) == [1, 2, 4, 8, 16, 32, 64] })
        #expect(
            series.filter { $0.kind == .depth }.map { $0.points.map(\.architecture.name) } == [
                ["resnet-cifar-20", "resnet-cifar-32", "resnet-cifar-44", "resnet-cifar-56", "resnet-cifar-110"],
                ["resnet-18", "resnet-34", "resnet-50", "resnet-101"],
            ])
        #expect(
            series.filter { $0.kind == .size }.map { $0.points.map(\.architecture.input.height) } == [
                [128, 160, 224, 288]
            ])
        let given = try ScalingSeries.all(quick: false, batches: [8, 2])
        #expect(given.filter { $0.kind == .batch }.allSatisfy { $0.points.map(\.batch) == [2, 8] })
    }

    @Test func fileHasTheKeys() throws {
        let folder = try TemporaryFolder()
        let path = folder.file("scaling.json")
        let written = [result(msPerImage: 1, bytesPerImage: 2)]
        try ResultFile(path: path).write(written)
        let data = try Data(contentsOf: URL(fileURLWithPath: path))
        #expect(try JSONDecoder().decode([ScalingResult].self, from: data) == written)
        let objects = try #require(try JSONSerialization.jsonObject(with: data) as? [[String: Any]])
        #expect(Set(try #require(objects.first).keys) == Set(ScalingResult.CodingKeys.allCases.map(\.rawValue)))
    }

    @Test(arguments: [["--peers"], ["--models", "50"], ["--rate", "0.5"], ["--targets", "0.5"], ["--dense"]])
    func hasNetworksOfItsOwn(_ arguments: [String]) {
        #expect(throws: (any Error).self) { try BenchmarkCommand.parse(["--scaling"] + arguments) }
    }
}
