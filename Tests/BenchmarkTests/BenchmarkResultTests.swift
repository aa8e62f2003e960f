import Foundation
import TestSupport
import Testing

@testable import aig_benchmark

@Suite struct BenchmarkResultTests {
    static let keys: Set<String> = [
        "architecture", "batch", "device", "routes", "parameters", "macs_dense", "macs_executed",
        "blocks_executed",
        "latency_ms_p50", "latency_ms_p90", "images_per_second", "gflops", "speedup", "speedup_by_macs",
    ]

    private let result = BenchmarkResult(
        architecture: "convnet-aig-50", batch: 8, device: "a device", routes: "paper t=0.5",
        parameters: 25_768_264,
        macsDense: 4_089_394_688, macsExecuted: 3.1e9, blocksExecuted: 0.72, latencyMsP50: 150,
        latencyMsP90: 160,
        imagesPerSecond: 53, gflops: 330, speedup: 1.27, speedupByMACs: 1.31)

    @Test func keys() throws {
        let object = try JSONSerialization.jsonObject(with: JSONEncoder().encode(result))
        let dictionary = try #require(object as? [String: Any])
        #expect(Set(dictionary.keys) == Self.keys)
    }

    @Test func fileIsAnArrayThatReplacesWhatWasThere() throws {
        let folder = try TemporaryFolder()
        let path = try folder.file("figures.json", [UInt8]("old".utf8))
        let file = ResultFile(path: path)
        try file.check()
        try file.write([result])
        let data = try Data(contentsOf: URL(fileURLWithPath: path))
        #expect(try JSONDecoder().decode([BenchmarkResult].self, from: data) == [result])
        #expect(try folder.contents == ["figures.json"])
        #expect(throws: ResultFile.Failure.self) { try ResultFile(path: folder.path).check() }
        #expect(throws: ResultFile.Failure.self) { try ResultFile(path: path + "/nothing/x").check() }
    }
}
