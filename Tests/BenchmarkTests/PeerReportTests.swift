import Foundation
import TestSupport
import Testing

@testable import aig_benchmark

@Suite struct PeerReportTests {
    private func result(batch: Int, peer: Peer) -> PeerResult {
        PeerResult(
            architecture: "convnet-aig-50", batch: batch, device: "d", routes: "paper t=0.5",
            blocksExecuted: 0.71, peer: peer, peerArchitecture: "convnet-aig-50", peerVersion: "1",
            threads: 2, peerMsP50: 40, ourMsP50: 20, ratioMin: 0.4, ratioP50: 0.5, ratioMax: 0.6, repeats: 9,
            otherCores: 0, logitsDifference: nil)
    }

    @Test func tableHasAGapBetweenGroups() {
        let text = PeerReport.table([
            result(batch: 1, peer: .onnxIf), result(batch: 1, peer: .torchIf), result(batch: 8, peer: .torchIf),
        ]).text
        #expect(
            text == """
                network         routes       batch  blocks  peer              their ms  our ms    min  ratio    max  n
                --------------  -----------  -----  ------  ----------------  --------  ------  -----  -----  -----  -
                convnet-aig-50  paper t=0.5      1  71.0 %  ONNX Runtime, If      40.0    20.0  0.400  0.500  0.600  9
                convnet-aig-50  paper t=0.5      1  71.0 %  PyTorch, if           40.0    20.0  0.400  0.500  0.600  9

                convnet-aig-50  paper t=0.5      8  71.0 %  PyTorch, if           40.0    20.0  0.400  0.500  0.600  9
                """)
    }

    @Test func fileHasTheKeys() throws {
        let folder = try TemporaryFolder()
        let path = folder.file("peers.json")
        let written = [result(batch: 1, peer: .onnxIf)]
        try ResultFile(path: path).write(written)
        let data = try Data(contentsOf: URL(fileURLWithPath: path))
        #expect(try JSONDecoder().decode([PeerResult].self, from: data) == written)
        let objects = try #require(try JSONSerialization.jsonObject(with: data) as? [[String: Any]])
        let expected = Set(PeerResult.CodingKeys.allCases.map(\.rawValue)).subtracting(["logits_difference"])
        #expect(Set(try #require(objects.first).keys) == expected)
    }
}
