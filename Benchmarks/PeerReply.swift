/// What the peers' process answers: a line of JSON, with what the request asked for.
struct PeerReply: Hashable, Decodable {
    /// Why the request could not be done.
    var error: String?
    /// By library, in the greeting that comes before any request.
    var versions: [String: String]?
    /// Of each timed run.
    var milliseconds: [Double]?
    /// images x classes, nil where not finite.
    var logits: [Float?]?
    /// Of each training step.
    var losses: [Double]?
}
