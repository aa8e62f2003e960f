import ConvNetAIG

/// Which blocks the images run.
struct Routes: Hashable {
    /// As the table and the JSON file name them.
    let label: String
    let policy: GatePolicy

    /// Every block. For a network without gates any policy comes to that; this one asks none.
    static let dense = Routes(label: "dense", policy: .always)
    /// What the trained gates decide.
    static let trained = Routes(label: "trained", policy: .argmax)

    /// Drawn at one rate for all gated blocks.
    static func drawn(rate: Float, seed: UInt64) -> Routes {
        Routes(label: "rate \(rate)", policy: .rate([rate], seed: seed))
    }

    /// Whether every run draws anew.
    var areDrawn: Bool {
        if case .rate = policy { true } else { false }
    }
}
