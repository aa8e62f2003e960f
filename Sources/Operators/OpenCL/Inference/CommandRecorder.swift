import OpenCL

/// Turns the log of a queue into a ``Recording``.
struct CommandRecorder {
    private struct Mark {
        /// Commands that were logged before.
        let position: Int
        let part: NetworkPart
        let images: Int
    }

    private let began = ContinuousClock.now
    private var marks: [Mark] = []

    mutating func enter(_ part: NetworkPart, images: Int, at position: Int) {
        marks.append(Mark(position: position, part: part, images: images))
    }

    /// - Parameters:
    ///   - log: of commands that are done.
    ///   - end: when the batch was done.
    /// - Throws: `OpenCLError` if the device has no times of a command.
    func recording(_ log: [LoggedCommand], until end: ContinuousClock.Instant) throws -> Recording {
        let times = try log.map { try $0.event?.times }
        let offset = clockOffset(log, times)
        var previousEnd: Double?
        var passages: [Recording.Passage] = []
        for (index, mark) in marks.enumerated() {
            let next = index + 1 < marks.count ? marks[index + 1].position : log.count
            var passage = Recording.Passage(part: mark.part, images: mark.images)
            for position in mark.position..<max(next, mark.position) {
                let logged = log[position]
                passage.calls.append(
                    Recording.Call(
                        name: Self.name(logged.kind), isWaiting: logged.isBlocking, start: seconds(logged.called),
                        end: seconds(logged.returned)))
                guard let times = times[position] else { continue }
                var command = Self.command(logged.kind)
                // Of a queue in order: what looks like an overlap is the resolution of the clock.
                command.start = max(Self.seconds(times.start) + offset, previousEnd ?? -.infinity)
                command.end = max(Self.seconds(times.end) + offset, command.start)
                command.gap = previousEnd.map { command.start - $0 } ?? 0
                previousEnd = command.end
                passage.commands.append(command)
            }
            passages.append(passage)
        }
        return Recording(passages: passages, wallTime: seconds(end))
    }

    /// What to add to the device's clock for the host's.
    ///
    /// A command is queued while the host is in the call, and done before a call returns that waits for it: all commands
    /// together leave little room.
    private func clockOffset(_ log: [LoggedCommand], _ times: [ProfilingTimes?]) -> Double {
        var lower = -Double.infinity
        var upper = Double.infinity
        for (logged, times) in zip(log, times) {
            guard let times else { continue }
            lower = max(lower, seconds(logged.called) - Self.seconds(times.queued))
            upper = min(upper, seconds(logged.returned) - Self.seconds(times.queued))
            if logged.isBlocking { upper = min(upper, seconds(logged.returned) - Self.seconds(times.end)) }
        }
        guard lower.isFinite, upper.isFinite else { return 0 }
        return (lower + upper) / 2
    }

    private func seconds(_ instant: ContinuousClock.Instant) -> Double { (instant - began) / .seconds(1) }

    private static func seconds(_ nanoseconds: UInt64) -> Double { Double(nanoseconds) * 1e-9 }

    private static func name(_ kind: LoggedCommand.Kind) -> String {
        switch kind {
        case .kernel(let name, _, _): kernelName(name)
        case .write: "write"
        case .read: "read"
        case .fill: "fill"
        case .copy: "copy"
        case .map: "map"
        case .finish: "finish"
        case .wait: "wait"
        }
    }

    /// Kernels of a program that holds many variants are numbered: see ``ProgramCache``.
    private static func kernelName(_ name: String) -> String {
        guard let underscore = name.lastIndex(of: "_") else { return name }
        let suffix = name[name.index(after: underscore)...]
        return suffix.isEmpty || !suffix.allSatisfy(\.isNumber) ? name : String(name[..<underscore])
    }

    private static func command(_ kind: LoggedCommand.Kind) -> Recording.Command {
        var command = Recording.Command(
            name: name(kind), isKernel: false, globalSize: [], localSize: [], byteCount: 0, start: 0, end: 0, gap: 0)
        switch kind {
        case .kernel(_, let global, let local):
            command.isKernel = true
            command.globalSize = global.sizes
            command.localSize = local?.sizes ?? []
        case .write(let byteCount), .read(let byteCount), .fill(let byteCount), .copy(let byteCount),
            .map(let byteCount):
            command.byteCount = byteCount
        case .finish, .wait: break
        }
        return command
    }
}

extension OpenCLBackend {
    package func enter(_ part: NetworkPart, images: Int) {
        recorder?.enter(part, images: images, at: queue.loggedCount)
    }

    package func startRecording() throws {
        guard queue.isProfiling else { throw BackendError.noProfile(device: deviceName) }
        // What is still under way is of no batch.
        try queue.finish()
        try queue.startLogging()
        recorder = CommandRecorder()
    }

    package func finishRecording() throws -> Recording {
        let end = ContinuousClock.now
        let log = queue.finishLogging()
        guard let recorder else { throw BackendError.noProfile(device: deviceName) }
        self.recorder = nil
        // The last read has waited for everything before it; drivers may note the times a little later.
        try queue.finish()
        return try recorder.recording(log, until: end)
    }
}
