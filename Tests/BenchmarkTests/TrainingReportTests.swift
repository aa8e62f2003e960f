import Foundation
import TestSupport
import Testing

@testable import aig_benchmark

@Suite struct TrainingReportTests {
    private func result(_ architecture: String, peer: TrainingPeer?) -> TrainingResult {
        var result = TrainingResult(
            architecture: architecture, batch: 128, device: "d", ourMsP50: 120, epochSeconds: 46.875, repeats: 9,
            peakBytes: 620_000_000)
        guard let peer else { return result }
        result.peer = peer
        result.peerVersion = "1"
        (result.peerMsP50, result.ratioMin, result.ratioP50, result.ratioMax) = (240, 0.4, 0.5, 0.6)
        (result.lossDifference, result.otherCores) = (1e-5, 0)
        return result
    }

    @Test func tableHasAGapBetweenNetworks() {
        let text = TrainingReport.table([
            result("resnet-cifar-20", peer: .torch), result("resnet-cifar-20", peer: .torchChannelsLast),
            result("resnet-cifar-38", peer: nil),
        ]).text
        #expect(
            text == """
                network          batch  our ms  s/epoch  peak MB  peer                    their ms    min  ratio    max  n
                ---------------  -----  ------  -------  -------  ----------------------  --------  -----  -----  -----  -
                resnet-cifar-20    128     120     46.9      620  PyTorch                      240  0.400  0.500  0.600  9
                resnet-cifar-20    128     120     46.9      620  PyTorch, channels last       240  0.400  0.500  0.600  9

                resnet-cifar-38    128     120     46.9      620                                                         9
                """)
    }

    @Test func fileHasTheKeys() throws {
        let folder = try TemporaryFolder()
        let path = folder.file("training.json")
        let written = [result("resnet-cifar-20", peer: .torch)]
        try ResultFile(path: path).write(written)
        let data = try Data(contentsOf: URL(fileURLWithPath: path))
        #expect(try JSONDecoder().decode([TrainingResult].self, from: data) == written)
        let objects = try #require(try JSONSerialization.jsonObject(with: data) as? [[String: Any]])
        #expect(Set(try #require(objects.first).keys) == Set(TrainingResult.CodingKeys.allCases.map(\.rawValue)))
    }
}
