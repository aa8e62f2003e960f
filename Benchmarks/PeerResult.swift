/// A network of ours against a peer at one batch size: a row of the table, an object of the JSON file.
struct PeerResult: Codable, Hashable {
    /// Our network.
    let architecture: String
    let batch: Int
    let device: String
    let routes: String
    /// Mean share of our blocks that ran, 0...1.
    let blocksExecuted: Double
    let peer: Peer
    /// The peer's network.
    let peerArchitecture: String
    /// Version of the peer's library.
    let peerVersion: String
    /// Of the peers, each; ours uses the device's compute units.
    let threads: Int
    /// Of a whole batch, in milliseconds.
    let peerMsP50: Double
    let ourMsP50: Double
    /// Ours over theirs, of each repeat: below 1 we are faster.
    let ratioMin: Double
    let ratioP50: Double
    let ratioMax: Double
    let repeats: Int
    /// Cores that other processes kept busy meanwhile, on average; nil if unknown.
    let otherCores: Double?
    /// Largest difference of logits over the largest logit; nil where the networks are not the same.
    let logitsDifference: Double?

    enum CodingKeys: String, CodingKey, CaseIterable {
        case architecture, batch, device, routes
        case blocksExecuted = "blocks_executed"
        case peer
        case peerArchitecture = "peer_architecture"
        case peerVersion = "peer_version"
        case threads
        case peerMsP50 = "peer_ms_p50"
        case ourMsP50 = "our_ms_p50"
        case ratioMin = "ratio_min"
        case ratioP50 = "ratio_p50"
        case ratioMax = "ratio_max"
        case repeats
        case otherCores = "other_cores"
        case logitsDifference = "logits_difference"
    }
}
