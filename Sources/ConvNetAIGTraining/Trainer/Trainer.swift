import ConvNetAIG
import FileSystem
import Foundation

/// Trains a network: epochs of steps, a validation after each, and files in a ``RunFolder`` from which the run can be
/// resumed and its networks used.
///
/// Everything a step does is a function of the configuration, the weights at the start and the place of the step in the
/// run. A run that was interrupted and resumed therefore comes to the same weights, to the bit, as one that was not, on a
/// device that computes the same each time.
public final class Trainer {
    /// Classifies the images that are not trained with.
    public typealias Validation = (_ weights: Weights) throws -> ValidationResult

    public let configuration: TrainingConfiguration
    public let folder: RunFolder
    public private(set) var position = TrainingPosition()
    /// Of the complete epochs.
    public private(set) var history: [EpochMetrics] = []
    public private(set) var best: BestEpoch?
    /// After so many seconds of an epoch its state is saved, for epochs that a killed process had better not lose; nil
    /// saves at the epochs' ends only.
    public var saveInterval: Double?

    private let network: any TrainableNetwork
    private let batches: any TrainingBatches
    private let data: TrainingData
    private let validate: Validation?
    private let rates: [Float]
    private var totals = EpochTotals()
    /// Seconds since some moment.
    var now: () -> Double = { Double(DispatchTime.now().uptimeNanoseconds) / 1e9 }

    /// Starts a new run: checks everything, and writes its first checkpoint.
    ///
    /// - Parameters:
    ///   - network: with the weights to start from, and with the gates that the target rates ask for, see
    ///     ``TargetRates/resolved(for:)``. It is told of each epoch's size of images, if the configuration has any, which
    ///     takes a ``ResizableNetwork``, and `batches` are to have that size.
    ///   - validate: nil does without, and then no network is called the best.
    /// - Throws: ``TrainingConfigurationError``, ``TargetRatesError``, ``TrainingError``, ``CheckpointError``;
    ///   ``TrainingStateError/fixedSize(found:expected:)``; `WeightsError` if `data` does not fit the network; what the network throws.
    public convenience init(
        _ network: any TrainableNetwork, configuration: TrainingConfiguration, batches: any TrainingBatches,
        data: TrainingData = TrainingData(), folder: RunFolder, validate: Validation?
    ) throws {
        guard !folder.hasCheckpoint else { throw TrainingError.folderHasRun(path: folder.path) }
        try self.init(
            checked: network, configuration: configuration, batches: batches, data: data, folder: folder,
            validate: validate)
        let first = checkpoint(try finiteState())
        // Names of classes or a normalization that do not fit the network would otherwise be found out after an epoch.
        _ = try first.weights()
        try Self.write(history, to: folder)
        try first.write(to: folder.checkpointPath)
    }

    /// Continues a run. Metrics of later epochs than the checkpoint's are dropped. An epoch that was trained and not measured
    /// is measured first.
    ///
    /// - Parameters:
    ///   - network: of the checkpoint's architecture; its weights are replaced.
    ///   - batches: of the same images as before.
    ///   - folder: the run's, or another one that it is to go on in.
    ///   - epochs: how many the run is to have now, more than it has done; nil leaves it at what it was begun with. Whatever a
    ///     schedule makes of the number of epochs it makes of this one from the next step on, and so does whoever resumes the
    ///     run again: it is written to the folder's checkpoint at once.
    /// - Throws: ``TrainingError``, ``TrainingConfigurationError``, ``TrainingStateError``, ``CheckpointError``; what the network
    ///   throws.
    public static func resume(
        from checkpoint: Checkpoint, _ network: any TrainableNetwork, batches: any TrainingBatches, folder: RunFolder,
        epochs: Int? = nil, validate: Validation?
    ) throws -> Trainer {
        guard network.architecture == checkpoint.architecture else {
            throw TrainingError.differentNetwork(
                expected: checkpoint.architecture.name, found: network.architecture.name)
        }
        guard batches.batchesPerEpoch == checkpoint.stepsPerEpoch else {
            throw TrainingError.differentData(
                expectedSteps: checkpoint.stepsPerEpoch, steps: batches.batchesPerEpoch)
        }
        let configuration = try checkpoint.configuration(epochs: epochs)
        let trainer = try Trainer(
            checked: network, configuration: configuration, batches: batches, data: checkpoint.data, folder: folder,
            validate: validate)
        try network.restore(checkpoint.state)
        trainer.position = checkpoint.position
        trainer.history = checkpoint.history
        trainer.best = checkpoint.best
        trainer.totals = checkpoint.totals
        if configuration != checkpoint.configuration { try trainer.save(checkpoint.state) }
        try Self.write(trainer.history, to: folder)
        return trainer
    }

    private init(
        checked network: any TrainableNetwork, configuration: TrainingConfiguration, batches: any TrainingBatches,
        data: TrainingData, folder: RunFolder, validate: Validation?
    ) throws {
        try configuration.validate(for: network.architecture)
        guard configuration.batch <= network.batch else {
            throw TrainingError.batchTooLarge(batch: configuration.batch, network: network.batch)
        }
        let own = network.architecture.input
        if !network.isResizable, let other = configuration.sizes?.inputs(own: own).first(where: { $0 != own }) {
            throw TrainingStateError.fixedSize(found: other, expected: own)
        }
        guard batches.batchesPerEpoch > 0 else { throw TrainingError.noBatches }
        if let targets = configuration.targetRates {
            let resolved = try targets.resolved(for: network.architecture)
            guard resolved.architecture == network.architecture else {
                throw TrainingError.differentNetwork(
                    expected: "\(resolved.architecture.name) with \(resolved.rates.count) gates",
                    found: "\(network.architecture.name) with \(network.architecture.gatedBlocks.count)")
            }
            rates = resolved.rates
        } else {
            rates = network.architecture.gatedBlocks.map { _ in 1 }
        }
        self.network = network
        self.configuration = configuration
        self.batches = batches
        self.data = data
        self.folder = folder
        self.validate = validate
    }

    // MARK: Epochs

    /// Trains until all epochs are done or a stop is requested, and saves the state at the end of every epoch and at a
    /// stop.
    ///
    /// - Parameter progress: called after every step and every epoch.
    /// - Throws: ``TrainingError``, ``CheckpointError``; what network, batches and validation throw. What was saved last
    ///   can be resumed then.
    public func run(
        stop: StopRequest = StopRequest(), progress: (TrainingProgress) -> Void = { _ in }
    ) throws -> TrainingOutcome {
        var pace = Pace(start: now(), done: position.step)
        while position.epoch < configuration.epochs {
            try trainEpoch(stop, &pace, progress)
            guard !stop.isRequested else {
                try save(finiteState())
                return outcome(isComplete: false)
            }
            let metrics = try finishEpoch()
            pace.update(now: now(), done: position.step)
            var report = report(metrics.epoch - 1, totals, pace)
            report.step = batches.batchesPerEpoch
            report.finished = metrics
            totals = EpochTotals()
            progress(report)
        }
        return outcome(isComplete: true)
    }

    private func outcome(isComplete: Bool) -> TrainingOutcome {
        TrainingOutcome(isComplete: isComplete, position: position, history: history, best: best)
    }

    /// Does the rest of the epoch's steps, or those until a stop is requested.
    private func trainEpoch(
        _ stop: StopRequest, _ pace: inout Pace, _ progress: (TrainingProgress) -> Void
    ) throws {
        let steps = batches.batchesPerEpoch
        guard position.stepInEpoch < steps, !stop.isRequested else { return }
        if let sizes = configuration.sizes {
            try network.resize(to: sizes.input(epoch: position.epoch, own: network.architecture.input))
        }
        var iterator = try batches.batches(epoch: position.epoch, from: position.stepInEpoch)
        let skippedBefore = totals.skipped
        var saved = now()
        while position.stepInEpoch < steps, !stop.isRequested {
            let start = now()
            guard let batch = try iterator.next() else {
                throw TrainingError.tooFewBatches(
                    epoch: position.epoch + 1, promised: steps, given: position.stepInEpoch)
            }
            if batch.count > 0 { try step(batch) }
            totals.skipped = skippedBefore + iterator.skipped
            totals.seconds += now() - start
            position.stepInEpoch += 1
            position.step += 1
            if let saveInterval, now() - saved >= saveInterval, position.stepInEpoch < steps {
                try save(finiteState())
                saved = now()
            }
            pace.update(now: now(), done: position.step)
            progress(report(position.epoch, totals, pace))
        }
    }

    private func step(_ batch: Batch) throws {
        let settings = configuration.settings(
            step: position.step, stepsPerEpoch: batches.batchesPerEpoch, rates: rates)
        let result = try network.step(batch, settings)
        guard result.loss.isFinite, result.gradientNorm.isFinite else {
            throw divergence(in: [try network.gradients(), try network.state().weights])
        }
        totals.add(result, learningRate: settings.weights.learningRate)
    }

    /// Validates and writes everything an epoch leaves behind.
    ///
    /// Measuring may fail, or be killed, when all steps are done: the state is saved before it, at the epoch's last step, from
    /// where a resumed run comes here at once. The checkpoint that counts the epoch as complete comes last: what is written
    /// before it is written again, the same, if the process does not get so far.
    private func finishEpoch() throws -> EpochMetrics {
        var finished = checkpoint(try finiteState())
        if validate != nil { try finished.write(to: folder.checkpointPath) }
        let epoch = position.epoch + 1
        let metadata = ["epoch": "\(epoch)"]
        try write(finished.weights(metadata: metadata), to: folder.lastPath)
        var validation: ValidationResult?
        if let validate {
            let weights = try finished.weights(metadata: metadata)
            let result = try validate(weights)
            validation = result
            if result.top1 > best?.top1 ?? -1 {
                finished.best = BestEpoch(epoch: epoch, top1: result.top1)
                try write(weights, to: folder.bestPath, ["top1": "\(result.top1)"])
            }
        }
        let metrics = EpochMetrics(epoch: epoch, totals, validation: validation)
        finished.history.append(metrics)
        finished.position.epoch = epoch
        finished.position.stepInEpoch = 0
        finished.totals = EpochTotals()
        try Self.write(finished.history, to: folder)
        try finished.write(to: folder.checkpointPath)
        (position, history, best) = (finished.position, finished.history, finished.best)
        return metrics
    }

    // MARK: Saving

    private func checkpoint(_ state: TrainingState) -> Checkpoint {
        Checkpoint(
            configuration: configuration, architecture: network.architecture, data: data, state: state,
            position: position, stepsPerEpoch: batches.batchesPerEpoch, history: history, best: best, totals: totals)
    }

    private func save(_ state: TrainingState) throws {
        try checkpoint(state).write(to: folder.checkpointPath)
    }

    private func write(_ weights: Weights, to path: String, _ metadata: [String: String] = [:]) throws {
        do {
            try weights.write(to: path, metadata: metadata)
        } catch SafetensorsError.unwritable(_, let problem) {
            throw TrainingError.unwritable(path: path, problem: problem)
        }
    }

    private static func write(_ history: [EpochMetrics], to folder: RunFolder) throws {
        do {
            try folder.metrics.write(history)
            try CurvePlot(history).write(to: folder.curvesPath)
        } catch FileError.unwritable(let path, let problem) {
            throw TrainingError.unwritable(path: path, problem: problem)
        }
    }

    // MARK: Divergence

    /// The network's state, which is not worth saving if any of it is infinite or NaN: running statistics can get there
    /// before the loss does.
    private func finiteState() throws -> TrainingState {
        let state = try network.state()
        let finder = DivergenceFinder(architecture: network.architecture)
        let all = [state.weights, state.momentum, state.average]
        guard all.allSatisfy({ finder.firstNotFinite(in: $0) == nil }) else { throw divergence(in: all) }
        return state
    }

    /// - Parameter candidates: are searched one after the other.
    private func divergence(in candidates: [[String: Tensor]]) -> TrainingError {
        let finder = DivergenceFinder(architecture: network.architecture)
        let tensor = candidates.lazy.compactMap(finder.firstNotFinite).first
        return .notFinite(
            step: position.step, epoch: position.epoch + 1, block: tensor.map(finder.block), tensor: tensor,
            lastGoodCheckpoint: folder.hasCheckpoint ? folder.checkpointPath : nil)
    }

    // MARK: Progress

    /// - Parameter epoch: counts from 0.
    private func report(_ epoch: Int, _ totals: EpochTotals, _ pace: Pace) -> TrainingProgress {
        TrainingProgress(
            epoch: epoch + 1, epochs: configuration.epochs, step: position.stepInEpoch, steps: batches.batchesPerEpoch,
            loss: totals.meanLoss, accuracy: totals.accuracy, executionRate: totals.executionRate,
            learningRate: totals.learningRate, imagesPerSecond: totals.imagesPerSecond,
            secondsLeft: pace.secondsLeft(of: configuration.epochs * batches.batchesPerEpoch))
    }
}
