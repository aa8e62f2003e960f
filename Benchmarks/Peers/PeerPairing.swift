/// A network of ours against a peer, with the times of both.
struct PeerPairing {
    /// Index of the network of ours among the contenders.
    let contender: Int
    let peer: Peer
    /// See `LogitsComparison`; nil where the two are different networks.
    var logitsDifference: Double?
    /// Of each repeat, in milliseconds.
    private(set) var ours: [Double] = []
    private(set) var theirs: [Double] = []

    private var shortest = (ours: Double.infinity, theirs: Double.infinity)

    init(contender: Int, peer: Peer) {
        self.contender = contender
        self.peer = peer
    }

    mutating func append(ours: Double, theirs: Double) {
        self.ours.append(ours)
        self.theirs.append(theirs)
    }

    /// Notes the time of a warm-up run, in milliseconds; turns are planned for the shortest.
    mutating func expect(ours: Double, theirs: Double) {
        shortest = (min(shortest.ours, ours), min(shortest.theirs, theirs))
    }

    var ourTurn: Turn { Turn(expecting: shortest.ours) }
    var theirTurn: Turn { Turn(expecting: shortest.theirs) }

    /// Each of our networks against the peers that run the same one, and the adaptive ones against the
    /// fastest dense runtime as well.
    ///
    /// - Parameter areAdaptive: whether each contender has gates.
    static func all(areAdaptive: [Bool], batch: Int) -> [PeerPairing] {
        areAdaptive.enumerated().flatMap { index, isAdaptive in
            let peers = Peer.all(adaptive: isAdaptive, batch: batch) + (isAdaptive ? [.onnxDense] : [])
            return peers.map { PeerPairing(contender: index, peer: $0) }
        }
    }
}
