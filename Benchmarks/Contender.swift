import ConvNetAIG

/// A network on its routes, ready to run, with the samples taken of it.
struct Contender {
    let session: Session
    let routes: Routes
    var samples = Samples()

    /// Whether its network has gates.
    var isAdaptive: Bool { session.architecture.isAdaptive }

    /// Runs a batch and takes the time of what a caller waits for.
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

    /// - Parameter reference: the ResNet's samples at the same batch size.
    /// - Returns: Nil without samples.
    func result(against reference: Samples) -> BenchmarkResult? {
        guard let median = Statistics.median(of: samples.seconds), median > 0,
            let slow = Statistics.percentile(0.9, of: samples.seconds),
            let referenceMedian = Statistics.median(of: reference.seconds)
        else { return nil }
        let batch = Double(session.batch)
        return BenchmarkResult(
            architecture: session.architecture.name, batch: session.batch, device: session.deviceName,
            routes: routes.label, parameters: session.cost.parameters, macsDense: session.cost.macs,
            macsExecuted: samples.meanMACs, blocksExecuted: samples.meanExecutedShare,
            latencyMsP50: median * 1e3,
            latencyMsP90: slow * 1e3, imagesPerSecond: batch / median,
            gflops: 2 * samples.meanMACs * batch / median / 1e9, speedup: referenceMedian / median,
            speedupByMACs: reference.meanMACs / samples.meanMACs)
    }
}
