import ConvNetAIG

/// What to train, on which pictures, and where: everything a ``TrainingRun`` is made of.
public struct TrainingPlan: Sendable {
    public var architecture: Architecture
    /// See ``DataSource``.
    public var dataPath: String
    public var configuration: TrainingConfiguration
    /// Where the run's files go.
    public var folder: String
    public var backend: BackendChoice
    /// Share of the training pictures that is measured on, where the data set has no test pictures; 0 does without.
    public var heldOut = 0.1
    /// Threads that decode pictures.
    public var threads = BatchLoader.usualThreads

    /// - Parameter architecture: its number of classes gives way to the data set's.
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
