import ConvNetAIG

/// What to train, on which images, and where: everything a ``TrainingRun`` is made of, and where its example is.
public struct TrainingPlan: Sendable {
    /// With gates, or without: then `configuration.targetRates` gives it some, if there are any. Its number of classes gives
    /// way to the data set's.
    public var architecture: Architecture
    /// CIFAR's files, or images in class folders, in a folder or an archive; see ``DataSource``.
    public var dataPath: String
    /// A table of the images' classes, for those that are in no class folders.
    public var labelsPath: String?
    /// How images' files are read.
    public var reading = ImageReadingOptions()
    /// What images are normalised with, for samples scaled to 0...1; nil takes what the initial weights say, or what is
    /// usual for the network's input.
    public var mean: [Float]?
    public var std: [Float]?
    /// What has been found at these paths, if that is known already; nil looks there.
    public var source: DataSource?
    /// A preset, see ``TrainingConfiguration/Preset``, or anything else.
    public var configuration: TrainingConfiguration
    /// Where the run's files go; see ``RunFolder``. Made if it is not there.
    public var folder: String
    /// What computes, both training and validation.
    public var backend: BackendChoice
    /// Share of the training images that is measured on, where the data set has no test images; 0 does without.
    public var heldOut = 0.1
    /// Threads that decode images. They change no result.
    public var threads = DataLoader.usualThreads

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
