import ConvNetAIG
import ConvNetAIGTraining
import Foundation
import TestSupport
import Testing

@Suite(.serialized, .timeLimit(.minutes(20))) struct TrainTests {
    /// What `aig evaluate --json` tells.
    private struct Evaluated: Decodable {
        let pictures: Int
        let top1: Double
        let executionRates: [Double]
    }

    private struct Classified: Decodable {
        struct ClassScore: Decodable { let name: String? }

        let classes: [ClassScore]
    }

    @Test(arguments: TrainingFixture.Layout.allCases)
    func learnsAndItsNetworksWork(_ layout: TrainingFixture.Layout) async throws {
        let fixture = try TrainingFixture(layout)
        let epochs = 6
        let outcome = try await AIGProcess.run(fixture.options("run", epochs: epochs))
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect(outcome.errors.contains("Training on 60 pictures, measured on 24 pictures, on "))
        for epoch in 1...epochs { #expect(outcome.errors.contains("epoch \(epoch)/\(epochs): loss ")) }
        #expect(!outcome.errors.contains("\r"))
        let files = try FileManager.default.contentsOfDirectory(atPath: fixture.path("run")).filter { $0 != ".lock" }
        #expect(
            files.sorted() == [
                "best.safetensors", "checkpoint.safetensors", "curves.svg", "last.safetensors", "metrics.jsonl",
            ])
        #expect(String(decoding: try fixture.bytes("run/curves.svg"), as: UTF8.self).contains("<svg"))

        let metrics = try fixture.metrics("run")
        #expect(metrics.map(\.epoch) == Array(1...epochs))
        #expect(metrics.allSatisfy { $0.images == 60 && $0.skipped == 0 && $0.executionRates.count == 3 })
        let (first, last) = (try #require(metrics.first), try #require(metrics.last))
        #expect(last.crossEntropy < 0.7 * first.crossEntropy)
        #expect(last.accuracy > first.accuracy)
        let accuracies = metrics.compactMap { $0.validation?.top1 }
        let best = try #require(accuracies.max())
        #expect(best > 0.8, "\(metrics)")
        #expect(outcome.output.hasPrefix("Best: \(String(format: "%.2f", 100 * best)) % after epoch "))
        #expect(outcome.output.contains(fixture.path("run/best.safetensors")))

        for name in ["best", "last"] {
            let evaluated = try await AIGProcess.run(
                "evaluate", "--weights", fixture.path("run/\(name).safetensors"), "--data", fixture.data, "--json",
                "--backend", TrainingFixture.backend)
            #expect(evaluated.status == 0, "\(evaluated.errors)")
            let report = try evaluated.decoded(Evaluated.self)
            let expected = name == "best" ? best : last.validation?.top1 ?? -1
            #expect(report.pictures == 24)
            // Sessions of other batch sizes differ in the last bits, which may decide an image.
            #expect(abs(report.top1 - expected) < 1.5 / 24)
        }
        guard layout == .folder else { return }
        let classified = try await AIGProcess.run(
            "classify", "--weights", fixture.path("run/best.safetensors"), "--json", "--backend",
            TrainingFixture.backend, fixture.path("pictures/test/green/1001.png"))
        #expect(classified.status == 0, "\(classified.errors)")
        let report = try #require(try classified.decoded([Classified].self).first)
        #expect(Set(report.classes.compactMap(\.name)) == Set(TrainingFixture.classes))
    }

    // MARK: Interruptions

    private static let longEpochs = 30

    /// A run that nothing interrupted. The others are of its images too.
    private static let uninterrupted = Task {
        let fixture = try TrainingFixture()
        let outcome = try await AIGProcess.run(fixture.options("whole", epochs: longEpochs))
        #expect(outcome.status == 0, "\(outcome.errors)")
        return fixture
    }

    /// Whether a run has come to what one came to that nothing interrupted.
    private func expectSame(_ output: String, _ fixture: TrainingFixture) throws {
        for name in ["last", "best"] {
            #expect(
                try fixture.bytes("\(output)/\(name).safetensors") == fixture.bytes("whole/\(name).safetensors"),
                "\(name)")
        }
        let (found, expected) = (try fixture.checkpoint(output), try fixture.checkpoint("whole"))
        #expect(found.position == expected.position)
        #expect(found.best == expected.best)
        #expect(found.state.weights == expected.state.weights)
        #expect(found.state.momentum == expected.state.momentum)
        let (metrics, whole) = (try fixture.metrics(output), try fixture.metrics("whole"))
        #expect(metrics.map(\.loss) == whole.map(\.loss))
        #expect(metrics.map(\.validation) == whole.map(\.validation))
    }

    @Test(arguments: [SIGINT, SIGTERM])
    func signalsSaveTheState(_ signal: Int32) async throws {
        let fixture = try await Self.uninterrupted.value
        let run = try AIGProcess.start(fixture.options("signal\(signal)", epochs: Self.longEpochs))
        try await run.waitForError(containing: "epoch 2/")
        run.send(signal)
        let stopped = try await run.outcome()
        #expect(stopped.status == 128 + signal, "\(stopped.errors)")
        #expect(stopped.output.isEmpty)
        #expect(stopped.errorCount == 0)
        let folder = fixture.path("signal\(signal)")
        #expect(stopped.errors.contains("'aig train --resume --output \(folder)' goes on"))
        let position = try fixture.checkpoint("signal\(signal)").position
        #expect(position.step >= 10 && position.epoch < Self.longEpochs)

        let resumed = try await AIGProcess.run(fixture.resuming("signal\(signal)"))
        #expect(resumed.status == 0, "\(resumed.errors)")
        #expect(resumed.errors.contains("Resuming in epoch \(position.epoch + 1), step \(position.stepInEpoch)"))
        #expect(resumed.output.hasPrefix("Best: "))
        try expectSame("signal\(signal)", fixture)
        // A run that is complete has nothing left to do.
        let again = try await AIGProcess.run(fixture.resuming("signal\(signal)"))
        #expect(again.status == 0 && again.output == resumed.output, "\(again.errors)")
        try expectSame("signal\(signal)", fixture)
    }

    @Test func killedTenTimesInARow() async throws {
        let fixture = try await Self.uninterrupted.value
        var steps: [Int] = []
        for round in 0..<10 {
            let isBegun = fixture.exists("killed/\(RunFolder.checkpointName)")
            let run = try AIGProcess.start(
                isBegun ? fixture.resuming("killed") : fixture.options("killed", epochs: Self.longEpochs))
            // By turns in an epoch that a run begins with, and in a later one.
            try await run.waitForError(containing: round % 2 == 0 ? "Training on " : ": loss ")
            try await Task.sleep(for: .milliseconds(Int.random(in: 0...100)))
            run.send(SIGKILL)
            let outcome = try await run.outcome()
            #expect(outcome.status == -SIGKILL || outcome.status == 0, "\(outcome.errors)")
            // What was saved is always whole.
            steps.append(try fixture.checkpoint("killed").position.step)
        }
        #expect(steps == steps.sorted())
        #expect(steps.last ?? 0 > 0)
        let outcome = try await AIGProcess.run(fixture.resuming("killed"))
        #expect(outcome.status == 0, "\(outcome.errors)")
        try expectSame("killed", fixture)
        // Nor do unfinished files of killed processes stay.
        let files = try FileManager.default.contentsOfDirectory(atPath: fixture.path("killed"))
        #expect(!files.contains { $0.hasSuffix(".tmp") }, "\(files)")
    }

    /// Longer than it was begun for, and that is remembered.
    @Test func goesOnForMoreEpochs() async throws {
        let fixture = try TrainingFixture()
        #expect(try await AIGProcess.run(fixture.options("run", epochs: 2)).status == 0)
        let lines = try fixture.bytes("run/metrics.jsonl")
        for epochs in ["1", "2"] {
            let done = try await AIGProcess.run(fixture.resuming("run") + ["--epochs", epochs])
            #expect(done.status == 1 && done.errorCount == 1, "\(done.errors)")
            #expect(done.errors.contains("has done 2 epochs already"), "\(done.errors)")
        }
        #expect(try fixture.bytes("run/metrics.jsonl") == lines)

        let run = try AIGProcess.start(fixture.resuming("run") + ["--epochs", "200"])
        try await run.waitForError(containing: "epoch 3/200")
        run.send(SIGINT)
        #expect(try await run.outcome().status == 128 + SIGINT)
        #expect(try fixture.checkpoint("run").configuration.epochs == 200)
        let done = try fixture.checkpoint("run").position.epoch
        let more = try AIGProcess.start(fixture.resuming("run"))
        try await more.waitForError(containing: "epoch \(done + 1)/200")
        more.send(SIGINT)
        #expect(try await more.outcome().status == 128 + SIGINT)

        // And fewer again, from where it is.
        let left = try fixture.checkpoint("run").position.epoch + 1
        let end = try await AIGProcess.run(fixture.resuming("run") + ["--epochs", "\(left)"])
        #expect(end.status == 0 && end.output.hasPrefix("Best: "), "\(end.errors)")
        #expect(try fixture.metrics("run").map(\.epoch) == Array(1...left))
        #expect(try fixture.bytes("run/metrics.jsonl").starts(with: lines))
    }

    @Test func imagesMayHaveMoved() async throws {
        let fixture = try TrainingFixture()
        let run = try AIGProcess.start(fixture.options("run", epochs: 1000))
        try await run.waitForError(containing: "epoch 1/")
        // Held by the run.
        let second = try await AIGProcess.run(fixture.resuming("run"))
        #expect(second.status == 1)
        #expect(second.errors.contains("Another process is training in \(fixture.path("run"))"), "\(second.errors)")
        run.send(SIGINT)
        #expect(try await run.outcome().status == 128 + SIGINT)

        let moved = fixture.path("moved")
        try FileManager.default.moveItem(atPath: fixture.data, toPath: moved)
        let lost = try await AIGProcess.run(fixture.resuming("run"))
        #expect(lost.status == 1)
        #expect(lost.errors.contains(fixture.data) && lost.errorCount == 1, "\(lost.errors)")
        let found = try AIGProcess.start(fixture.resuming("run") + ["--data", moved])
        try await found.waitForError(containing: ": loss ")
        found.send(SIGTERM)
        #expect(try await found.outcome().status == 128 + SIGTERM)

        // Other images are found out by their classes, or by their number.
        try FileManager.default.moveItem(atPath: moved + "/train/red", toPath: moved + "/train/rouge")
        try FileManager.default.moveItem(atPath: moved + "/test/red", toPath: moved + "/test/rouge")
        let renamed = try await AIGProcess.run(fixture.resuming("run") + ["--data", moved])
        #expect(renamed.status == 1)
        #expect(renamed.errors.contains("blue, green, red") && renamed.errors.contains("rouge"), "\(renamed.errors)")
        try FileManager.default.moveItem(atPath: moved + "/train/rouge", toPath: moved + "/train/red")
        try FileManager.default.moveItem(atPath: moved + "/test/rouge", toPath: moved + "/test/red")
        for number in 0..<20 {
            try FileManager.default.removeItem(atPath: moved + "/train/red/\(3 * number + 2).png")
            if number > 0 { try FileManager.default.removeItem(atPath: moved + "/train/blue/\(3 * number).png") }
        }
        let source = fixture.path("pictures.png")
        try FileManager.default.copyItem(atPath: moved + "/train/blue/0.png", toPath: source)
        try FileManager.default.copyItem(atPath: source, toPath: moved + "/train/red/0.png")
        let fewer = try await AIGProcess.run(fixture.resuming("run") + ["--data", moved])
        #expect(fewer.status == 1)
        #expect(fewer.errors.contains("The run had 5 steps in an epoch, and would have 1"), "\(fewer.errors)")
    }

    @Test func whoReadsTheProgressMayGo() async throws {
        let fixture = try TrainingFixture()
        let line = fixture.options("run", epochs: 4).map { "'\($0)'" }.joined(separator: " ")
        _ = try await AIGProcess.shell("\"$AIG\" \(line) 2>&1 | head -n 1")
        #expect(try fixture.checkpoint("run").position.epoch == 4)
    }

    // MARK: Full disks

    /// Runs where no file may have more than some bytes, to the block.
    private func limited(_ bytes: Int, _ arguments: [String]) async throws -> AIGProcess.Outcome {
        let line = arguments.map { "'\($0)'" }.joined(separator: " ")
        return try await AIGProcess.shell("ulimit -f \(bytes / 512); exec \"$AIG\" \(line)")
    }

    /// As a full disk is: files cannot grow beyond a limit, which networks keep and checkpoints do not. On the reference
    /// backend, since a driver that compiles has files of its own.
    @Test func fullDiskLosesNothingThatWasSaved() async throws {
        let fixture = try TrainingFixture()
        let options = { (name: String) in fixture.options(name, epochs: 4, backend: "reference") }
        let resuming = Array(fixture.resuming("run").dropLast()) + ["reference"]
        #expect(try await AIGProcess.run(options("whole")).status == 0)
        let network = try fixture.bytes("whole/last.safetensors").count
        let limit = (network + (try fixture.bytes("whole/checkpoint.safetensors").count)) / 2

        let nothing = try await limited(network / 2, options("none"))
        #expect(nothing.status == 1 && nothing.errorCount == 1, "\(nothing.errors)")
        let first = fixture.path("none/checkpoint.safetensors")
        #expect(nothing.errors.contains("The checkpoint \(first) cannot be written"), "\(nothing.errors)")

        let run = try AIGProcess.start(options("run"))
        try await run.waitForError(containing: "epoch 1/")
        run.send(SIGINT)
        #expect(try await run.outcome().status == 128 + SIGINT)
        let saved = try fixture.bytes("run/checkpoint.safetensors")
        for (size, file) in [(limit, "checkpoint"), (network / 2, "")] {
            let full = try await limited(size, resuming)
            #expect(full.status == 1 && full.errorCount == 1, "\(full.errors)")
            #expect(full.errors.contains(fixture.path("run/\(file)")), "\(full.errors)")
            #expect(full.errors.contains("cannot be written: "), "\(full.errors)")
            #expect(full.errors.contains("still there; make room and resume"), "\(full.errors)")
            #expect(try fixture.bytes("run/checkpoint.safetensors") == saved)
            let files = try FileManager.default.contentsOfDirectory(atPath: fixture.path("run"))
            #expect(!files.contains { $0.hasSuffix(".tmp") }, "\(files)")
        }
        let resumed = try await AIGProcess.run(resuming)
        #expect(resumed.status == 0, "\(resumed.errors)")
        try expectSame("run", fixture)
    }

    // MARK: Settings

    @Test func optionsBeforeFileBeforePreset() async throws {
        let fixture = try TrainingFixture()
        let file = try fixture.folder.file(
            "config.json",
            Array(
                """
                {"epochs": 7, "batch": 10, "learningRate": 0.03, "momentum": 0.5, "averageDecay": 0.9, "seed": 8,
                 "schedule": {"step": {"milestones": [3]}}}
                """.utf8))
        let outcome = try await AIGProcess.run(
            "train", "--architecture", fixture.architecture, "--data", fixture.data, "--output", fixture.path("run"),
            "--preset", "fine-tune", "--config", file, "--epochs", "2", "--learning-rate", "0.02", "--backend",
            TrainingFixture.backend)
        #expect(outcome.status == 0, "\(outcome.errors)")
        var expected = TrainingConfiguration(.fineTune)
        expected.epochs = 2
        expected.batch = 10
        expected.learningRate = 0.02
        expected.momentum = 0.5
        expected.averageDecay = 0.9
        expected.seed = 8
        expected.schedule = .step(StepDecay(milestones: [3]))
        let checkpoint = try fixture.checkpoint("run")
        #expect(checkpoint.configuration == expected)
        #expect(checkpoint.stepsPerEpoch == 6)
        #expect(!checkpoint.state.average.isEmpty)
    }

    @Test func usualPresets() async throws {
        let fixture = try TrainingFixture()
        let plain = fixture.options("plain", epochs: 2) + ["--architecture", fixture.plainArchitecture]
        #expect(try await AIGProcess.run(plain).status == 0)
        var expected = TrainingConfiguration(.cifarOneCycle, epochs: 2)
        (expected.batch, expected.learningRate, expected.seed) = (12, 0.1, 5)
        // There are no gates to train.
        expected.targetRates = nil
        #expect(try fixture.checkpoint("plain").configuration == expected)

        let weights = fixture.path("plain/best.safetensors")
        let tuned = try await AIGProcess.run(fixture.options("tuned", epochs: 1, ["--weights", weights]))
        #expect(tuned.status == 0, "\(tuned.errors)")
        expected = TrainingConfiguration(.fineTune, epochs: 1)
        (expected.batch, expected.learningRate, expected.seed) = (12, 0.1, 5)
        expected.initialWeights = weights
        #expect(try fixture.checkpoint("tuned").configuration == expected)
    }

    /// Networks above 64 pixels have ImageNet's settings, whatever the paper says of their blocks.
    @Test(arguments: [true, false], [nil, "cifar-paper", "imagenet-paper"])
    func settingsOfLargerNetworks(_ isGated: Bool, _ preset: String?) async throws {
        let fixture = try TrainingFixture()
        let json = """
            {"name": "large", "input": {"height": 66, "width": 66}, "blockKind": "basic", "classes": 3,
             "stem": {"channels": 4, "kernel": 7, "stride": 4, "maxPooling": true},
             "stages": [{"blocks": 2, "width": 4}, {"blocks": 2, "stride": 2, "width": 4}]
             \(isGated ? ", \"gateHidden\": 4" : "")}
            """
        let architecture = try fixture.folder.file("large.json", Array(json.utf8))
        let outcome = try await AIGProcess.run(
            fixture.options("run", epochs: 1, preset.map { ["--preset", $0] } ?? [])
                + ["--architecture", architecture])
        #expect(outcome.status == 0, "\(outcome.errors)")
        let configuration = try fixture.checkpoint("run").configuration
        #expect(configuration.targetRateWeight == (preset == "cifar-paper" ? 2 : 1))
        let rates = preset == "cifar-paper" ? TargetRates.all(0.6) : .perBlock([1, 0.6, 1, 1])
        #expect(configuration.targetRates == (isGated ? rates : nil))
        let again = try await AIGProcess.run(fixture.resuming("run") + ["--epochs", "2"])
        #expect(again.status == 0, "\(again.errors)")
    }

    /// Small images first, and branches left out by chance.
    @Test func sizesAndStochasticDepth() async throws {
        let fixture = try TrainingFixture()
        let file = try fixture.folder.file(
            "config.json", Array(#"{"sizes": {"0": 5, "2": 8}, "stochasticDepth": 0.3}"#.utf8))
        let options = ["--architecture", fixture.plainArchitecture, "--config", file]
        let outcome = try await AIGProcess.run(fixture.options("run", epochs: 4, options))
        #expect(outcome.status == 0, "\(outcome.errors)")
        let configuration = try fixture.checkpoint("run").configuration
        #expect(configuration.sizes == ImageSizes([0: 5, 2: 8]) && configuration.stochasticDepth == 0.3)
        let metrics = try fixture.metrics("run")
        #expect(metrics.count == 4 && metrics.allSatisfy { $0.images == 60 && $0.validation?.images == 24 })
        #expect(try Weights(path: fixture.path("run/best.safetensors")).architecture.input.height == 8)
    }

    /// A checkpoint of PyTorch is a beginning too; the classifier is for as many classes as the images have.
    @Test(arguments: [nil, "model"])
    func weightsOfPyTorch(_ key: String?) async throws {
        let fixture = try TrainingFixture()
        let weights = Fixtures.path("checkpoints/tiny-ema.pth")
        let outcome = try await AIGProcess.run(
            fixture.options("run", epochs: 1, ["--weights", weights, "--learning-rate", "0.0000001"])
                + (key.map { ["--key", $0] } ?? [])
                + ["--architecture", Fixtures.path("checkpoints/tiny.json")])
        #expect(outcome.status == 0, "\(outcome.errors)")
        // Who names one need not be told that there are others.
        #expect(
            outcome.errors.contains("Warning: \(weights): There are weights of several networks.") == (key == nil))
        let trained = try Weights(path: fixture.path("run/last.safetensors"))
        #expect(trained.classNames == TrainingFixture.classes)
        let original = try Weights(
            path: weights, architecture: Architecture.load(Fixtures.path("checkpoints/tiny.json")), key: key)
        for name in trained.names where name.hasSuffix("weight") && !name.hasPrefix("linear") {
            let largest = zip(try trained.floats(name), try original.floats(name)).map { abs($0 - $1) }.max()
            #expect(try #require(largest) < 1e-3, "\(name)")
        }
    }

    @Test func rateOneTakesTheGateAway() async throws {
        let fixture = try TrainingFixture()
        for (name, architecture, rates, gated) in [
            ("some", fixture.architecture, "1,0.5,1", [1]), ("others", fixture.plainArchitecture, "0.5,1,0.5", [0, 2]),
            ("all", fixture.plainArchitecture, "0.4", [0, 1, 2]),
        ] {
            let outcome = try await AIGProcess.run(
                fixture.options(name, epochs: 1, ["--target-rates", rates]) + ["--architecture", architecture])
            #expect(outcome.status == 0, "\(outcome.errors)")
            #expect(try Weights(path: fixture.path("\(name)/last.safetensors")).architecture.gatedBlocks == gated)
            #expect(try fixture.metrics(name).first?.executionRates.count == gated.count)
        }
    }

    @Test func plotGoesWhereItIsAskedFor() async throws {
        let fixture = try TrainingFixture()
        let plot = fixture.path("plot.svg")
        let outcome = try await AIGProcess.run(fixture.options("run", epochs: 2, ["--plot", plot]))
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect(try fixture.bytes("plot.svg") == fixture.bytes("run/curves.svg"))
    }

    // MARK: Images

    @Test func brokenImagesAreNamedAndLeftOut() async throws {
        let fixture = try TrainingFixture()
        let broken = ["train/red/broken.png", "test/blue/broken.jpg"]
        for path in broken { _ = try fixture.folder.file("pictures/" + path, [0x89, 0x50]) }
        let outcome = try await AIGProcess.run(fixture.options("run", epochs: 3))
        #expect(outcome.status == 0, "\(outcome.errors)")
        let lines = outcome.errors.split(separator: "\n")
        for path in broken {
            // Once, and not in every epoch.
            #expect(lines.count { $0.hasPrefix("Left out: ") && $0.contains(path) } == 1, "\(outcome.errors)")
        }
        let metrics = try fixture.metrics("run")
        #expect(metrics.allSatisfy { $0.validation?.skipped == 1 && $0.validation?.images == 24 })
        // 61 images make 5 steps: one is left over.
        #expect(metrics.allSatisfy { $0.images + $0.skipped == 60 && $0.skipped <= 1 })
    }

    @Test func everyImageBroken() async throws {
        let fixture = try TrainingFixture(hasTest: false)
        for label in TrainingFixture.classes {
            for name in try FileManager.default.contentsOfDirectory(atPath: fixture.path("pictures/\(label)")) {
                _ = try fixture.folder.file("pictures/\(label)/\(name)", [1])
            }
        }
        let outcome = try await AIGProcess.run(fixture.options("run"))
        #expect(outcome.status == 1)
        #expect(outcome.errors.contains("none of the 54 pictures can be read"), "\(outcome.errors)")
    }

    @Test func imagesAreHeldOutWhereNoneAreForTesting() async throws {
        let fixture = try TrainingFixture(hasTest: false)
        for (share, images, heldOut) in [(nil, 54, 6), ("0.25", 45, 15), ("0", 60, 0)] {
            let name = "run\(heldOut)"
            let outcome = try await AIGProcess.run(
                fixture.options(name, epochs: 1, share.map { ["--hold-out", $0] } ?? []))
            #expect(outcome.status == 0, "\(outcome.errors)")
            #expect(outcome.errors.contains("Training on \(images) pictures, measured on \(heldOut) pictures"))
            #expect(try fixture.metrics(name).first?.validation?.images ?? 0 == heldOut)
            #expect(fixture.exists("\(name)/best.safetensors") == (heldOut > 0))
            #expect(outcome.output.hasPrefix(heldOut > 0 ? "Best: " : "Done; the network is in \(fixture.path(name))"))
        }
    }

    // MARK: Fine-tuning

    @Test func gatesOfATrainedNetworkBeginOpen() async throws {
        let fixture = try TrainingFixture()
        let plain = try await AIGProcess.run(
            fixture.options("plain") + ["--architecture", fixture.plainArchitecture])
        #expect(plain.status == 0, "\(plain.errors)")
        let trained = fixture.path("plain/last.safetensors")
        // As torchvision calls them, and without a word on the network.
        let torchvision = fixture.path("torchvision.safetensors")
        let weights = try Weights(path: trained)
        try Safetensors.write(
            tensors: weights.names.map { name in
                let renamed = name.replacing(".shortcut.", with: ".downsample.").replacing("linear.", with: "fc.")
                return (renamed, try weights.tensor(name))
            }, to: torchvision)

        var losses: [Double] = []
        for (name, path) in [("own", trained), ("torchvision", torchvision)] {
            let outcome = try await AIGProcess.run(
                fixture.options(name, epochs: 2, ["--weights", path]) + ["--learning-rate", "1e-6"])
            #expect(outcome.status == 0, "\(outcome.errors)")
            let metrics = try #require(try fixture.metrics(name).first)
            let rate = metrics.executionRates.reduce(0, +) / 3
            #expect(abs(rate - 0.85) < 0.1, "\(metrics.executionRates)")
            #expect(metrics.accuracy > 0.7)
            // By argmax all of them are open.
            #expect(metrics.validation?.macShare == 1)
            losses.append(metrics.loss)
        }
        #expect(losses[0] == losses[1])
    }

    @Test func weightsOfAnotherNetwork() async throws {
        let fixture = try TrainingFixture()
        for (weights, fragment) in [
            (Fixtures.path("aig-cifar-8.safetensors"), "aig-cifar-8"), (fixture.path("missing"), "missing"),
            (fixture.architecture, "gated.json"),
        ] {
            let outcome = try await AIGProcess.run(fixture.options("run", ["--weights", weights]))
            #expect(outcome.status == 1)
            #expect(outcome.errorCount == 1 && outcome.errors.contains(fragment), "\(outcome.errors)")
            #expect(!fixture.exists("run"))
        }
    }

    // MARK: Backends

    @Test(.enabled(if: Fixtures.hasOpenCL, "there is no OpenCL device"))
    func backendsAgree() async throws {
        let fixture = try TrainingFixture()
        for backend in Fixtures.backends {
            let outcome = try await AIGProcess.run(fixture.options(backend, epochs: 2, backend: backend))
            #expect(outcome.status == 0, "\(outcome.errors)")
        }
        let (device, reference) = (try fixture.metrics("opencl"), try fixture.metrics("reference"))
        #expect(device.count == 2 && reference.count == 2)
        for (found, expected) in zip(device, reference) {
            #expect(abs(found.loss - expected.loss) < 2e-3 * expected.loss)
            #expect(abs(found.crossEntropy - expected.crossEntropy) < 2e-3 * expected.crossEntropy)
            #expect(abs(found.accuracy - expected.accuracy) < 1.5 / 60)
            #expect(found.learningRate == expected.learningRate)
            for (rate, other) in zip(found.executionRates, expected.executionRates) {
                #expect(abs(rate - other) < 2.5 / 60)
            }
            let (top1, other) = (found.validation?.top1 ?? -1, expected.validation?.top1 ?? -2)
            #expect(abs(top1 - other) < 1.5 / 24)
        }
    }

    // MARK: Mistakes

    @Test func mistakes() async throws {
        let fixture = try TrainingFixture()
        let output = fixture.path("run")
        let (network, data) = (["--architecture", fixture.architecture], ["--data", fixture.data])
        let usual = network + data
        func config(_ text: String) throws -> [String] {
            usual + ["--config", try fixture.folder.file("\(UUID().uuidString).json", Array(text.utf8))]
        }
        let (empty, single, loose) = (fixture.path("empty"), fixture.path("single"), fixture.path("loose"))
        for folder in [empty, single + "/train/cat", loose] { try TrainingFixture.makeFolder(folder) }
        _ = try fixture.folder.file("single/train/cat/1.png", [1])
        _ = try fixture.folder.file("loose/1.png", [1])
        let cases: [(arguments: [String], status: Int32, fragments: [String])] = [
            (data, 64, ["--architecture"]), (network, 64, ["--data"]), ([], 64, ["--architecture"]),
            (usual + ["--preset", "perhaps"], 64, ["perhaps", "fine-tune"]),
            (usual + ["--epochs", "0"], 64, ["--epochs"]), (usual + ["--epochs", "many"], 64, ["--epochs", "many"]),
            (usual + ["--batch", "-1"], 64, ["--batch"]), (usual + ["--batch=0"], 64, ["--batch"]),
            (usual + ["--learning-rate", "0"], 64, ["--learning-rate"]),
            (usual + ["--learning-rate", "nan"], 64, ["--learning-rate"]),
            (usual + ["--threads", "0"], 64, ["--threads"]),
            (usual + ["--hold-out", "1"], 64, ["--hold-out"]), (usual + ["--hold-out=-0.1"], 64, ["--hold-out"]),
            (usual + ["--target-rates", "1.5"], 64, ["--target-rates", "1.5"]),
            (usual + ["--target-rates", "half"], 64, ["--target-rates", "half"]),
            (usual + ["--target-rates", "0.5,0.5"], 1, ["2 target rates", "3 blocks"]),
            (usual + ["--target-rates", "1"], 1, ["target rates of 1"]),
            (usual + ["--target-rates", "paper:0.5"], 1, ["ResNet-50"]),
            (usual + ["--backend", "abacus"], 64, ["abacus"]), (usual + ["--surprise"], 64, ["--surprise"]),
            (["--resume", "--epochs", "3"], 1, [output, "checkpoint.safetensors"]),
            (["--resume", "--epochs", "0"], 64, ["--epochs"]),
            (["--resume", "--batch", "3"], 64, ["--resume", "--batch"]),
            (["--resume", "--hold-out", "0.2"], 64, ["--resume", "--hold-out"]),
            (["--resume"] + network, 64, ["--resume", "--architecture"]),
            (["--resume", "--target-rates", "0.5"], 64, ["--target-rates"]),
            (["--resume"], 1, [output, "checkpoint.safetensors"]),
            (["--architecture", "resnet-7"] + data, 1, ["resnet-7"]),
            (["--architecture", fixture.path("none.json")] + data, 1, ["none.json"]),
            (network + ["--data", fixture.path("nowhere")], 1, ["nowhere", "no such file"]),
            (network + ["--data", empty], 1, [empty, "no pictures", "CLASS/NAME.jpg"]),
            (network + ["--data", loose], 1, [loose, "no pictures"]),
            (network + ["--data", single], 1, [single, "one class", "cat"]),
            (network + ["--data", fixture.architecture], 1, ["gated.json", "tar archive"]),
            (try config(#"{"epoch": 3}"#), 1, ["epoch", "epochs, batch"]),
            (try config(#"{"batch": "12"}"#), 1, ["batch", "whole number"]),
            (try config(#"{"targetRates": [2]}"#), 1, ["targetRates", "2.0"]),
            (try config(#"{"sizes": {"-1": 8}}"#), 1, ["sizes", "epoch -1"]),
            (try config(#"{"sizes": {"0": 8, "20": 8.5}}"#), 1, ["sizes.20", "whole number"]),
            (try config(#"{"sizes": {"20": 10000000}}"#), 1, ["sizes.20", "10000000"]),
            (try config(#"{"stochasticDepth": 1}"#), 1, ["stochasticDepth"]),
            (try config(#"{"stochasticDepth": 0.5}"#), 1, ["stochasticDepth", "without gates"]),
            (try config(#"{"epochs": 3"#), 1, ["JSON"]),
            (try config(#"{"augmentation": {"cropAndFlip": {"padding": 8}}}"#), 1, ["padding 8"]),
            (try config(#"{"distillation": {}}"#), 1, ["distillation.teacher", "file of weights"]),
            (try config(#"{"distillation": {"teacher": "/no/teacher"}}"#), 1, ["/no/teacher"]),
            (usual + ["--config", fixture.path("none.json")], 1, ["none.json"]),
            (usual + ["--plot", fixture.path("no/plot.svg")], 1, ["no/plot.svg"]),
        ]
        for (arguments, status, fragments) in cases {
            let outcome = try await AIGProcess.run(
                ["train", "--output", output]
                    + (arguments.contains("--backend") ? [] : ["--backend", "reference"]) + arguments)
            #expect(outcome.status == status, "\(arguments): \(outcome.errors)")
            #expect(outcome.errorCount == 1, "\(arguments): \(outcome.errors)")
            for fragment in fragments {
                #expect(outcome.errors.contains(fragment), "'\(fragment)' is not in: \(outcome.errors)")
            }
            #expect(outcome.output.isEmpty)
            // What cannot begin leaves nothing behind.
            #expect(!fixture.exists("run"), "\(arguments)")
        }
    }

    @Test func foldersThatCannotBeUsed() async throws {
        let fixture = try TrainingFixture()
        _ = try fixture.folder.file("file", [1])
        let file = try await AIGProcess.run(fixture.options("file", epochs: 1))
        #expect(file.status == 1 && file.errorCount == 1, "\(file.errors)")
        #expect(file.errors.contains("\(fixture.path("file")) cannot be used"), "\(file.errors)")

        #expect(try await AIGProcess.run(fixture.options("run", epochs: 1)).status == 0)
        let saved = try fixture.bytes("run/checkpoint.safetensors")
        let again = try await AIGProcess.run(fixture.options("run", epochs: 1))
        #expect(again.status == 1 && again.errorCount == 1)
        #expect(again.errors.contains("There is a training run in \(fixture.path("run")) already"), "\(again.errors)")
        #expect(try fixture.bytes("run/checkpoint.safetensors") == saved)

        _ = try fixture.folder.file("run/checkpoint.safetensors", Array(saved.dropLast(1)))
        let cut = try await AIGProcess.run(fixture.resuming("run"))
        #expect(cut.status == 1 && cut.errorCount == 1)
        #expect(cut.errors.contains("is damaged"), "\(cut.errors)")
        _ = try fixture.folder.file("run/checkpoint.safetensors", Array(try fixture.bytes("run/last.safetensors")))
        let weights = try await AIGProcess.run(fixture.resuming("run"))
        #expect(weights.status == 1 && weights.errors.contains("is not a checkpoint"), "\(weights.errors)")
    }
}
