import Foundation

/// The Python process that runs the peers. It works only between a request and its reply.
final class PeerProcess {
    /// The libraries' versions.
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
    ///   - threads: the number of threads of each peer.
    ///   - folder: where the process's standard error is kept.
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

/// A request to the peers' process: a line of JSON.
enum PeerRequest: Hashable, Encodable {
    /// Unload everything.
    case clear
    /// Load these peers of a network, beside those that are there. The files are not needed afterwards.
    case load(network: String, weights: String, inputs: String, peers: [Peer])
    /// Run a peer on an input.
    ///
    /// - masks: for each image the gated blocks to run, as in "0110".
    /// - untimed: runs before the timed ones.
    case run(Peer, input: Int, masks: [String], untimed: Int, runs: Int, wantsLogits: Bool)

    /// Load a network to be trained. The files are not needed afterwards.
    ///
    /// - inputs: images, labels, and the gates' noise, gates x images x 2.
    case loadTraining(
        network: String, weights: String, inputs: String, peer: TrainingPeer, targetRate: Float, rateWeight: Float)
    /// Make training steps.
    case train(TrainingPeer, untimed: Int, runs: Int)

    private enum CodingKeys: String, CodingKey {
        case command, network, weights, inputs, peers, peer, input, masks, untimed, runs, wantsLogits, targetRate
        case rateWeight
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        switch self {
        case .clear:
            try container.encode("clear", forKey: .command)
        case .load(let network, let weights, let inputs, let peers):
            try container.encode("load", forKey: .command)
            try container.encode(network, forKey: .network)
            try container.encode(weights, forKey: .weights)
            try container.encode(inputs, forKey: .inputs)
            try container.encode(peers, forKey: .peers)
        case .run(let peer, let input, let masks, let untimed, let runs, let wantsLogits):
            try container.encode("run", forKey: .command)
            try container.encode(peer, forKey: .peer)
            try container.encode(input, forKey: .input)
            try container.encode(masks, forKey: .masks)
            try container.encode(untimed, forKey: .untimed)
            try container.encode(runs, forKey: .runs)
            try container.encode(wantsLogits, forKey: .wantsLogits)
        case .loadTraining(let network, let weights, let inputs, let peer, let targetRate, let rateWeight):
            try container.encode("loadTraining", forKey: .command)
            try container.encode(network, forKey: .network)
            try container.encode(weights, forKey: .weights)
            try container.encode(inputs, forKey: .inputs)
            try container.encode(peer, forKey: .peer)
            try container.encode(targetRate, forKey: .targetRate)
            try container.encode(rateWeight, forKey: .rateWeight)
        case .train(let peer, let untimed, let runs):
            try container.encode("train", forKey: .command)
            try container.encode(peer, forKey: .peer)
            try container.encode(untimed, forKey: .untimed)
            try container.encode(runs, forKey: .runs)
        }
    }

    /// A route in the form that requests have.
    static func mask(_ gates: [Bool]) -> String { String(gates.map { $0 ? "1" : "0" }) }
}

/// A reply of the peers' process: a line of JSON.
struct PeerReply: Hashable, Decodable {
    /// Why the request could not be done.
    var error: String?
    /// The libraries' versions, in the greeting before any request.
    var versions: [String: String]?
    /// Of each timed run.
    var milliseconds: [Double]?
    /// images x classes, nil where not finite.
    var logits: [Float?]?
    /// Of each training step.
    var losses: [Double]?
}
