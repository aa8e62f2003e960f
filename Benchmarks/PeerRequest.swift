/// What the peers' process is asked to do: a line of JSON.
enum PeerRequest: Hashable, Encodable {
    /// Give up all that was loaded.
    case clear
    /// Load these peers of a network, beside those that are there. The files are not needed afterwards.
    case load(network: String, weights: String, inputs: String, peers: [Peer])
    /// Run a peer on an input.
    ///
    /// - masks: for each image the gated blocks to run, as in "0110".
    /// - untimed: runs before the timed ones.
    case run(Peer, input: Int, masks: [String], untimed: Int, runs: Int, wantsLogits: Bool)

    /// Load a network to be trained. The files are not needed afterwards.
    ///
    /// - inputs: images, labels, and the gates' noise, gates x images x 2.
    case loadTraining(
        network: String, weights: String, inputs: String, peer: TrainingPeer, targetRate: Float, rateWeight: Float)
    /// Make training steps.
    case train(TrainingPeer, untimed: Int, runs: Int)

    private enum CodingKeys: String, CodingKey {
        case command, network, weights, inputs, peers, peer, input, masks, untimed, runs, wantsLogits, targetRate
        case rateWeight
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        switch self {
        case .clear:
            try container.encode("clear", forKey: .command)
        case .load(let network, let weights, let inputs, let peers):
            try container.encode("load", forKey: .command)
            try container.encode(network, forKey: .network)
            try container.encode(weights, forKey: .weights)
            try container.encode(inputs, forKey: .inputs)
            try container.encode(peers, forKey: .peers)
        case .run(let peer, let input, let masks, let untimed, let runs, let wantsLogits):
            try container.encode("run", forKey: .command)
            try container.encode(peer, forKey: .peer)
            try container.encode(input, forKey: .input)
            try container.encode(masks, forKey: .masks)
            try container.encode(untimed, forKey: .untimed)
            try container.encode(runs, forKey: .runs)
            try container.encode(wantsLogits, forKey: .wantsLogits)
        case .loadTraining(let network, let weights, let inputs, let peer, let targetRate, let rateWeight):
            try container.encode("loadTraining", forKey: .command)
            try container.encode(network, forKey: .network)
            try container.encode(weights, forKey: .weights)
            try container.encode(inputs, forKey: .inputs)
            try container.encode(peer, forKey: .peer)
            try container.encode(targetRate, forKey: .targetRate)
            try container.encode(rateWeight, forKey: .rateWeight)
        case .train(let peer, let untimed, let runs):
            try container.encode("train", forKey: .command)
            try container.encode(peer, forKey: .peer)
            try container.encode(untimed, forKey: .untimed)
            try container.encode(runs, forKey: .runs)
        }
    }

    /// A route as requests have it.
    static func mask(_ gates: [Bool]) -> String { String(gates.map { $0 ? "1" : "0" }) }
}
