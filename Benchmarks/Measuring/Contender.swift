import ConvNetAIG

/// A network on its routes, ready to run, with the samples taken of it.
struct Contender {
    let session: Session
    let routes: Routes
    var samples = Samples()

    /// Whether its network has gates.
    var isAdaptive: Bool { session.architecture.isAdaptive }

    /// Runs a batch and measures how long a caller waits.
    ///
    /// - Parameter run: the number of the run: drawn routes depend on it.
    func time(_ input: Tensor, run: Int) throws -> (seconds: Double, predictions: [Prediction]) {
        let clock = ContinuousClock()
        let start = clock.now
        let predictions = try session.predict(
            input, policy: routes.policy, firstImage: run * session.batch)
        return (start.duration(to: clock.now) / .seconds(1), predictions)
    }

    @discardableResult
    mutating func sample(_ input: Tensor, run: Int) throws -> [Prediction] {
        let (seconds, predictions) = try time(input, run: run)
        samples.append(seconds: seconds, predictions)
        return predictions
    }
}

/// Which blocks the images run.
struct Routes: Hashable {
    /// Their name in the table and the JSON file.
    let label: String
    let policy: GatePolicy

    /// Every block runs, and no gate is asked.
    static let dense = Routes(label: "dense", policy: .always)
    /// The gates decide.
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

/// The timed runs of one network.
struct Samples {
    private(set) var seconds: [Double] = []
    private var images = 0
    private var macs = 0
    private var executedShares = 0.0

    mutating func append(seconds: Double, _ predictions: [Prediction]) {
        self.seconds.append(seconds)
        images += predictions.count
        for prediction in predictions {
            macs += prediction.graph.macs
            executedShares += prediction.graph.executedShare
        }
    }

    /// Mean per image.
    var meanMACs: Double { Double(macs) / Double(max(images, 1)) }

    /// Mean over the images.
    var meanExecutedShare: Double { executedShares / Double(max(images, 1)) }
}
