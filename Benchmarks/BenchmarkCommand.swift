import ArgumentParser
import ConvNetAIG
import ConvNetAIGModels
import Foundation
import OpenCL
import Terminal

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

            With --memory, it is measured how long a process takes to start and run one image, and its memory.

            Benchmarks/publish measures all of it and writes a page.
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

    @Flag(help: "Start and memory of a process (--models, or cifar-20 and 50; --batch for planned memory, or 1,64).")
    var memory = false

    @Flag(help: "Time the adaptive networks with every block run as well.")
    var dense = false

    @Option(
        help: "The device: an index or a part of its name. (default: AIG_DEVICE, or else a GPU before a CPU)")
    var device: String?

    @Flag(
        help: ArgumentHelp(
            "Every OpenCL driver of the processor, in turns. Benchmarks/run installs Intel's for that, into .build-intel."
        ))
    var allRuntimes = false

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

    @Option(help: "Write the tables to this file as well, in Markdown.")
    var markdown: String?

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
        guard !memory || (rate == nil && targets == nil && !peers && !dense && !training && !scaling) else {
            throw ValidationError(
                "--memory runs every block once, so --rate, --targets, --peers, --dense, --training and --scaling have no "
                    + "meaning with it.")
        }
        guard !allRuntimes || (!training && !memory && !scaling && !peers && device == nil) else {
            throw ValidationError(
                "--all-runtimes compares ResNets and adaptive networks on all drivers, so --device, --training, --memory, "
                    + "--scaling and --peers have no meaning with it.")
        }
        guard !scaling || (models == nil && rate == nil && targets == nil && !peers && !dense) else {
            throw ValidationError(
                "--scaling has networks of its own, so --models, --rate, --targets, --peers and --dense have "
                    + "no meaning with it.")
        }
    }

    func run() throws {
        DriverThreads.bindToCores()
        var budget = quick ? TimeBudget.quick : .standard
        if let seconds { budget.secondsPerNetwork = seconds }
        for path in [json, markdown].compactMap({ $0 }) { try ResultFile(path: path).check() }
        let images: ImageSource =
            images.isEmpty ? .synthetic(seed: seed) : .given(try images.map { try Image(contentsOf: $0) })

        let found = try Device.discover()
        let runtime = try OpenCLRuntime(device: found.selectFastest(device))
        let others = allRuntimes ? found.devices.filter { $0.type == .cpu && $0 != runtime.device } : []
        guard others.isEmpty || runtime.device.type == .cpu else {
            throw ValidationError("--all-runtimes is for drivers of the processor, and \(runtime.device) is none.")
        }
        for problem in found.problems { Console.warn("\(problem)") }
        let conditions = Conditions(
            runtime: runtime, otherRuntimes: try others.map { try OpenCLRuntime(device: $0) }, scheduling: schedule,
            images: images, budget: budget, seed: seed)
        if training {
            try runTraining(conditions)
        } else if scaling {
            try runScaling(conditions)
        } else if memory {
            try runMemory(conditions)
        } else {
            let models =
                try self.models ?? ArgumentLists.models(quick ? "cifar-20,50" : "cifar-20,cifar-110,50,101")
            try peers ? runPeers(models, conditions) : runLatency(models, conditions)
        }
    }

    /// Prints and writes the results. Each step is done even if another fails: the reader of the table may hang up, or
    /// a file's disk may be full.
    private func finish(_ results: [some Encodable], _ report: BenchmarkReport) throws {
        let steps = [
            Result { if let json { try ResultFile(path: json).write(results) } },
            Result { if let markdown { try ResultFile(path: markdown).write(report.markdown) } },
            Result { try Console.write(report.text) },
        ]
        for step in steps { try step.get() }
    }

    private func runLatency(_ models: [BenchmarkModel], _ conditions: Conditions) throws {
        let batches = batch ?? (quick ? [1, 8] : [1, 8, 32])
        var results = LatencyResults()
        let progress = ProgressLine(steps: models.count * batches.count)
        defer { progress.clear() }
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
                let match = LatencyMatch(conditions: conditions, batch: batch)
                let result = try match.run(plain: plain, adaptive: adaptive, routes: routes)
                results.rows += result.rows
                results.omissions += result.omissions
            }
        }
        progress.clear()
        guard !results.rows.isEmpty else { throw NothingMeasured(omissions: results.omissions) }
        try finish(results.rows.map(\.result), LatencyReport(conditions: conditions, results: results).report)
    }

    private func runPeers(_ models: [BenchmarkModel], _ conditions: Conditions) throws {
        let folder = try TemporaryFolder()
        let process = try PeerProcess(threads: conditions.peerThreads, folder: folder.url)
        let batches = { (model: BenchmarkModel) in batch ?? (model.isCIFAR ? [1, 128] : [1, 8]) }
        var results: [PeerResult] = []
        let progress = ProgressLine(steps: models.map { batches($0).count }.reduce(0, +))
        defer { progress.clear() }
        for model in models {
            let routes = model.routes(rate: rate, targets: targets, seed: seed)
            let plain = try weights(of: model.plain)
            let adaptive = try model.adaptive.map { try weights(of: $0) }
            for batch in batches(model) {
                progress.next("\((model.adaptive ?? model.plain).name) against peers, batch \(batch)")
                let match = PeerMatch(conditions: conditions, batch: batch, process: process, folder: folder.url)
                results += try match.run(plain: plain, adaptive: adaptive, routes: routes)
            }
        }
        progress.clear()
        try finish(
            results, PeerReport(conditions: conditions, versions: process.versions, results: results).report)
    }

    private func runScaling(_ conditions: Conditions) throws {
        let all = try ScalingSeries.all(quick: quick, batches: batch)
        let match = ScalingMatch(conditions: conditions)
        var results: [[ScalingResult]] = []
        var omissions: [String] = []
        let progress = ProgressLine(steps: all.count)
        defer { progress.clear() }
        for series in all {
            progress.next(series.title)
            let outcome = try match.run(series)
            results.append(outcome.results)
            omissions += outcome.omissions
        }
        progress.clear()
        guard results.contains(where: { !$0.isEmpty }) else { throw NothingMeasured(omissions: omissions) }
        try finish(
            results.flatMap { $0 },
            ScalingReport(conditions: conditions, results: results, omissions: omissions).report)
    }

    private func runTraining(_ conditions: Conditions) throws {
        let architectures = try (models ?? ArgumentLists.models("cifar-20")).flatMap { model in
            [model.plain] + [model.adaptive].compactMap { $0 }
        }
        let batches = batch ?? [128]
        let folder = try TemporaryFolder()
        let process = try peers ? PeerProcess(threads: conditions.peerThreads, folder: folder.url) : nil
        var results: [TrainingResult] = []
        let progress = ProgressLine(steps: architectures.count * batches.count)
        defer { progress.clear() }
        for architecture in architectures {
            for batch in batches {
                progress.next("training \(architecture.name), batch \(batch)")
                results += try TrainingMatch(
                    conditions: conditions, batch: batch, process: process, folder: folder.url
                ).run(architecture)
            }
        }
        progress.clear()
        try finish(results, TrainingReport(conditions: conditions, results: results).report)
    }

    private func runMemory(_ conditions: Conditions) throws {
        let architectures = try (models ?? ArgumentLists.models(quick ? "cifar-20" : "cifar-20,50")).map { model in
            model.adaptive ?? model.plain
        }
        let folder = try TemporaryFolder()
        let match = MemoryMatch(conditions: conditions, program: try MemoryMatch.program(), folder: folder.url)
        var results: [MemoryResult] = []
        let progress = ProgressLine(steps: architectures.count)
        defer { progress.clear() }
        for architecture in architectures {
            progress.next("starts and memory of \(architecture.name)")
            results += try match.run(try weights(of: architecture), batches: batch ?? [1, quick ? 8 : 64])
        }
        progress.clear()
        try finish(results, MemoryReport(conditions: conditions, results: results).report)
    }

    /// The library's trained weights, or random ones.
    private func weights(of architecture: Architecture) throws -> Weights {
        if let model = EmbeddedModel(architecture: architecture) { return try model.weights() }
        return Weights.random(for: architecture, seed: seed)
    }
}

extension Scheduling: ExpressibleByArgument {}

/// No network could be run at any of the batch sizes.
struct NothingMeasured: Error, CustomStringConvertible {
    let omissions: [String]

    var description: String {
        "nothing could be measured:\n" + omissions.map { "  " + $0 }.joined(separator: "\n")
    }
}

/// A folder for files that go to the peers; it is removed with this object.
private final class TemporaryFolder {
    let url: URL

    init() throws {
        url = FileManager.default.temporaryDirectory.appendingPathComponent("aig-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(at: url) }
}
