import ArgumentParser
import ConvNetAIG
import ConvNetAIGTraining
import Datasets
import Foundation
import Terminal

/// `aig train`
struct TrainCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "train",
        abstract: "Train a network on labelled pictures, or fine-tune one, with gates that learn which blocks to run.",
        discussion: """
            The pictures are CIFAR-10's or CIFAR-100's files as published (binary, or for Python), or JPEG, PNG and WebP \
            files in class folders: train/CLASS/… and test/CLASS/… (or val, valid, validation, eval, dev), as a folder or an \
            archive. A picture's class is the first folder below train or test. Without a test folder, part of the \
            training pictures is held out to measure on. Pictures that are in no class folders take --labels: a file \
            of lines such as "NAME.jpg,CLASS", with commas, tabs, semicolons or spaces between.

            The run's folder gets best.safetensors and last.safetensors, which 'aig classify' takes, \
            checkpoint.safetensors, from which --resume continues, metrics.jsonl (a line for every epoch) and \
            curves.svg. A run that is interrupted (Ctrl-C, or SIGTERM) saves its state first and ends with exit status \
            130 or 143; resumed, it ends with the same weights as one that was not. A run that is killed loses the epoch \
            that it was in, or ten minutes of a long one; an epoch that was trained and not yet measured is not lost, but \
            measured first. --resume --epochs N goes on for longer than the run was begun for, N epochs in all. Pictures that cannot be read are named on standard error and \
            left out.

            A preset has settings that are known to work: \(presets). \
            A configuration file changes any of them, such as {"epochs": 50, "targetRates": 0.7}, and the options below \
            change some once more. A key that there is not is answered with those there are. Two that no preset has: \
            "sizes": {"0": 96, "20": 128} trains with pictures of 96 x 96 from epoch 0 on and of 128 x 128 from epoch 20 on, \
            counting from 0, and measures at the network's own size; "stochasticDepth": 0.2, for networks without gates, \
            leaves out the last block's branch for 20 % of the pictures, and those before it for fewer.

            Examples:
              aig train --architecture convnet-aig-cifar-20 --data cifar-10-batches-bin
              aig train --architecture convnet-aig-50 --data imagenet --output run \\
                        --weights resnet50.safetensors
              aig train --resume --output run
              aig train --resume --output run --epochs 60
            """)

    private static let presets = TrainingConfiguration.Preset.allCases.map(\.rawValue).joined(separator: ", ")

    @Option(
        help: ArgumentHelp(
            "Architecture: a name such as convnet-aig-cifar-20, or the path of a JSON file. The number of classes is "
                + "the data set's.", valueName: "name|json"))
    var architecture: String?

    @Option(
        help: ArgumentHelp("The pictures: a folder, or an archive (tar, also compressed, or zip).", valueName: "path"),
        completion: .file())
    var data: String?

    @Option(help: .labels, completion: .file())
    var labels: String?

    @Option(help: ArgumentHelp("The run's folder.", valueName: "folder"), completion: .directory)
    var output = "run"

    @Flag(help: "Continue the run in --output.")
    var resume = false

    @Option(
        help: ArgumentHelp(
            "Settings to start from, one of those above. (default: fine-tune with --weights, cifar-one-cycle for inputs "
                + "of 64 pixels at most, or else imagenet-paper)", valueName: "name"))
    var preset: String?

    @Option(
        help: ArgumentHelp("A JSON file of settings; what it leaves out is the preset's.", valueName: "file"),
        completion: .file(extensions: ["json"]))
    var config: String?

    @Option(
        help: ArgumentHelp(
            "Weights to start from, such as a trained ResNet's, whose gates begin open: safetensors, or a checkpoint "
                + "of PyTorch.", valueName: "file"),
        completion: .file(extensions: WeightsSource.fileExtensions))
    var weights: String?

    @Option(help: .key)
    var key: String?

    @Option(
        help: ArgumentHelp(
            "How often to go through all pictures. With --resume, how often in all: the run goes on to there, with the "
                + "learning rates of a run of that length.", valueName: "count"))
    var epochs: Int?

    @Option(help: ArgumentHelp("Pictures of a step.", valueName: "count"))
    var batch: Int?

    @Option(help: ArgumentHelp("Highest learning rate.", valueName: "number"))
    var learningRate: Double?

    @Option(
        help: ArgumentHelp(
            "Share of pictures that should run each block: a number, a list, or paper:T for the authors' schedules of "
                + "ResNet-50 and -101. Blocks with rate 1 get no gate, others get one. (default: the preset's; for "
                + "imagenet-paper the authors' with T = 0.5, and for networks without such a schedule 1 for each stage's "
                + "first block and the last one, and 0.6 for the others)", valueName: "rates"),
        transform: TargetRates.parse(argument:))
    var targetRates: TargetRates?

    @Option(help: ArgumentHelp("What everything random is drawn from.", valueName: "number"))
    var seed: UInt64?

    @Option(
        help: ArgumentHelp(
            "Share of the training pictures to measure on, where there are no test pictures; 0 does without. (default: "
                + "0.1)", valueName: "share"))
    var holdOut: Double?

    @Option(help: ArgumentHelp("Also write the curves here, as SVG.", valueName: "file"))
    var plot: String?

    @Option(help: .threads)
    var threads = DataLoader.defaultThreads

    @OptionGroup var readingOptions: ReadingOptions

    @Option(
        help: ArgumentHelp(
            "Means of red, green and blue, where white is 1. (default: those of --weights, or as is usual for the input)",
            valueName: "r,g,b"), transform: NumberList.ofColours)
    var mean: [Float]?

    @Option(
        help: ArgumentHelp("Standard deviations likewise.", valueName: "r,g,b"), transform: NumberList.ofColours
    )
    var std: [Float]?

    @OptionGroup var computing: DeviceOptions

    func validate() throws {
        if resume {
            let fixed: [(String, Bool)] = [
                ("--architecture", architecture != nil), ("--preset", preset != nil), ("--config", config != nil),
                ("--weights", weights != nil), ("--key", key != nil), ("--labels", labels != nil),
                ("--batch", batch != nil),
                ("--learning-rate", learningRate != nil), ("--target-rates", targetRates != nil),
                ("--seed", seed != nil), ("--hold-out", holdOut != nil), ("--mean", mean != nil), ("--std", std != nil),
                ("--strict", readingOptions.strict), ("--ignore-orientation", readingOptions.ignoreOrientation),
            ]
            if let (option, _) = fixed.first(where: { $0.1 }) {
                throw ValidationError("--resume goes on with the run's own settings; leave \(option) out.")
            }
        } else {
            if architecture == nil { throw ValidationError("Say which network to train: pass --architecture.") }
            if data == nil { throw ValidationError("Say where the pictures are: pass --data.") }
        }
        if threads < 1 { throw ValidationError("--threads is \(threads); give 1 or more.") }
        if let epochs, epochs < 1 { throw ValidationError("--epochs is \(epochs); give 1 or more.") }
        if let batch, batch < 1 { throw ValidationError("--batch is \(batch); give 1 or more.") }
        if let learningRate, !(learningRate > 0 && learningRate.isFinite) {
            throw ValidationError("--learning-rate is \(learningRate); give more than 0.")
        }
        if let holdOut, !(0..<1).contains(holdOut) {
            throw ValidationError("--hold-out is \(holdOut); give 0 or more, below 1.")
        }
        if let preset, TrainingConfiguration.Preset(rawValue: preset) == nil {
            throw ValidationError("There is no preset '\(preset.printable())'; there are \(Self.presets).")
        }
    }

    func run() throws {
        let plotFile = try plot.map { try OutputFile(path: $0, sources: [], option: "--plot") }
        // Whoever reads the progress may go before the run ends, as 'tee' does at Ctrl-C.
        signal(SIGPIPE, SIG_IGN)
        let run = try makeRun()
        let trainer = run.trainer
        DatasetOptions.tell(run.notes)
        Console.complain(
            "Training on \(run.images.training.counted("picture")), measured on "
                + "\(run.images.validation.counted("picture")), on \(run.deviceName)")
        let position = trainer.position
        if position.step > 0, position.epoch < trainer.configuration.epochs {
            Console.complain("Resuming in epoch \(position.epoch + 1), step \(position.stepInEpoch)")
        }
        let stop = StopRequest()
        stop.request(on: [SIGINT, SIGTERM])
        var bar = ProgressBar()
        var named: Set<ImageFailure> = []
        func nameFailures() {
            for failure in run.failures where named.insert(failure).inserted {
                Console.complain("Left out: \(failure)")
            }
        }
        defer {
            bar.end()
            nameFailures()
            ReadingOptions.tell(run.warnings)
        }
        let outcome = try trainer.run(stop: stop) { progress in
            bar.show(progress)
            if progress.finished != nil { nameFailures() }
        }
        if let plotFile { try plotFile.write(Array(CurvePlot(outcome.history).svg().utf8)) }
        guard outcome.isComplete else {
            bar.end()
            Console.complain("Stopped; 'aig train --resume --output \(output)' goes on.")
            throw ExitCode(stop.signal.map { 128 + $0 } ?? EXIT_FAILURE)
        }
        if let best = outcome.best {
            try Console.write(
                "Best: \(String(format: "%.2f", 100 * best.top1)) % after epoch \(best.epoch), in "
                    + trainer.folder.bestPath.printable()
            )
        } else {
            try Console.write("Done; the network is in \(trainer.folder.lastPath.printable())")
        }
    }

    private func makeRun() throws -> TrainingRun {
        let choice = try computing.choice()
        guard !resume, let architecture, let data else {
            do {
                return try TrainingRun.resume(
                    folder: output, dataPath: data, backend: choice, threads: threads, epochs: epochs)
            } catch let error as DatasetError where data == nil {
                throw CommandFailure("\(error). If the run's pictures have moved, pass --data with where they are.")
            }
        }
        let loaded = try Architecture.load(architecture, classes: nil)
        var plan = TrainingPlan(
            architecture: loaded, dataPath: data, configuration: try configuration(for: loaded), folder: output,
            backend: choice)
        plan.labelsPath = labels
        plan.reading = readingOptions.reading
        (plan.mean, plan.std) = (mean, std)
        plan.source = try DatasetOptions.source(data, labels: labels, options: plan.reading)
        if let holdOut { plan.heldOut = holdOut }
        plan.threads = threads
        let run = try TrainingRun(plan)
        let teacher = plan.configuration.distillation?.teacher
        // Who names a network need not be told that there are others.
        let initial = plan.configuration.initialWeightsKey == nil ? plan.configuration.initialWeights : nil
        for path in [initial, teacher].compactMap({ $0 }) {
            for note in try Weights.notes(of: path) { Console.warn("\(path): \(note)") }
        }
        return run
    }

    /// The preset, changed by the file, changed by the options.
    private func configuration(for architecture: Architecture) throws -> TrainingConfiguration {
        let isSmall = max(architecture.input.height, architecture.input.width) <= 64
        let usual: TrainingConfiguration.Preset =
            weights != nil ? .fineTune : isSmall ? .cifarOneCycle : .imageNetPaper
        // Presets are for networks with gates; others get some only if that is asked for.
        var configuration = TrainingConfiguration(
            preset.flatMap(TrainingConfiguration.Preset.init) ?? usual, for: architecture)
        if let config { configuration = try TrainingConfiguration(path: config, base: configuration) }
        if let epochs { configuration.epochs = epochs }
        if let batch { configuration.batch = batch }
        if let learningRate { configuration.learningRate = learningRate }
        if let targetRates { configuration.targetRates = targetRates }
        if let seed { configuration.seed = seed }
        if let weights { configuration.initialWeights = weights }
        if let key { configuration.initialWeightsKey = key }
        try configuration.validate()
        return configuration
    }
}
