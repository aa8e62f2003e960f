import ArgumentParser
import Foundation

/// Gives damaged files to every reader of other people's files, and watches what becomes of it: no crash, no input that takes
/// over ten seconds, none that takes over a gigabyte. `Tests/fuzz` builds it with AddressSanitizer and runs it.
@main
struct AIGFuzz: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "aig-fuzz",
        abstract: "Give damaged files to the readers of pictures, archives, weights and tables.")

    @Option(help: "Only this kind.")
    var kind: FuzzKind?

    @Option(help: "Inputs in all. (default: as many as there is time for)")
    var count: Int?

    @Option(help: "Seconds in all.")
    var seconds: Double = 60

    @Option(help: "What damage is drawn from.")
    var seed: UInt64 = 1

    @Option(help: "Give just this input of --kind, in this process, to see what becomes of it.")
    var index: Int?

    @Option(help: "Where inputs that did harm are written.")
    var output = "fuzz-failures"

    @Option(help: "The folder of the tests' fixtures.")
    var fixtures = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("Fixtures").path

    /// Set where this process is a worker: the file of its status.
    @Option(help: .hidden)
    var worker: String?

    private static let longestMilliseconds = 10_000
    private static let largestMemory = 1 << 30

    func validate() throws {
        if index != nil || worker != nil, kind == nil { throw ValidationError("--index takes --kind.") }
        if let count, count < 1 { throw ValidationError("--count is \(count); give 1 or more.") }
    }

    func run() throws {
        if let worker, let kind { return try work(kind, FuzzStatus(worker)) }
        if let index, let kind {
            let bytes = try Mutator(kind, samples: FuzzSamples.samples(kind, fixtures: fixtures))
                .input(seed: seed, index: index)
            let folder = temporary()
            defer { try? FileManager.default.removeItem(atPath: folder) }
            print("\(bytes.count) bytes,", try FuzzReader(kind, folder: folder).read(bytes) ? "read" : "refused")
            return
        }
        let kinds = kind.map { [$0] } ?? FuzzKind.allCases
        var failures = 0
        for kind in kinds {
            let share = count.map { max($0 / kinds.count, 1) }
            failures += try watch(kind, count: share, seconds: count == nil ? seconds / Double(kinds.count) : nil)
        }
        guard failures == 0 else {
            print("\(failures) failed; the inputs are in \(output)")
            throw ExitCode.failure
        }
    }

    private func temporary() -> String {
        FileManager.default.temporaryDirectory.path + "/aig-fuzz-" + UUID().uuidString
    }

    // MARK: The worker

    /// Reads inputs from --index on until it is ended.
    private func work(_ kind: FuzzKind, _ status: FuzzStatus) throws {
        let mutator = Mutator(kind, samples: try FuzzSamples.samples(kind, fixtures: fixtures))
        let folder = (worker ?? "") + "-files"
        let reader = try FuzzReader(kind, folder: folder)
        var next = index ?? 0
        let end = count.map { next + $0 } ?? .max
        while next < end {
            let bytes = mutator.input(seed: seed, index: next)
            status.index = next
            let start = ContinuousClock.now
            if reader.read(bytes) { status.readCount += 1 }
            let milliseconds = Int((ContinuousClock.now - start) / .milliseconds(1))
            if milliseconds > status.longest { (status.longest, status.slowest) = (milliseconds, next) }
            var usage = rusage()
            getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
            // In kilobytes, and never less than it was.
            status.peak = Int(usage.ru_maxrss) << 10
            guard status.peak <= Self.largestMemory else { throw ExitCode(Self.memoryStatus) }
            next += 1
        }
        status.index = next
    }

    private static let memoryStatus: Int32 = 77

    // MARK: The watcher

    /// Runs workers for a kind, a new one after each that comes to harm.
    /// - Returns: how many inputs did harm.
    private func watch(_ kind: FuzzKind, count: Int?, seconds: Double?) throws -> Int {
        let path = temporary()
        defer {
            try? FileManager.default.removeItem(atPath: path)
            try? FileManager.default.removeItem(atPath: path + "-files")
        }
        let status = try FuzzStatus(path)
        let begun = ContinuousClock.now
        var first = 0
        var failures = 0
        while first < count ?? .max, seconds.map({ ContinuousClock.now - begun < .seconds($0) }) ?? true {
            status.index = first
            let worker = Process()
            worker.executableURL = URL(fileURLWithPath: CommandLine.arguments[0])
            worker.arguments = [
                "--kind", kind.rawValue, "--seed", "\(seed)", "--index", "\(first)", "--worker", path, "--fixtures",
                fixtures,
            ]
            if let count { worker.arguments? += ["--count", "\(count - first)"] }
            try worker.run()
            var harm: String?
            var (at, since) = (status.index, ContinuousClock.now)
            while worker.isRunning {
                usleep(20_000)
                if status.index != at { (at, since) = (status.index, ContinuousClock.now) }
                if ContinuousClock.now - since > .milliseconds(Self.longestMilliseconds) {
                    harm = "took over \(Self.longestMilliseconds / 1000) s"
                    kill(worker.processIdentifier, SIGKILL)
                    break
                }
                if let seconds, ContinuousClock.now - begun >= .seconds(seconds) {
                    kill(worker.processIdentifier, SIGKILL)
                    break
                }
            }
            worker.waitUntilExit()
            let isOver = seconds.map { ContinuousClock.now - begun >= .seconds($0) } ?? false
            if harm == nil, worker.terminationStatus == Self.memoryStatus, worker.terminationReason == .exit {
                harm = "took \(status.peak >> 20) MB"
            } else if harm == nil, worker.terminationStatus != 0,
                !(isOver && worker.terminationReason == .uncaughtSignal && worker.terminationStatus == SIGKILL)
            {
                harm =
                    "ended the process (\(worker.terminationReason == .exit ? "status" : "signal") "
                    + "\(worker.terminationStatus))"
            }
            if let harm {
                failures += 1
                try keep(kind, index: status.index, harm)
                first = status.index + 1
            } else {
                first = status.index
                if count != nil { break }
            }
        }
        let took = (ContinuousClock.now - begun) / .seconds(1)
        print(
            "\(kind.rawValue): \(first) inputs in \(Int(took)) s, \(status.readCount) read as something, the longest "
                + "\(status.longest) ms (input \(status.slowest)), at most \(status.peak >> 20) MB, \(failures) failed")
        return failures
    }

    private func keep(_ kind: FuzzKind, index: Int, _ harm: String) throws {
        try FileManager.default.createDirectory(atPath: output, withIntermediateDirectories: true)
        let bytes = try Mutator(kind, samples: FuzzSamples.samples(kind, fixtures: fixtures))
            .input(seed: seed, index: index)
        try Data(bytes).write(to: URL(fileURLWithPath: "\(output)/\(kind.rawValue)-\(seed)-\(index)"))
        print(
            "\(kind.rawValue), input \(index): \(harm); again: --kind \(kind.rawValue) --seed \(seed) --index \(index)")
    }
}
