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
/// The folder then holds the files that ``RunFolder`` names; `Session(weights: Weights(path:))` runs the networks among them.
/// A run that was stopped or cancelled, or whose process ended, is continued by
/// ``resume(folder:dataPath:backend:threads:epochs:)`` and ends with the same weights as one that was not.
public final class TrainingRun {
    /// The trainer, which runs the epochs.
    public let trainer: Trainer
    private let loader: DataLoader
    private let validationImages: CachedDataset?
    /// Number of images to train with and to validate on.
    public let images: (training: Int, validation: Int)
    /// Name of the device that trains.
    public let deviceName: String
    /// Notes on parts of the dataset that are left out.
    public let notes: [DatasetNote]
    private let reading: ImageReader

    /// Begins a run: lists the images, reads the initial weights, makes the network, and writes the first checkpoint.
    /// Nothing is written if anything does not fit.
    ///
    /// - Throws: `DatasetError`, ``TrainingConfigurationError``, ``TargetRatesError``, ``TrainingError``,
    ///   ``RunFolderError``, ``CheckpointError``, `WeightsError` if the initial weights or the teacher's are another
    ///   network's, `BackendError` if there is not enough memory.
    public convenience init(_ plan: TrainingPlan) throws {
        // Checked first, since listing the images and compiling kernels may take a while.
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
        let customary: Preprocessing =
            max(architecture.input.height, architecture.input.width) <= 64 ? .cifar10 : .imageNet
        let data = TrainingData(
            path: plan.dataPath, options: options, classNames: classes,
            mean: plan.mean ?? normalization?.mean ?? customary.mean,
            std: plan.std ?? normalization?.std ?? customary.std)
        try self.init(weights, plan, source, data, epoch: 0) { network, batches, data, validate in
            try Trainer(
                network, configuration: configuration, batches: batches, data: data,
                folder: RunFolder(path: plan.folder), validate: validate)
        }
    }

    /// The weights in a file. A file that does not name its architecture, such as torchvision's, is taken to hold the network
    /// that is to be trained, with or without its gates, and with as many classes as the file has.
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
    ///   - path: the run's folder.
    ///   - dataPath: where the images are now; nil looks where they were.
    ///   - backend: the device for both training and validation.
    ///   - threads: threads that decode images; they change no result.
    ///   - epochs: the new number of epochs, also for a run that is complete; nil keeps the run's own. See
    ///     ``Trainer/resume(from:_:batches:folder:epochs:validate:)``.
    /// - Throws: as ``init(_:)``; ``TrainingError`` if the images are not the same.
    public static func resume(
        folder path: String, dataPath: String? = nil, backend: BackendChoice,
        threads: Int = DataLoader.defaultThreads, epochs: Int? = nil
    ) throws -> TrainingRun {
        guard RunFolder.hasCheckpoint(path) else { throw TrainingError.nothingToResume(path: path) }
        let folder = try RunFolder(path: path)
        let checkpoint = try Checkpoint(path: folder.checkpointPath)
        // Before images are listed and kernels compiled.
        let configuration = try checkpoint.configuration(epochs: epochs)
        guard let dataPath = dataPath ?? checkpoint.data.path else { throw TrainingError.noData(path: path) }
        let labels = checkpoint.data.options[Self.labelsKey]
        // As the run has read the images so far.
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

    /// - Parameter epoch: index of the current epoch.
    private init(
        _ weights: Weights, _ plan: TrainingPlan, _ source: DataSource, _ data: TrainingData, epoch: Int,
        _ makeTrainer: (any TrainableNetwork, any BatchSource, TrainingData, Trainer.Validation?) throws -> Trainer
    ) throws {
        let configuration = plan.configuration
        let training: any Dataset
        let validation: (any Dataset)?
        let train = try source.train
        notes = try source.notes + source.untrainedClasses()
        reading = source.reading
        if let test = try source.test {
            // Classes without training images would say nothing about what was learnt.
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
        var batches: any BatchSource = loader
        if let distillation = configuration.distillation {
            let teacher = try Teacher(
                path: distillation.teacher, for: architecture, data: data, backend: plan.backend, batch: batch)
            if let known = data.options[Self.teacherKey], known != teacher.checksum {
                throw TrainingError.differentTeacher(path: distillation.teacher)
            }
            data.options[Self.teacherKey] = teacher.checksum
            batches = DistillationSource(
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
        let measured = validation.map { CachedDataset($0, limit: Self.validationCacheLimit) }
        self.loader = loader
        validationImages = measured
        images = (training.count, validation?.count ?? 0)
        let backend = plan.backend
        let threads = plan.threads
        let validate = measured.map { images in
            { (weights: Weights, checkCancellation: () throws -> Void) in
                let session = try Session(weights: weights, backend: backend, batch: min(batch, images.count))
                return ValidationResult(
                    try Evaluation(of: session, on: images, threads: threads, checkCancellation: checkCancellation),
                    of: weights.architecture)
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

    /// Problems so far with images that could be read all the same.
    public var warnings: [ImageWarning] { reading.warnings }

    /// Images that could not be read so far, with the reason: training images, then validation images.
    public var failures: [ImageFailure] { loader.failures + (validationImages?.failures ?? []) }

    /// Bytes of decoded validation images to keep in memory from epoch to epoch.
    private static let validationCacheLimit = 256 << 20
    /// Option of a run's data: path of the table of labels.
    private static let labelsKey = "labels"
    /// Options of a run's data: how image files are read, if not by default.
    private static let ignoreOrientationKey = "ignoreOrientation"
    private static let strictKey = "strict"
    /// Option of a run's data: the teacher's checksum.
    private static let teacherKey = "teacher"
    /// Maximum seconds of a long epoch that a killed process may lose.
    private static let saveInterval = 600.0
}

/// Everything a ``TrainingRun`` is made of: what to train, on which images, and where.
public struct TrainingPlan: Sendable {
    /// The network, with or without gates; `configuration.targetRates` can add some. The dataset decides its number of
    /// classes.
    public var architecture: Architecture
    /// Path of the images: CIFAR's files, or images in class folders, in a folder or an archive; see `DataSource`.
    public var dataPath: String
    /// Path of a table of the images' classes, for images that are not in class folders.
    public var labelsPath: String?
    /// How image files are read.
    public var reading = ImageReadingOptions()
    /// Mean that images are normalised with, per channel for samples scaled to 0...1; nil takes that of the initial weights,
    /// or the customary one for the network's input.
    public var mean: [Float]?
    /// Standard deviation that images are normalised with; nil as for ``mean``.
    public var std: [Float]?
    /// The images at these paths, if they have been listed already; nil lists them.
    public var source: DataSource?
    /// The run's settings, for instance from a ``TrainingConfiguration/Preset``.
    public var configuration: TrainingConfiguration
    /// Path of the folder for the run's files, see ``RunFolder``; it is created if need be.
    public var folder: String
    /// The device for both training and validation.
    public var backend: BackendChoice
    /// Share of the training images to validate on if the dataset has no test images; 0 trains without validation then.
    public var heldOut = 0.1
    /// Threads that decode images; they change no result.
    public var threads = DataLoader.defaultThreads

    /// Makes a plan with the defaults for everything else.
    public init(
        architecture: Architecture, dataPath: String, configuration: TrainingConfiguration, folder: String,
        backend: BackendChoice
    ) {
        self.architecture = architecture
        self.dataPath = dataPath
        self.configuration = configuration
        self.folder = folder
        self.backend = backend
    }
}
