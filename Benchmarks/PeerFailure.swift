/// Why peers could not be measured.
enum PeerFailure: Error, Hashable, CustomStringConvertible {
    case notPrepared(missing: String)
    case cannotStart(python: String, problem: String)
    case ended(log: String)
    case refused(String)
    case incomprehensible(String)
    case disagreement(peer: Peer, network: String, batch: Int, difference: Double, allowed: Double)
    case trainingDisagreement(peer: TrainingPeer, network: String, difference: Double, allowed: Double)

    var description: String {
        switch self {
        case .notPrepared(let missing):
            "\(missing) is not set: start with `Benchmarks/run --peers`, which installs the peers."
        case .cannotStart(let python, let problem):
            "the peers' Python cannot be started, \(python): \(problem)"
        case .ended(let log):
            "the peers' process ended. It said last:\n\(log)"
        case .refused(let problem):
            "the peers' process could not do what it was asked: \(problem)"
        case .incomprehensible(let line):
            "the peers' process answered what makes no sense: \(line.prefix(200))"
        case .trainingDisagreement(let peer, let network, let difference, let allowed):
            "\(network): the losses of \(peer.label)'s first steps differ from ours by \(difference), where \(allowed) is "
                + "allowed. Nothing is timed of networks that do not learn the same."
        case .disagreement(let peer, let network, let batch, let difference, let allowed):
            "\(network), batch \(batch): the logits of \(peer.label) differ from ours by \(difference) of the "
                + "largest, where \(allowed) is allowed. Nothing is timed of networks that are not the same."
        }
    }
}
