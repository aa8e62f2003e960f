import ArgumentParser
import ConvNetAIG
import ConvNetAIGModels
import Foundation
import OpenCL

@main
struct BenchmarkCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "aig-benchmark",
        abstract:
            "Times ResNets against the adaptive networks (ConvNet-AIG) of the same depth, on one device.",
        discussion: """
            Weights are random where no trained ones come with the library: routes are drawn at given rates \
            then, and cost what the routes of a network trained to these rates would. The default takes some \
            minutes; --quick takes seconds.

            With --peers, ONNX Runtime and PyTorch run the same networks on the same routes, in turns with \
            ours. Benchmarks/run installs them into .build-peers.

            With --training, training steps are timed instead, with --peers in turns with PyTorch's.

            With --scaling, ResNets of growing batch, depth and input size show whether time and memory grow \
            faster than the multiply-accumulates.
            """)

    @Option(
        help: ArgumentHelp(
            "Comma-separated networks: convnet-aig-50, or 50 for short, with its ResNet; resnet-50 by "
                + "itself. (default: cifar-20,cifar-110,50,101; with --quick cifar-20,50)",
            valueName: "names"),
        transform: ArgumentLists.models)
    var models: [BenchmarkModel]?

    @Option(
        help: ArgumentHelp(
            "Comma-separated batch sizes. (default: 1,8,32; with --peers 1,8, or 1,128 for CIFAR)",
            valueName: "sizes"),
        transform: ArgumentLists.batches)
    var batch: [Int]?

    @Option(
        help: "Draw routes at this one rate for all gated blocks, whatever the network.",
        transform: ArgumentLists.rate)
    var rate: Float?

    @Option(
        help: ArgumentHelp(
            "Comma-separated target rates t for the paper's schedules of depth 50 and 101. (default: "
                + "0.5 for 50, 0.3,0.5 for 101)", valueName: "rates"),
        transform: ArgumentLists.rates)
    var targets: [Float]?

    @Flag(help: "Compare with ONNX Runtime and PyTorch, taking turns.")
    var peers = false

    @Flag(help: "Training steps (--models, or cifar-20; --batch, or 128).")
    var training = false

    @Flag(help: "Time and memory over batch (--batch, or 1 to 64), depth and input size.")
    var scaling = false

    @Flag(help: "Time the adaptive networks with every block run as well.")
    var dense = false

    @Option(
        help: "The device: an index or a part of its name. (default: AIG_DEVICE, or else a GPU before a CPU)")
    var device: String?

    @Option(help: "Who looks at the gates' decisions.")
    var schedule: Scheduling = .automatic

    @Option(
        parsing: .upToNextOption,
        help: "JPEG, PNG or WebP pictures to run on, instead of synthetic ones.")
    var images: [String] = []

    @Option(
        help: "Seconds to spend on each network at each batch size. (default: 2, or 0.7 with --quick)",
        transform: ArgumentLists.seconds)
    var seconds: Double?

    @Option(help: "Seed of routes, weights and synthetic pictures.")
    var seed: UInt64 = 0

    @Flag(
        help: ArgumentHelp(
            "CIFAR-20 and 50 only, at batch 1 and 8, with few runs; with --peers at its batches; with "
                + "--scaling some of its rows."))
    var quick = false

    @Option(help: "Write the figures to this file as well.")
    var json: String?

    func validate() throws {
        guard rate == nil || targets == nil else {
            throw ValidationError(
                "--rate replaces the paper's schedules, so --targets has no meaning with it.")
        }
        guard !peers || !dense else {
            throw ValidationError(
                "--peers times the dense networks anyway, so --dense has no meaning with it.")
        }
        guard !training || (rate == nil && targets == nil && !dense && images.isEmpty && !scaling) else {
            throw ValidationError(
                "--training has neither routes nor pictures to choose, so --rate, --targets, --dense, --images and "
                    + "--scaling have no meaning with it.")
        }
        guard !scaling || (models == nil && rate == nil && targets == nil && !peers && !dense) else {
            throw ValidationError(
                "--scaling has networks of its own, so --models, --rate, --targets, --peers and --dense have "
                    + "no meaning with it.")
        }
    }

    func run() throws {
        DriverThreads.bindToCores()
        let models =
            try self.models ?? ArgumentLists.models(quick ? "cifar-20,50" : "cifar-20,cifar-110,50,101")
        var budget = quick ? TimeBudget.quick : .standard
        if let seconds { budget.secondsPerNetwork = seconds }
        let file = json.map { ResultFile(path: $0) }
        try file?.check()
        let pictures: PictureSource =
            images.isEmpty ? .synthetic(seed: seed) : .given(try images.map { try Image(contentsOf: $0) })

        let found = try Device.discover()
        let runtime = try OpenCLRuntime(device: found.select(device))
        for problem in found.problems {
            try? FileHandle.standardError.write(contentsOf: Data("Warning: \(problem)\n".utf8))
        }
        let date = Date()
        if training {
            try runTraining(on: runtime, date, budget, file)
            return
        }
        if scaling {
            try runScaling(on: runtime, date, pictures, budget, file)
            return
        }
        if peers {
            try runPeers(models, on: runtime, date, pictures, budget, file)
            return
        }
        let batches = batch ?? (quick ? [1, 8] : [1, 8, 32])
        let results = try measure(models, batches, on: runtime, pictures, budget)
        guard !results.rows.isEmpty else { throw NothingMeasured(omissions: results.omissions) }
        // Each in spite of the other: whoever reads the table may hang up, and the file's disk may be full.
        let written = Result { try file?.write(results.rows.map(\.result)) }
        print(
            Report(
                device: runtime.device, date: date, scheduling: schedule, pictures: pictures, seed: seed,
                results: results
            ).text)
        try written.get()
    }

    private func runScaling(
        on runtime: OpenCLRuntime, _ date: Date, _ pictures: PictureSource, _ budget: TimeBudget,
        _ file: ResultFile?
    ) throws {
        let all = try ScalingSeries.all(quick: quick, batches: batch)
        let match = ScalingMatch(
            runtime: runtime, scheduling: schedule, pictures: pictures, budget: budget, seed: seed)
        var results: [[ScalingResult]] = []
        var omissions: [String] = []
        do {
            var progress = ProgressLine(steps: all.count)
            defer { progress.end() }
            for series in all {
                progress.next(series.title)
                let outcome = try match.run(series)
                results.append(outcome.results)
                omissions += outcome.omissions
            }
        }
        guard results.contains(where: { !$0.isEmpty }) else { throw NothingMeasured(omissions: omissions) }
        let written = Result { try file?.write(results.flatMap { $0 }) }
        print(
            ScalingReport(
                device: runtime.device, date: date, pictures: pictures, seed: seed, results: results,
                omissions: omissions
            ).text)
        try written.get()
    }

    private func runTraining(
        on runtime: OpenCLRuntime, _ date: Date, _ budget: TimeBudget, _ file: ResultFile?
    ) throws {
        let architectures = try (models ?? ArgumentLists.models("cifar-20")).flatMap { model in
            [model.plain] + [model.adaptive].compactMap { $0 }
        }
        let batches = batch ?? [128]
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("aig-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let device = runtime.device
        let threads =
            device.type == .cpu ? device.computeUnits : ProcessInfo.processInfo.activeProcessorCount
        let process = try peers ? PeerProcess(threads: threads, folder: folder) : nil
        var results: [TrainingResult] = []
        do {
            var progress = ProgressLine(steps: architectures.count * batches.count)
            defer { progress.end() }
            for architecture in architectures {
                for batch in batches {
                    progress.next("training \(architecture.name), batch \(batch)")
                    results += try TrainingMatch(
                        runtime: runtime, budget: budget, batch: batch, seed: seed, process: process, folder: folder
                    ).run(architecture)
                }
            }
        }
        let written = Result { try file?.write(results) }
        print(TrainingReport(device: device, date: date, seed: seed, results: results).text)
        try written.get()
    }

    private func runPeers(
        _ models: [BenchmarkModel], on runtime: OpenCLRuntime, _ date: Date, _ pictures: PictureSource,
        _ budget: TimeBudget, _ file: ResultFile?
    ) throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("aig-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let device = runtime.device
        let threads =
            device.type == .cpu ? device.computeUnits : ProcessInfo.processInfo.activeProcessorCount
        let process = try PeerProcess(threads: threads, folder: folder)
        let results = try measurePeers(models) { batch in
            PeerMatch(
                runtime: runtime, scheduling: schedule, pictures: pictures, budget: budget, batch: batch,
                process: process, threads: threads, folder: folder)
        }
        let written = Result { try file?.write(results) }
        print(
            PeerReport(
                device: device, date: date, scheduling: schedule, pictures: pictures, seed: seed,
                versions: process.versions, threads: threads, results: results
            ).text)
        try written.get()
    }

    private func measurePeers(
        _ models: [BenchmarkModel], match: (_ batch: Int) -> PeerMatch
    ) throws -> [PeerResult] {
        let batches = { (model: BenchmarkModel) in batch ?? (model.isCIFAR ? [1, 128] : [1, 8]) }
        var results: [PeerResult] = []
        var progress = ProgressLine(steps: models.map { batches($0).count }.reduce(0, +))
        defer { progress.end() }
        for model in models {
            let routes = model.routes(rate: rate, targets: targets, seed: seed)
            let plain = try weights(of: model.plain)
            let adaptive = try model.adaptive.map { try weights(of: $0) }
            for batch in batches(model) {
                progress.next("\((model.adaptive ?? model.plain).name) against peers, batch \(batch)")
                results += try match(batch).run(plain: plain, adaptive: adaptive, routes: routes)
            }
        }
        return results
    }

    private func measure(
        _ models: [BenchmarkModel], _ batches: [Int], on runtime: OpenCLRuntime, _ pictures: PictureSource,
        _ budget: TimeBudget
    ) throws -> ResultSet {
        var results = ResultSet()
        var progress = ProgressLine(steps: models.count * batches.count)
        defer { progress.end() }
        for model in models {
            let routes =
                model.routes(rate: rate, targets: targets, seed: seed)
                + (dense && model.adaptive != nil ? [.dense] : [])
            // Here and not before: the weights of one model at a time.
            let plain = try weights(of: model.plain)
            let adaptive = try model.adaptive.map { try weights(of: $0) }
            for batch in batches {
                let opponent = model.adaptive.map { " against \($0.name)" } ?? ""
                progress.next("\(model.plain.name)\(opponent), batch \(batch)")
                let match = Match(
                    runtime: runtime, scheduling: schedule, pictures: pictures, budget: budget, batch: batch)
                let result = try match.run(plain: plain, adaptive: adaptive, routes: routes)
                results.rows += result.rows
                results.omissions += result.omissions
            }
        }
        return results
    }

    /// The library's own, or random ones.
    private func weights(of architecture: Architecture) throws -> Weights {
        if let model = EmbeddedModel(architecture: architecture) { return try model.weights() }
        return Weights.random(for: architecture, seed: seed)
    }
}
