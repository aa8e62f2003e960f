import ArgumentParser
import ConvNetAIG
import ConvNetAIGTraining

/// Which network is studied, and on which images.
struct StudyOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Weights: safetensors, or a checkpoint of PyTorch. (default: the embedded model)", valueName: "file"),
        completion: .file(extensions: WeightsSource.fileExtensions))
    var weights: String?

    @OptionGroup var dataset: DatasetOptions
    @OptionGroup var network: NetworkOptions
    @OptionGroup var computing: DeviceOptions

    @Option(help: ArgumentHelp("Only so many pictures, evenly from all classes.", valueName: "count"))
    var limit: Int?

    @Option(help: ArgumentHelp("Images that run together.", valueName: "count"))
    var batch = 100

    @Option(help: ArgumentHelp("Threads that decode pictures. They change no result.", valueName: "count"))
    var threads = DataLoader.usualThreads

    func validate() throws {
        try WeightsSource.validate(optional: weights, for: network, .argmax)
        if let limit, limit < 1 { throw ValidationError("--limit is \(limit); give 1 or more.") }
        if batch < 1 { throw ValidationError("--batch is \(batch); give 1 or more.") }
        if threads < 1 { throw ValidationError("--threads is \(threads); give 1 or more.") }
    }

    func loadWeights() throws -> Weights {
        try dataset.preprocessing.applied(to: WeightsSource.load(optional: weights, for: network))
    }

    /// The images that a network is measured on.
    func testImages(for weights: Weights) throws -> DatasetOptions.LoadedDataset {
        try dataset.measured(for: weights, limit: limit)
    }
}
