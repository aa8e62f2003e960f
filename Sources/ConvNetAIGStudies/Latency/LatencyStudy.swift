import ConvNetAIG
import ConvNetAIGReport
import ConvNetAIGTraining

/// The times of single images: networks and policies take turns on every image, so that whatever else the machine does slows
/// all of them alike.
public struct LatencyStudy: Sendable {
    /// A network with a policy.
    public struct Contender: Sendable {
        /// A session that is planned for one image at a time.
        public let session: Session
        /// How the network's gates decide.
        public let policy: GatePolicy

        /// Makes a contender of a network and a policy.
        public init(session: Session, policy: GatePolicy) {
            self.session = session
            self.policy = policy
        }
    }

    /// The time of an image.
    public struct Sample: Sendable, Hashable {
        /// Milliseconds: the median of the repetitions.
        public let time: Double
        /// Number of blocks that ran.
        public let blocks: Int
    }

    /// The time of each image with each contender: contenders x images.
    public let samples: [[Sample]]

    /// Runs each image with each contender.
    ///
    /// - Parameters:
    ///   - contenders: networks that take images of the same size and have the same classes.
    ///   - set: its classes are the networks' classes of the same names, see `Evaluation`.
    ///   - images: the number of images, evenly from all classes.
    ///   - repetitions: how often each contender runs an image.
    ///   - threads: how many threads read and decode images.
    /// - Throws: `DatasetError`, `SessionError`, `GatePolicyError`, `OpenCLError`; `CancellationError` if the task it runs in
    ///   is cancelled.
    public init(
        _ contenders: [Contender], on set: any Dataset, images: Int, repetitions: Int = 3,
        threads: Int = DataLoader.defaultThreads
    ) throws {
        try self.init(contenders, on: set, images: images, repetitions: repetitions, threads: threads) {
            try Task.checkCancellation()
        }
    }

    /// Runs each image with each contender, without blocking the calling task's thread.
    ///
    /// - Throws: as the synchronous form.
    public init(
        _ contenders: [Contender], on set: any Dataset, images: Int, repetitions: Int = 3,
        threads: Int = DataLoader.defaultThreads
    ) async throws {
        self = try await offThread { cancellation in
            try LatencyStudy(
                contenders, on: set, images: images, repetitions: repetitions, threads: threads,
                checkCancellation: cancellation.check)
        }
    }

    init(
        _ contenders: [Contender], on set: any Dataset, images: Int, repetitions: Int = 3, threads: Int,
        checkCancellation: () throws -> Void
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
            try checkCancellation()
            if !isWarm {
                for contender in contenders {
                    for _ in 0..<Self.warmUpRuns {
                        _ = try contender.session.run(batch.images, policy: contender.policy)
                    }
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
                if let time = times.median { samples[index].append(Sample(time: time, blocks: blocks)) }
            }
        }
        self.samples = samples
    }

    private static let warmUpRuns = 20

    /// A contender's median time over the images, in milliseconds; nil without images.
    public func median(_ contender: Int) -> Double? { samples[contender].map(\.time).median }

    /// A contender's times by the number of blocks that ran, fewest blocks first.
    public func figures(_ contender: Int) -> [LatencyFigures] {
        Dictionary(grouping: samples[contender], by: \.blocks).sorted { $0.key < $1.key }
            .compactMap { blocks, samples in
                let times = samples.map(\.time)
                guard let median = times.median, let lower = times.quantile(0.25), let upper = times.quantile(0.75)
                else { return nil }
                return LatencyFigures(
                    blocks: blocks, images: times.count, median: median, lowerQuartile: lower, upperQuartile: upper)
            }
    }
}

extension Duration {
    fileprivate var milliseconds: Double {
        Double(components.seconds) * 1e3 + Double(components.attoseconds) * 1e-15
    }
}
