import Foundation

/// The Python process that runs the peers. It works only between a request and its reply.
final class PeerProcess {
    /// By library.
    private(set) var versions: [String: String] = [:]
    var identifier: Int32 { process.processIdentifier }
    private let process = Process()
    private let requests = Pipe()
    private let replies = Pipe()
    private let log: URL
    private var received = Data()

    /// Which Python to run, and the folder of `serve.py`; `Benchmarks/run` sets both.
    static let pythonVariable = "AIG_PEERS_PYTHON"
    static let folderVariable = "AIG_PEERS_FOLDER"
    private static let linesOfLog = 12

    /// Starts it and waits until it is ready.
    ///
    /// - Parameters:
    ///   - threads: that each peer works with.
    ///   - folder: for what the process has to say on its standard error.
    /// - Throws: `PeerFailure`.
    init(
        threads: Int, folder: URL, environment: [String: String] = ProcessInfo.processInfo.environment
    ) throws {
        guard let python = environment[Self.pythonVariable] else {
            throw PeerFailure.notPrepared(missing: Self.pythonVariable)
        }
        guard let scripts = environment[Self.folderVariable] else {
            throw PeerFailure.notPrepared(missing: Self.folderVariable)
        }
        // A peer that has ended is an error to report, not a signal to die of.
        signal(SIGPIPE, SIG_IGN)
        log = folder.appendingPathComponent("peers.log")
        try Data().write(to: log)
        process.executableURL = URL(fileURLWithPath: python)
        process.arguments = ["-B", scripts + "/serve.py", "\(threads)"]
        process.environment = environment.merging(["OMP_NUM_THREADS": "\(threads)"]) { _, new in new }
        process.standardInput = requests
        process.standardOutput = replies
        process.standardError = try FileHandle(forWritingTo: log)
        do {
            try process.run()
        } catch {
            throw PeerFailure.cannotStart(python: python, problem: error.localizedDescription)
        }
        // Its copy is the child's: with this one open, the end of the child would not be the pipe's.
        try? replies.fileHandleForWriting.close()
        try? requests.fileHandleForReading.close()
        versions = try reply().versions ?? [:]
    }

    deinit {
        // It ends with its requests.
        try? requests.fileHandleForWriting.close()
        if process.isRunning { process.waitUntilExit() }
    }

    /// - Throws: `PeerFailure`.
    @discardableResult
    func ask(_ request: PeerRequest) throws -> PeerReply {
        var line = try JSONEncoder().encode(request)
        line.append(UInt8(ascii: "\n"))
        do {
            try requests.fileHandleForWriting.write(contentsOf: line)
        } catch {
            throw ended()
        }
        return try reply()
    }

    private func reply() throws -> PeerReply {
        let newline = UInt8(ascii: "\n")
        while !received.contains(newline) {
            let more = replies.fileHandleForReading.availableData
            guard !more.isEmpty else { throw ended() }
            received.append(more)
        }
        let line = Data(received.prefix { $0 != newline })
        received = Data(received.dropFirst(line.count + 1))
        guard let reply = try? JSONDecoder().decode(PeerReply.self, from: line) else {
            throw PeerFailure.incomprehensible(String(decoding: line, as: UTF8.self))
        }
        if let error = reply.error { throw PeerFailure.refused(error) }
        return reply
    }

    private func ended() -> PeerFailure {
        process.waitUntilExit()
        let text = (try? String(contentsOf: log, encoding: .utf8)) ?? ""
        let lines = text.split(separator: "\n").suffix(Self.linesOfLog)
        return .ended(log: lines.map { "  " + $0 }.joined(separator: "\n"))
    }
}
