import ConvNetAIG
import FileSystem
import Foundation

/// Trains a network: epochs of steps, a validation after each, and files in a ``RunFolder`` from which the run can be
/// resumed and its networks used.
///
/// Each step is a function of the configuration, the initial weights and the step's place in the run. On a device whose
/// results are reproducible, a run that was interrupted and resumed therefore ends with the same weights, to the bit, as one
/// that was not. Use a trainer from one task at a time.
public final class Trainer {
    /// Measures a network on the validation images. Calls `checkCancellation` now and then, which throws
    /// `CancellationError` if the run is to end without the result.
    public typealias Validation = (
        _ weights: Weights, _ checkCancellation: () throws -> Void
    ) throws -> ValidationResult

    /// The run's settings.
    public let configuration: TrainingConfiguration
    /// The folder for the run's files.
    public let folder: RunFolder
    /// How far the run has come.
    public private(set) var position = TrainingPosition()
    /// Metrics of the complete epochs.
    public private(set) var history: [EpochMetrics] = []
    /// The epoch with the best validation; nil before the first validation.
    public private(set) var best: BestEpoch?
    /// Seconds after which the state is saved within an epoch, for epochs so long that a killed process must not lose them;
    /// nil saves only at the end of each epoch.
    public var saveInterval: Double?

    private let network: any TrainableNetwork
    private let batches: any BatchSource
    private let data: TrainingData
    private let validate: Validation?
    private let rates: [Float]
    private var totals = EpochTotals()
    /// Seconds since an arbitrary moment.
    var now: () -> Double = { Double(DispatchTime.now().uptimeNanoseconds) / 1e9 }

    // MARK: Starting and resuming

    /// Starts a new run: checks everything, and writes the first checkpoint.
    ///
    /// - Parameters:
    ///   - network: the network with its initial weights, and with the gates that the target rates require, see
    ///     ``TargetRates/resolved(for:)``. If the configuration changes the images' size, it must be a ``ResizableNetwork``,
    ///     and `batches` must have the size of each epoch.
    ///   - configuration: the run's settings.
    ///   - batches: the training images.
    ///   - data: a description of the images, for the files.
    ///   - folder: a folder without a run.
    ///   - validate: called after each epoch; nil trains without validation, and then no epoch is the best.
    /// - Throws: ``TrainingConfigurationError``, ``TargetRatesError``, ``TrainingError``, ``CheckpointError``;
    ///   ``TrainingStateError/fixedSize(found:expected:)``; `WeightsError` if `data` does not fit the network; what the
    ///   network throws.
    public convenience init(
        _ network: any TrainableNetwork, configuration: TrainingConfiguration, batches: any BatchSource,
        data: TrainingData = TrainingData(), folder: RunFolder, validate: Validation?
    ) throws {
        guard !folder.hasCheckpoint else { throw TrainingError.folderHasRun(path: folder.path) }
        try self.init(
            checked: network, configuration: configuration, batches: batches, data: data, folder: folder,
            validate: validate)
        let first = checkpoint(try finiteState())
        // Otherwise class names or a normalization that do not fit the network would only be noticed after an epoch.
        _ = try first.weights()
        try Self.write(history, to: folder)
        try first.write(to: folder.checkpointPath)
    }

    /// Continues a run. Metrics of epochs after the checkpoint are dropped. An epoch that was trained but not validated is
    /// validated first.
    ///
    /// - Parameters:
    ///   - checkpoint: the state to continue from.
    ///   - network: a network of the checkpoint's architecture; its weights are replaced.
    ///   - batches: the same images as before.
    ///   - folder: the run's folder, or another one for the run to continue in.
    ///   - epochs: the new number of epochs, more than are done; nil keeps the configuration's. Schedules that depend on the
    ///     number of epochs use the new one from the next step on. It is written to the folder's checkpoint at once, so
    ///     that it also applies when the run is resumed again.
    ///   - validate: as in ``init(_:configuration:batches:data:folder:validate:)``.
    /// - Throws: ``TrainingError``, ``TrainingConfigurationError``, ``TrainingStateError``, ``CheckpointError``; what the
    ///   network throws.
    public static func resume(
        from checkpoint: Checkpoint, _ network: any TrainableNetwork, batches: any BatchSource, folder: RunFolder,
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
        checked network: any TrainableNetwork, configuration: TrainingConfiguration, batches: any BatchSource,
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

    // MARK: Running

    /// Trains until all epochs are done or a stop is requested, on the calling thread. Saves the state at the end of every
    /// epoch and when stopped.
    ///
    /// - Parameters:
    ///   - stop: ends the run before the next step.
    ///   - progress: called after every step and every epoch.
    /// - Throws: ``TrainingError``, ``CheckpointError``; what the network, the batches and the validation throw. The state
    ///   saved last can then be resumed.
    public func run(
        stop: StopRequest = StopRequest(), progress: (TrainingProgress) -> Void = { _ in }
    ) throws -> TrainingOutcome {
        try run(stop, Cancellation(), progress)
    }

    /// Trains on a thread outside Swift's pool until all epochs are done, a stop is requested, or the task is cancelled.
    /// Saves the state at the end of every epoch and when stopped or cancelled.
    ///
    /// - Parameters:
    ///   - stop: ends the run before the next step.
    ///   - progress: called on that thread after every step and every epoch.
    /// - Throws: as the synchronous method; `CancellationError` if the task is cancelled: before the next step once the
    ///   state is saved, or during a validation, where it has been saved before. The run can then be resumed, also by
    ///   calling this method again.
    public func run(
        stop: StopRequest = StopRequest(), isolation: isolated (any Actor)? = #isolation,
        progress: @escaping @Sendable (TrainingProgress) -> Void = { _ in }
    ) async throws -> TrainingOutcome {
        // Whoever waits for the outcome does not use the trainer meanwhile.
        nonisolated(unsafe) unowned let trainer = self
        return try await offThread { cancellation in
            let outcome = try trainer.run(stop, cancellation, progress)
            if !outcome.isComplete { try cancellation.check() }
            return outcome
        }
    }

    private func run(
        _ stop: StopRequest, _ cancellation: Cancellation, _ progress: (TrainingProgress) -> Void
    ) throws -> TrainingOutcome {
        let isStopped = { stop.isRequested || cancellation.isCancelled }
        var throughput = Throughput(start: now(), done: position.step)
        while position.epoch < configuration.epochs {
            try trainEpoch(isStopped, &throughput, progress)
            guard !isStopped() else {
                try save(finiteState())
                return outcome(isComplete: false)
            }
            let metrics = try finishEpoch { try cancellation.check() }
            throughput.update(now: now(), done: position.step)
            var report = report(metrics.epoch - 1, totals, throughput)
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

    // MARK: Epochs

    /// Does the remaining steps of the epoch, or those before the run is stopped.
    private func trainEpoch(
        _ isStopped: () -> Bool, _ throughput: inout Throughput, _ progress: (TrainingProgress) -> Void
    ) throws {
        let steps = batches.batchesPerEpoch
        guard position.stepInEpoch < steps, !isStopped() else { return }
        if let sizes = configuration.sizes {
            try network.resize(to: sizes.input(epoch: position.epoch, own: network.architecture.input))
        }
        var iterator = try batches.batches(epoch: position.epoch, from: position.stepInEpoch)
        let skippedBefore = totals.skipped
        var saved = now()
        while position.stepInEpoch < steps, !isStopped() {
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
            throughput.update(now: now(), done: position.step)
            progress(report(position.epoch, totals, throughput))
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

    /// Validates, and writes everything an epoch leaves behind.
    ///
    /// The validation may fail or be killed when all steps are done, so the state is saved before it, at the epoch's last
    /// step; a resumed run then comes here at once. The checkpoint that counts the epoch as complete is written last: if the
    /// process does not get that far, the files before it are written again, with the same contents.
    private func finishEpoch(_ checkCancellation: () throws -> Void) throws -> EpochMetrics {
        var finished = checkpoint(try finiteState())
        if validate != nil { try finished.write(to: folder.checkpointPath) }
        let epoch = position.epoch + 1
        let metadata = ["epoch": "\(epoch)"]
        try write(finished.weights(metadata: metadata), to: folder.lastPath)
        var validation: ValidationResult?
        if let validate {
            let weights = try finished.weights(metadata: metadata)
            let result = try validate(weights, checkCancellation)
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

    /// The network's state, unless any of it is infinite or NaN and not worth saving: running statistics can diverge before
    /// the loss does.
    private func finiteState() throws -> TrainingState {
        let state = try network.state()
        let finder = DivergenceFinder(architecture: network.architecture)
        let all = [state.weights, state.momentum, state.average]
        guard all.allSatisfy({ finder.firstNotFinite(in: $0) == nil }) else { throw divergence(in: all) }
        return state
    }

    /// - Parameter tensors: searched in this order.
    private func divergence(in tensors: [[String: Tensor]]) -> TrainingError {
        let finder = DivergenceFinder(architecture: network.architecture)
        let tensor = tensors.lazy.compactMap(finder.firstNotFinite).first
        return .notFinite(
            step: position.step, epoch: position.epoch + 1, block: tensor.map(finder.block), tensor: tensor,
            lastGoodCheckpoint: folder.hasCheckpoint ? folder.checkpointPath : nil)
    }

    // MARK: Progress

    /// - Parameter epoch: index of the epoch, from 0.
    private func report(_ epoch: Int, _ totals: EpochTotals, _ throughput: Throughput) -> TrainingProgress {
        TrainingProgress(
            epoch: epoch + 1, epochs: configuration.epochs, step: position.stepInEpoch, steps: batches.batchesPerEpoch,
            loss: totals.meanLoss, accuracy: totals.accuracy, executionRate: totals.executionRate,
            learningRate: totals.learningRate, imagesPerSecond: totals.imagesPerSecond,
            secondsLeft: throughput.secondsLeft(of: configuration.epochs * batches.batchesPerEpoch))
    }
}

extension Checkpoint {
    /// The configuration with another number of epochs; nil keeps its own.
    ///
    /// - Throws: ``TrainingError/epochsDone(asked:done:)`` if nothing would be left to do;
    ///   ``TrainingConfigurationError`` for a number out of bounds.
    func configuration(epochs: Int?) throws -> TrainingConfiguration {
        guard let epochs else { return configuration }
        guard epochs > position.epoch else { throw TrainingError.epochsDone(asked: epochs, done: position.epoch) }
        var changed = configuration
        changed.epochs = epochs
        try changed.validate()
        return changed
    }
}
