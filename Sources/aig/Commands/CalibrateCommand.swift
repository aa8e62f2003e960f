import ArgumentParser
import ConvNetAIG
import ConvNetAIGStudies
import ConvNetAIGTraining
import Terminal

/// `aig calibrate`
struct CalibrateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "calibrate",
        abstract: "Measure what a network spends as its gates' thresholds move, so that --budget can choose them.",
        discussion: """
            The pictures are run with many thresholds, one for all gates and one for each, from every block closed to \
            every block open. What is the more accurate on average is stored in the weights' metadata; 'aig classify' \
            and others then take --budget. Pictures of the training folder are used, so that those of the test folder \
            stay unseen.

            Examples:
              aig calibrate --weights run/best.safetensors --data cifar-10-batches-bin
              aig classify --weights run/best.safetensors --budget 0.6 cat.png
            """)

    @Option(help: .weights, completion: .file(extensions: WeightsSource.fileExtensions))
    var weights: String?

    @OptionGroup var dataset: DatasetOptions

    @Option(
        help: ArgumentHelp("Where the calibrated weights go. (default: the file of --weights)", valueName: "file"),
        completion: .file(extensions: ["safetensors"]))
    var output: String?

    @OptionGroup var network: NetworkOptions
    @OptionGroup var computing: DeviceOptions

    @Option(
        help: ArgumentHelp("Only so many pictures, evenly from all classes of the training folder.", valueName: "count")
    )
    var limit = 5000

    @Option(help: .batch)
    var batch = 100

    @Flag(help: "Print an object.")
    var json = false

    func validate() throws {
        try WeightsSource.validate(optional: weights, for: network, .argmax)
        if limit < 1 { throw ValidationError("--limit is \(limit); give 1 or more.") }
        if batch < 1 { throw ValidationError("--batch is \(batch); give 1 or more.") }
        if weights == nil, output == nil {
            throw ValidationError("The embedded model cannot be written to; pass --output.")
        }
    }

    func run() throws {
        // What a file holds besides, and its format, would be lost if it were replaced.
        if output == nil, let weights, try !(TensorFiles.open(path: weights) is SafetensorsFile) {
            throw CommandFailure(
                "\(weights) is not safetensors, which calibrated weights are written as; pass --output.")
        }
        let loaded = try dataset.preprocessing.applied(to: WeightsSource.load(optional: weights, for: network))
        guard output != nil || loaded.notes.isEmpty else {
            throw CommandFailure("\(weights ?? "The file") holds more than the network; pass --output.")
        }
        guard loaded.architecture.isAdaptive else { throw CalibrationError.noGates(loaded.architecture.name) }
        // Writing in place is meant; anything else has to be possible before the work is done.
        let target = try OutputFile(path: output ?? weights ?? "", sources: [])
        let source = try dataset.training(for: loaded, limit: limit)
        let session = try Session(weights: loaded, backend: try computing.choice(), batch: batch)
        let line = ProgressLine()
        line.show("reading pictures")
        let images = try CalibrationImages(source.set, for: session)
        let curves = try BudgetCurves(of: session, on: images) { passes in
            line.show("\(passes) passes over \(images.count) pictures")
        }
        line.clear()
        source.tellWarnings()
        for failure in images.failures { Console.complain("Left out: \(failure)") }
        let calibration = curves.calibration
        try loaded.write(
            to: target.path, metadata: [BudgetCalibration.metadataKey: try calibration.json()])
        try Console.write(
            json
                ? JSONText.pretty(curves)
                : CalibrationReport(curves, calibration, path: target.path).lines.joined(separator: "\n"))
    }
}
