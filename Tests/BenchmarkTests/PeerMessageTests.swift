import Foundation
import Testing

@testable import aig_benchmark

@Suite struct PeerMessageTests {
    private func object(_ request: PeerRequest) throws -> NSDictionary {
        let object = try JSONSerialization.jsonObject(with: JSONEncoder().encode(request))
        return try #require(object as? NSDictionary)
    }

    @Test func requestsAreWhatThePythonSideReads() throws {
        #expect(try object(.clear) == ["command": "clear"])
        let load = PeerRequest.load(
            network: "resnet-50", weights: "/w", inputs: "/i", peers: [.onnxDense, .torchFrozen])
        #expect(
            try object(load) == [
                "command": "load", "network": "resnet-50", "weights": "/w", "inputs": "/i",
                "peers": ["onnxruntime-dense", "pytorch-frozen"],
            ])
        let run = PeerRequest.run(
            .torchIf, input: 3, masks: ["01", "11"], untimed: 2, runs: 5, wantsLogits: true)
        #expect(
            try object(run) == [
                "command": "run", "peer": "pytorch-if", "input": 3, "masks": ["01", "11"], "untimed": 2,
                "runs": 5, "wantsLogits": true,
            ])
    }

    @Test func trainingRequestsAreWhatThePythonSideReads() throws {
        let load = PeerRequest.loadTraining(
            network: "resnet-cifar-20", weights: "/w", inputs: "/i", peer: .torchChannelsLast, targetRate: 0.5,
            rateWeight: 2)
        #expect(
            try object(load) == [
                "command": "loadTraining", "network": "resnet-cifar-20", "weights": "/w", "inputs": "/i",
                "peer": "pytorch-training-channels-last", "targetRate": 0.5, "rateWeight": 2,
            ])
        #expect(
            try object(.train(.torch, untimed: 1, runs: 2)) == [
                "command": "train", "peer": "pytorch-training", "untimed": 1, "runs": 2,
            ])
    }

    @Test func aRequestIsOneLine() throws {
        let load = PeerRequest.load(network: "a\nb", weights: "", inputs: "", peers: [])
        #expect(try !JSONEncoder().encode(load).contains(UInt8(ascii: "\n")))
    }

    @Test func masks() {
        #expect(PeerRequest.mask([false, true, true]) == "011")
        #expect(PeerRequest.mask([]) == "")
    }

    @Test func replies() throws {
        func reply(_ text: String) throws -> PeerReply {
            try JSONDecoder().decode(PeerReply.self, from: Data(text.utf8))
        }
        #expect(try reply("{}") == PeerReply())
        #expect(try reply(#"{"error": "no"}"#) == PeerReply(error: "no"))
        #expect(try reply(#"{"versions": {"PyTorch": "2"}}"#) == PeerReply(versions: ["PyTorch": "2"]))
        #expect(
            try reply(#"{"milliseconds": [1.5], "logits": [1, null]}"#)
                == PeerReply(milliseconds: [1.5], logits: [1, nil]))
        #expect(try reply(#"{"losses": [2.5, 2]}"#) == PeerReply(losses: [2.5, 2]))
    }

    @Test func peersOfANetwork() {
        #expect(Peer.all(adaptive: false, batch: 8) == [.onnxDense, .torchDense, .torchFrozen])
        #expect(Peer.all(adaptive: true, batch: 1) == [.onnxIf, .torchIf, .torchMultiplied])
        #expect(Peer.all(adaptive: true, batch: 8) == [.torchIf, .torchMultiplied])
    }

    @Test func adaptiveNetworksMeetTheDenseRuntimeToo() {
        let pairings = PeerPairing.all(areAdaptive: [false, true], batch: 8)
        #expect(pairings.map(\.contender) == [0, 0, 0, 1, 1, 1])
        #expect(pairings.suffix(3).map(\.peer) == [.torchIf, .torchMultiplied, .onnxDense])
    }
}
