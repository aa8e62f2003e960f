import ConvNetAIG

/// A training run put together: pictures, network, trainer and validation.
public final class TrainingRun {
    public let trainer: Trainer
    private let loader: BatchLoader
    /// Pictures of the data set: those trained with, and those measured on.
    public let pictures: (training: Int, validation: Int)
    public let deviceName: String

    /// Begins a run.
    ///
    /// - Throws: ``DataSetError``, ``TrainingConfigurationError``, ``TargetRatesError``, ``TrainingError``,
    ///   ``CheckpointError``, `WeightsError` if the initial weights are another network's, `BackendError` where memory
    ///   does not suffice.
    public convenience init(_ plan: TrainingPlan) throws {
        let folder = try RunFolder(path: plan.folder)
        let configuration = plan.configuration
        let source = try DataSource(path: plan.dataPath)
        var architecture = try plan.architecture.with(classes: source.classes.count)
        if let rates = configuration.targetRates {
            architecture = try rates.resolved(for: architecture).architecture
        }
        let weights: Weights
        var normalization: (mean: [Float], std: [Float])?
        if let path = configuration.initialWeights {
            let initial = try Weights(path: path)
            // The published CIFAR networks' shortcuts have no weights.
            if initial.architecture.shortcut != architecture.shortcut {
                architecture = try architecture.with(shortcut: initial.architecture.shortcut)
            }
            weights = try initial.transferred(to: architecture, seed: configuration.seed)
            normalization = initial.normalization
        } else {
            weights = .initial(for: architecture, seed: configuration.seed)
        }
        let usual: Preprocessing = max(architecture.input.height, architecture.input.width) <= 64 ? .cifar10 : .imageNet
        let data = TrainingData(
            path: plan.dataPath, options: ["heldOut": "\(plan.heldOut)"], classNames: source.classes,
            mean: normalization?.mean ?? usual.mean, std: normalization?.std ?? usual.std)
        try self.init(weights, plan, source, data) { network, loader, validate in
            try Trainer(
                network, configuration: configuration, batches: loader, data: data, folder: folder, validate: validate)
        }
    }

    /// Continues a run from its folder's checkpoint.
    ///
    /// - Parameters:
    ///   - folder: of the run.
    ///   - dataPath: where the pictures are now; nil looks where they were.
    /// - Throws: as ``init(_:)``; ``TrainingError`` if the pictures are not the same.
    public static func resume(
        folder path: String, dataPath: String? = nil, backend: BackendChoice,
        threads: Int = BatchLoader.usualThreads
    ) throws -> TrainingRun {
        let folder = try RunFolder(path: path)
        let checkpoint = try Checkpoint(path: folder.checkpointPath)
        guard let dataPath = dataPath ?? checkpoint.data.path else { throw TrainingError.noData(path: path) }
        let source = try DataSource(path: dataPath)
        var plan = TrainingPlan(
            architecture: checkpoint.architecture, dataPath: dataPath, configuration: checkpoint.configuration,
            folder: path, backend: backend)
        plan.heldOut = checkpoint.data.options["heldOut"].flatMap(Double.init) ?? plan.heldOut
        plan.threads = threads
        let weights = try Weights(architecture: checkpoint.architecture, tensors: checkpoint.state.weights)
        return try TrainingRun(weights, plan, source, checkpoint.data) { network, loader, validate in
            try Trainer.resume(from: checkpoint, network, batches: loader, folder: folder, validate: validate)
        }
    }

    private init(
        _ weights: Weights, _ plan: TrainingPlan, _ source: DataSource, _ data: TrainingData,
        _ makeTrainer: (any TrainableNetwork, BatchLoader, Trainer.Validation?) throws -> Trainer
    ) throws {
        let configuration = plan.configuration
        let training: any LabelledPictures
        let validation: (any LabelledPictures)?
        if let test = source.test {
            (training, validation) = (source.train, test)
        } else if plan.heldOut > 0 {
            let parts = try source.holdOut(fraction: plan.heldOut, seed: configuration.seed)
            (training, validation) = (parts.training, parts.heldOut)
        } else {
            (training, validation) = (source.train, nil)
        }
        let architecture = weights.architecture
        let loader = try BatchLoader(
            training, input: architecture.input, mean: data.mean, std: data.std,
            augmentation: configuration.augmentation(for: architecture.input), batch: configuration.batch,
            seed: configuration.seed, threads: plan.threads)
        let batch = min(configuration.batch, training.count)
        let network: any TrainableNetwork
        switch plan.backend {
        case .reference:
            let backend = ReferenceTrainingBackend()
            deviceName = backend.deviceName
            network = try TrainingNetwork(weights: weights, backend: backend, batch: configuration.batch)
        case .openCL(let runtime):
            let backend = try OpenCLTrainingBackend(runtime)
            deviceName = backend.deviceName
            network = try TrainingNetwork(weights: weights, backend: backend, batch: configuration.batch)
        }
        self.loader = loader
        pictures = (training.count, validation?.count ?? 0)
        let backend = plan.backend
        let threads = plan.threads
        let validate = validation.map { pictures in
            { (weights: Weights) in
                let session = try Session(weights: weights, backend: backend, batch: min(batch, pictures.count))
                return ValidationResult(
                    try Evaluation(of: session, on: pictures, threads: threads), of: weights.architecture)
            }
        }
        trainer = try makeTrainer(network, loader, validate)
    }

    /// Training pictures that could not be read so far, with the reason.
    public var failures: [PictureFailure] { loader.failures }
}
