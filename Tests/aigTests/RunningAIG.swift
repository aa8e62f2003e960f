import Foundation
import TestSupport
import Testing

/// The program while it runs.
final class RunningAIG {
    private let process = Process()
    private let folder: TemporaryFolder
    private let output: String
    private let errors: String
    private let ended: AsyncStream<Never>
    private let timer: any DispatchSourceTimer

    /// Longer than any run takes, even where kernels are compiled on a busy computer.
    private static let timeLimit: TimeInterval = 240

    /// - Parameter environment: variables to set besides those of the tests.
    init(_ executable: String, _ arguments: [String], _ environment: [String: String]) throws {
        // Files take any amount of output, where a pipe that nobody reads would block the program.
        folder = try TemporaryFolder()
        (output, errors) = (try folder.file("output", []), try folder.file("errors", []))
        process.executableURL = URL(fileURLWithPath: executable)
        process.arguments = arguments
        var variables = ProcessInfo.processInfo.environment
        variables["AIG_DEVICE"] = nil
        variables["AIG_CACHE"] = "off"
        process.environment = variables.merging(environment) { _, new in new }
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = try FileHandle(forWritingTo: URL(fileURLWithPath: output))
        process.standardError = try FileHandle(forWritingTo: URL(fileURLWithPath: errors))
        let (ended, end) = AsyncStream<Never>.makeStream()
        self.ended = ended
        process.terminationHandler = { _ in end.finish() }
        try process.run()
        let identifier = process.processIdentifier
        // Only now: a timer must not be released before it was started.
        timer = DispatchSource.makeTimerSource()
        timer.schedule(deadline: .now() + Self.timeLimit)
        timer.setEventHandler { kill(identifier, SIGKILL) }
        timer.resume()
    }

    deinit { timer.cancel() }

    func send(_ signal: Int32) { kill(process.processIdentifier, signal) }

    /// Waits until the program has written a text to standard error, or has ended.
    func waitForError(containing text: String) async throws {
        while process.isRunning, try !read(errors).contains(text) { try await Task.sleep(for: .milliseconds(2)) }
    }

    /// Waits for the program's end.
    func outcome() async throws -> AIGProcess.Outcome {
        for await _ in ended {}
        timer.cancel()
        return AIGProcess.Outcome(
            status: process.terminationReason == .exit ? process.terminationStatus : -process.terminationStatus,
            output: try read(output), errors: try read(errors))
    }

    private func read(_ path: String) throws -> String {
        String(decoding: try Data(contentsOf: URL(fileURLWithPath: path)), as: UTF8.self)
    }
}
