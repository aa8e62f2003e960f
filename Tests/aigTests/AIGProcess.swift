import Foundation
import Testing

/// The program, run as a user runs it.
enum AIGProcess {
    /// What a run came to.
    struct Outcome {
        /// The exit status, or minus the number of the signal that ended the program.
        let status: Int32
        let output: String
        let errors: String

        /// Lines on standard error that start an error.
        var errorCount: Int { errors.split(separator: "\n").count { $0.hasPrefix("Error: ") } }

        /// The output read as JSON.
        func decoded<Value: Decodable>(_ type: Value.Type = Value.self) throws -> Value {
            let decoder = JSONDecoder()
            decoder.keyDecodingStrategy = .convertFromSnakeCase
            return try decoder.decode(type, from: Data(output.utf8))
        }
    }

    /// The executable: what `AIG_EXECUTABLE` names, or else what was built beside the tests.
    static let path: String? = {
        if let path = ProcessInfo.processInfo.environment["AIG_EXECUTABLE"] { return path }
        let places: [String?] = [
            ProcessInfo.processInfo.arguments.first, Bundle.main.executablePath, Bundle.main.bundlePath,
        ]
        return places.compactMap { place in
            place.map {
                URL(fileURLWithPath: $0).deletingLastPathComponent().appendingPathComponent("aig").path
            }
        }.first { FileManager.default.isExecutableFile(atPath: $0) }
    }()

    /// Runs `aig`.
    ///
    /// - Parameter environment: variables to set besides those of the tests.
    static func run(_ arguments: String..., environment: [String: String] = [:]) async throws -> Outcome {
        try await run(arguments, environment: environment)
    }

    /// Runs `aig`.
    ///
    /// - Parameters:
    ///   - environment: variables to set besides those of the tests.
    ///   - isLimited: keeps the program from taking much memory: what should be refused for its size must not
    ///     harm the computer if it is not.
    static func run(
        _ arguments: [String], environment: [String: String] = [:], isLimited: Bool = false
    ) async throws -> Outcome {
        let path = try #require(path, "aig is not built, or AIG_EXECUTABLE is needed")
        guard isLimited else { return try await run(path, arguments, environment) }
        let line = #"ulimit -v 16000000; exec "$0" "$@""#
        return try await run("/bin/sh", ["-c", line, path] + arguments, environment)
    }

    /// Runs a line of shell in which `$AIG` is the executable.
    static func shell(_ line: String) async throws -> Outcome {
        let path = try #require(path, "aig is not built, or AIG_EXECUTABLE is needed")
        return try await run("/bin/sh", ["-c", line], ["AIG": path])
    }

    /// Starts `aig`, to be sent signals while it runs.
    static func start(_ arguments: [String]) throws -> RunningAIG {
        try RunningAIG(try #require(path, "aig is not built, or AIG_EXECUTABLE is needed"), arguments, [:])
    }

    private static func run(
        _ executable: String, _ arguments: [String], _ environment: [String: String]
    ) async throws -> Outcome {
        try await RunningAIG(executable, arguments, environment).outcome()
    }
}
