/// Training steps of a network, by itself or against a peer: a row of the table, an object of the JSON file.
struct TrainingResult: Codable, Hashable {
    let architecture: String
    let batch: Int
    let device: String
    /// Of a step, in milliseconds.
    let ourMsP50: Double
    /// Of an epoch of 50,000 images, in seconds, by the time of a step.
    let epochSeconds: Double
    let repeats: Int
    /// Most memory that the process has held so far, in bytes; nil if unknown.
    let peakBytes: Int?
    /// Nil without peers, and so is all below.
    var peer: TrainingPeer?
    var peerVersion: String?
    var peerMsP50: Double?
    /// Ours over theirs, of each repeat: below 1 we are faster.
    var ratioMin: Double?
    var ratioP50: Double?
    var ratioMax: Double?
    /// Largest difference of the losses of the first steps, over theirs.
    var lossDifference: Double?
    /// Cores that other processes kept busy meanwhile, on average; nil if unknown.
    var otherCores: Double?

    enum CodingKeys: String, CodingKey, CaseIterable {
        case architecture, batch, device
        case ourMsP50 = "our_ms_p50"
        case epochSeconds = "epoch_seconds"
        case repeats
        case peakBytes = "peak_bytes"
        case peer
        case peerVersion = "peer_version"
        case peerMsP50 = "peer_ms_p50"
        case ratioMin = "ratio_min"
        case ratioP50 = "ratio_p50"
        case ratioMax = "ratio_max"
        case lossDifference = "loss_difference"
        case otherCores = "other_cores"
    }
}
