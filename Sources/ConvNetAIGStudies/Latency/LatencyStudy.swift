import ConvNetAIG
import ConvNetAIGTraining

/// How long single images take: networks and policies take turns on every image, so that whatever else the machine does
/// meets all of them alike.
struct LatencyStudy {
    /// A network with a policy.
    struct Contender {
        let session: Session
        let policy: GatePolicy
    }

    /// An image's times.
    struct Sample {
        /// Milliseconds, the median of the repetitions.
        let time: Double
        /// Blocks that ran.
        let blocks: Int
    }

    /// [contender][image]
    let samples: [[Sample]]

    /// - Parameters:
    ///   - contenders: planned for one image at a time.
    ///   - repetitions: how often an image is run by each.
    init(
        _ contenders: [Contender], on set: any Dataset, images: Int, repetitions: Int = 3, threads: Int
    ) throws {
        var samples = [[Sample]](repeating: [], count: contenders.count)
        guard let first = contenders.first else {
            self.samples = samples
            return
        }
        let order = set.evenIndices(limit: images)
        let clock = ContinuousClock()
        var isWarm = false
        for batch in try EvaluationLoader(of: set, order: order, for: first.session, threads: threads)
        where !batch.labels.isEmpty {
            try Task.checkCancellation()
            if !isWarm {
                for contender in contenders {
                    for _ in 0..<Self.warmUp { _ = try contender.session.run(batch.images, policy: contender.policy) }
                }
                isWarm = true
            }
            for (index, contender) in contenders.enumerated() {
                var times: [Double] = []
                var blocks = 0
                for _ in 0..<repetitions {
                    let start = clock.now
                    let output = try contender.session.run(batch.images, policy: contender.policy)
                    times.append((clock.now - start).milliseconds)
                    blocks =
                        contender.session.architecture.blockCount - output.gates(of: 0).count { !$0 }
                }
                samples[index].append(Sample(time: Quantile.of(times, 0.5), blocks: blocks))
            }
        }
        self.samples = samples
    }

    /// Median over the images, in milliseconds; nil of none.
    func median(_ contender: Int) -> Double? {
        let times = samples[contender].map(\.time)
        return times.isEmpty ? nil : Quantile.of(times, 0.5)
    }

    private static let warmUp = 20
}

extension Duration {
    var milliseconds: Double { Double(components.seconds) * 1e3 + Double(components.attoseconds) * 1e-15 }
}
