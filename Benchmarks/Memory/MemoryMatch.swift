import ConvNetAIG
import Foundation
import OpenCL

/// Measures what it takes to run one image in a process of its own: `aig run`, with caches that are empty at first.
struct MemoryMatch {
    let conditions: Conditions
    /// The program `aig`.
    let program: URL
    /// For caches, weights and images.
    let folder: URL

    /// How often a start with filled caches is repeated; the fastest counts.
    private static let repeats = 3

    /// The results for a network, when memory and when speed is preferred.
    ///
    /// - Parameter batches: the batch sizes whose planned memory is of interest.
    func run(_ weights: Weights, batches: [Int]) throws -> [MemoryResult] {
        let (weightsFile, input) = (file("weights.safetensors"), file("input.safetensors"))
        try weights.write(to: weightsFile)
        let shape = weights.architecture.input
        let image = try Tensor(shape: [1, shape.channels, shape.height, shape.width], repeating: 0.5)
        try Safetensors.write(tensors: [("input", image)], to: input)
        // By its number: several devices may have the same name.
        let device = try Device.discover().devices.firstIndex(of: conditions.runtime.device)
        return try OptimizationGoal.allCases.map { goal in
            let caches = folder.appendingPathComponent(UUID().uuidString)
            try FileManager.default.createDirectory(at: caches, withIntermediateDirectories: true)
            let run = {
                try ProgramRun(
                    program,
                    [
                        "run", "--weights", weightsFile, "--input", input, "--output", file("output.safetensors"),
                        "--policy", "always", "--optimize", goal.rawValue, "--schedule",
                        conditions.scheduling.rawValue,
                    ],
                    [
                        "AIG_CACHE": caches.path, "POCL_CACHE_DIR": caches.path,
                        "AIG_DEVICE": device.map { "\($0)" } ?? conditions.runtime.device.name,
                    ])
            }
            let first = try run()
            let later = try (0..<Self.repeats).map { _ in try run() }
            let plans = try batches.map { batch in
                let memory = try Session(
                    weights: weights, backend: .openCL(conditions.runtime), batch: batch, goal: goal
                ).memory
                return MemoryResult.Plan(
                    batch: batch, weightBytes: memory.weights, activationBytes: memory.activations,
                    activationBytesUnshared: memory.activationsUnshared)
            }
            return MemoryResult(
                architecture: weights.architecture.name, goal: goal.rawValue,
                device: conditions.runtime.device.description, firstSeconds: first.seconds,
                laterSeconds: later.map(\.seconds).min() ?? .nan, firstPeakBytes: first.peakBytes,
                laterPeakBytes: later.map(\.peakBytes).max() ?? 0, plans: plans)
        }
    }

    private func file(_ name: String) -> String { folder.appendingPathComponent(name).path }

    /// Where `aig` is: beside this program, or where `AIG_EXECUTABLE` says.
    static func program(environment: [String: String] = ProcessInfo.processInfo.environment) throws -> URL {
        let named = environment["AIG_EXECUTABLE"].map { URL(fileURLWithPath: $0) }
        let beside = Bundle.main.executableURL?.deletingLastPathComponent().appendingPathComponent("aig")
        guard let program = [named, beside].compactMap({ $0 }).first,
            FileManager.default.isExecutableFile(atPath: program.path)
        else {
            throw ProgramFailure(
                problem: "there is no program aig beside this one; build it (swift build -c release --product aig), or "
                    + "name it in AIG_EXECUTABLE")
        }
        return program
    }
}

/// A program that was run to its end.
struct ProgramRun {
    let seconds: Double
    /// The peak of its resident memory.
    let peakBytes: Int

    private static let pause: TimeInterval = 0.002

    /// - Throws: `ProgramFailure` with the program's last words if it does not succeed.
    init(_ program: URL, _ arguments: [String], _ variables: [String: String]) throws {
        let process = Process()
        process.executableURL = program
        process.arguments = arguments
        process.environment = ProcessInfo.processInfo.environment.merging(variables) { _, new in new }
        process.standardOutput = FileHandle.nullDevice
        let errors = Pipe()
        process.standardError = errors
        let clock = ContinuousClock()
        let start = clock.now
        try process.run()
        // The mark only rises, so what is seen last is the peak.
        var peak = 0
        while process.isRunning {
            peak = max(peak, PeakMemory.bytes(ofProcess: "\(process.processIdentifier)") ?? 0)
            Thread.sleep(forTimeInterval: Self.pause)
        }
        process.waitUntilExit()
        seconds = start.duration(to: clock.now) / .seconds(1)
        peakBytes = peak
        guard process.terminationStatus == 0 else {
            let text = String(decoding: errors.fileHandleForReading.availableData, as: UTF8.self)
            throw ProgramFailure(problem: "\(program.lastPathComponent) failed: \(text)")
        }
    }
}

struct ProgramFailure: Error, CustomStringConvertible {
    let problem: String
    var description: String { problem }
}
