import ConvNetAIG

/// A training run put together: images, network, trainer and validation.
///
/// ```swift
/// var configuration = TrainingConfiguration(.cifarOneCycle, epochs: 2)
/// configuration.targetRates = .all(0.7)
/// let plan = TrainingPlan(
///     architecture: try Architecture(named: "convnet-aig-cifar-8"), dataPath: images,
///     configuration: configuration, folder: folder, backend: try .openCL())
/// let run = try TrainingRun(plan)
/// let outcome = try run.trainer.run { progress in
///     if let metrics = progress.finished { print(metrics.epoch, metrics.loss, metrics.accuracy) }
/// }
/// print(outcome.best?.top1 ?? 0, "in", run.trainer.folder.bestPath)
/// ```
///
/// The folder then has the files that ``RunFolder`` names, of which `Session(weights: Weights(path:))` takes those of
/// networks. A run that was stopped, see ``StopRequest``, or whose process ended, is continued by
/// ``resume(folder:dataPath:backend:threads:epochs:)``, and comes to the same weights as one that was not.
public final class TrainingRun {
    public let trainer: Trainer
    private let loader: DataLoader
    private let validationImages: KeptImages?
    /// Images of the data set: those trained with, and those measured on.
    public let images: (training: Int, validation: Int)
    public let deviceName: String
    /// What of the data set is left out.
    public let notes: [DatasetNote]
    private let reading: ImageReader

    /// Begins a run: reads what there is of images and weights, makes the network, and writes the first checkpoint. Nothing
    /// is written if anything does not fit.
    ///
    /// - Throws: ``DatasetError``, ``TrainingConfigurationError``, ``TargetRatesError``, ``TrainingError``,
    ///   ``CheckpointError``, `WeightsError` if the initial weights or the teacher's are another network's, `BackendError`
    ///   where memory does not suffice.
    public convenience init(_ plan: TrainingPlan) throws {
        // Listing the images and compiling kernels may take a while: better to be told before.
        guard !RunFolder.hasCheckpoint(plan.folder) else { throw TrainingError.folderHasRun(path: plan.folder) }
        let configuration = plan.configuration
        let source = try plan.source ?? DataSource(path: plan.dataPath, labels: plan.labelsPath, options: plan.reading)
        let classes = try source.classes
        guard classes.count > 1 else {
            throw TrainingError.oneClass(path: plan.dataPath, name: classes.first ?? "")
        }
        var architecture = try plan.architecture.with(classes: classes.count)
        if let rates = configuration.targetRates {
            architecture = try rates.resolved(for: architecture).architecture
        }
        try configuration.validate(for: architecture)
        let weights: Weights
        var normalization: (mean: [Float], std: [Float])?
        if let path = configuration.initialWeights {
            let initial = try Self.initialWeights(path, key: configuration.initialWeightsKey, for: architecture)
            // The published CIFAR networks' shortcuts have no weights.
            if initial.architecture.shortcut != architecture.shortcut {
                architecture = try architecture.with(shortcut: initial.architecture.shortcut)
            }
            weights = try initial.transferred(to: architecture, seed: configuration.seed)
            normalization = initial.normalization
        } else {
            weights = .initial(for: architecture, seed: configuration.seed)
        }
        var options = ["heldOut": "\(plan.heldOut)"]
        options[Self.labelsKey] = plan.labelsPath
        if !plan.reading.appliesOrientation { options[Self.ignoreOrientationKey] = "true" }
        if plan.reading.strictness == .strict { options[Self.strictKey] = "true" }
        let usual: Preprocessing = max(architecture.input.height, architecture.input.width) <= 64 ? .cifar10 : .imageNet
        let data = TrainingData(
            path: plan.dataPath, options: options, classNames: classes,
            mean: plan.mean ?? normalization?.mean ?? usual.mean, std: plan.std ?? normalization?.std ?? usual.std)
        try self.init(weights, plan, source, data, epoch: 0) { network, batches, data, validate in
            try Trainer(
                network, configuration: configuration, batches: batches, data: data,
                folder: RunFolder(path: plan.folder), validate: validate)
        }
    }

    /// The weights of a file that need not say which network they are of, as torchvision's do not: then they are taken to be
    /// of the network that is to be trained, with its gates or without, for as many classes as there are in the file.
    private static func initialWeights(
        _ path: String, key: String?, for architecture: Architecture
    ) throws -> Weights {
        let file = try TensorFiles.open(path: path)
        guard file.metadata["architecture"] == nil else { return try Weights(file: file, key: key) }
        let classes = try Weights.classCount(of: file, key: key)
        let hasGates = file.names.contains { $0.contains(".fc1.") }
        let own = try Architecture(
            name: architecture.name, input: architecture.input, stem: architecture.stem, stages: architecture.stages,
            blockKind: architecture.blockKind, shortcut: architecture.shortcut,
            gateHidden: hasGates ? architecture.gateHidden : nil,
            ungatedBlocks: hasGates ? architecture.ungatedBlocks : [], classes: classes ?? architecture.classes)
        return try Weights(file: file, architecture: own, key: key)
    }

    /// Continues a run from its folder's checkpoint.
    ///
    /// - Parameters:
    ///   - folder: of the run.
    ///   - dataPath: where the images are now; nil looks where they were.
    ///   - epochs: how many the run is to have from now on, also one that is complete; nil leaves it at its own. See
    ///     ``Trainer/resume(from:_:batches:folder:epochs:validate:)``.
    /// - Throws: as ``init(_:)``; ``TrainingError`` if the images are not the same.
    public static func resume(
        folder path: String, dataPath: String? = nil, backend: BackendChoice,
        threads: Int = DataLoader.usualThreads, epochs: Int? = nil
    ) throws -> TrainingRun {
        guard RunFolder.hasCheckpoint(path) else { throw TrainingError.nothingToResume(path: path) }
        let folder = try RunFolder(path: path)
        let checkpoint = try Checkpoint(path: folder.checkpointPath)
        // Before images are listed and kernels compiled.
        let configuration = try checkpoint.configuration(epochs: epochs)
        guard let dataPath = dataPath ?? checkpoint.data.path else { throw TrainingError.noData(path: path) }
        let labels = checkpoint.data.options[Self.labelsKey]
        // As the run has read them so far.
        let reading = ImageReadingOptions(
            appliesOrientation: checkpoint.data.options[Self.ignoreOrientationKey] == nil,
            strictness: checkpoint.data.options[Self.strictKey] == nil ? .tolerant : .strict)
        let source = try DataSource(
            path: dataPath, labels: labels, known: checkpoint.data.classNames ?? [], options: reading)
        if let names = checkpoint.data.classNames, try names != source.classes {
            throw TrainingError.differentClasses(path: dataPath, expected: names, found: try source.classes)
        }
        var plan = TrainingPlan(
            architecture: checkpoint.architecture, dataPath: dataPath, configuration: configuration,
            folder: path, backend: backend)
        plan.heldOut = checkpoint.data.options["heldOut"].flatMap(Double.init) ?? plan.heldOut
        plan.threads = threads
        let weights = try Weights(architecture: checkpoint.architecture, tensors: checkpoint.state.weights)
        return try TrainingRun(
            weights, plan, source, checkpoint.data, epoch: checkpoint.position.epoch
        ) { network, batches, _, validate in
            try Trainer.resume(
                from: checkpoint, network, batches: batches, folder: folder, epochs: epochs, validate: validate)
        }
    }

    /// - Parameter epoch: the one that is next or begun.
    private init(
        _ weights: Weights, _ plan: TrainingPlan, _ source: DataSource, _ data: TrainingData, epoch: Int,
        _ makeTrainer: (any TrainableNetwork, any TrainingBatches, TrainingData, Trainer.Validation?) throws -> Trainer
    ) throws {
        let configuration = plan.configuration
        let training: any Dataset
        let validation: (any Dataset)?
        let train = try source.train
        notes = try source.notes + source.untrainedClasses()
        reading = source.reading
        if let test = try source.test {
            // What there is nothing to learn of says nothing about what was learnt.
            (training, validation) = (train, test.restricted(to: train.classes.count))
        } else if plan.heldOut > 0 {
            let parts = try source.holdOut(fraction: plan.heldOut, seed: configuration.seed)
            (training, validation) = (parts.training, parts.heldOut)
        } else {
            (training, validation) = (train, nil)
        }
        let architecture = weights.architecture
        let loader = try DataLoader(
            training, input: architecture.input, sizes: configuration.sizes, mean: data.mean, std: data.std,
            augmentation: configuration.augmentation(for: architecture.input), erasing: configuration.erasing,
            batch: configuration.batch, seed: configuration.seed, threads: plan.threads)
        let batch = min(configuration.batch, training.count)
        var data = data
        var batches: any TrainingBatches = loader
        if let distillation = configuration.distillation {
            let teacher = try Teacher(
                path: distillation.teacher, for: architecture, data: data, backend: plan.backend, batch: batch)
            if let known = data.options[Self.teacherKey], known != teacher.checksum {
                throw TrainingError.differentTeacher(path: distillation.teacher)
            }
            data.options[Self.teacherKey] = teacher.checksum
            batches = DistilledBatches(
                source: loader, teacher: teacher, input: architecture.input, sizes: configuration.sizes)
        }
        let network: any TrainableNetwork
        if let sizes = configuration.sizes {
            network = try ResizableNetwork(
                weights: weights, input: sizes.input(epoch: epoch, own: architecture.input), batch: configuration.batch
            ) { try Self.network($0, plan) }
        } else {
            network = try Self.network(weights, plan)
        }
        deviceName =
            switch plan.backend {
            case .reference: ReferenceTrainingBackend().deviceName
            case .openCL(let runtime): runtime.device.description
            }
        let measured = validation.map { KeptImages($0, limit: Self.validationCacheLimit) }
        self.loader = loader
        validationImages = measured
        images = (training.count, validation?.count ?? 0)
        let backend = plan.backend
        let threads = plan.threads
        let validate = measured.map { images in
            { (weights: Weights) in
                let session = try Session(weights: weights, backend: backend, batch: min(batch, images.count))
                return ValidationResult(
                    try Evaluation(of: session, on: images, threads: threads), of: weights.architecture)
            }
        }
        trainer = try makeTrainer(network, batches, data, validate)
        trainer.saveInterval = Self.saveInterval
    }

    private static func network(_ weights: Weights, _ plan: TrainingPlan) throws -> any TrainableNetwork {
        let batch = plan.configuration.batch
        return switch plan.backend {
        case .reference: try TrainingNetwork(weights: weights, backend: ReferenceTrainingBackend(), batch: batch)
        case .openCL(let runtime):
            try TrainingNetwork(weights: weights, backend: OpenCLTrainingBackend(runtime), batch: batch)
        }
    }

    /// What was wrong with images that could be read all the same, so far.
    public var warnings: [ImageWarning] { reading.warnings }

    /// Images that could not be read so far, with the reason: those trained with, then those measured on.
    public var failures: [ImageFailure] { loader.failures + (validationImages?.failures ?? []) }

    /// Bytes of decoded images that are kept to measure on after each epoch.
    private static let validationCacheLimit = 256 << 20
    /// Where a run's data keep the table of labels.
    private static let labelsKey = "labels"
    /// Where a run's data keep how images' files are read, if not as usual.
    private static let ignoreOrientationKey = "ignoreOrientation"
    private static let strictKey = "strict"
    /// Where a run's data keep the teacher's checksum.
    private static let teacherKey = "teacher"
    /// Seconds that a killed process may lose of a long epoch.
    private static let saveInterval = 600.0
}
