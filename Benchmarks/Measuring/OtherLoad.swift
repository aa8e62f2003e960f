import Foundation

/// The load of other processes during a measurement. Threads that wait for one another by
/// spinning, as PyTorch's do, become many times slower when they have to share cores: such figures mean
/// nothing.
struct OtherLoad {
    /// Of the benchmark's own processes.
    private let processes: [Int32]
    private let clock = ContinuousClock()
    private let start: ContinuousClock.Instant
    /// Ticks of all cores and of the processes at the start; nil if the kernel does not tell.
    private let ticks: (all: Int, own: Int)?

    /// The share of one core above which figures are not to be trusted.
    static let allowed = 0.1

    init(apartFrom processes: [Int32]) {
        self.processes = processes
        start = clock.now
        ticks = Self.ticks(of: processes)
    }

    /// Cores that others kept busy on average since the start; nil if unknown.
    var cores: Double? {
        guard let ticks, let now = Self.ticks(of: processes) else { return nil }
        let seconds = start.duration(to: clock.now) / .seconds(1)
        let others = (now.all - ticks.all) - (now.own - ticks.own)
        let perSecond = Double(sysconf(Int32(_SC_CLK_TCK)))
        guard seconds > 0, perSecond > 0 else { return nil }
        return max(Double(others) / perSecond / seconds, 0)
    }

    private static func ticks(of processes: [Int32]) -> (all: Int, own: Int)? {
        guard let machine = try? String(contentsOfFile: "/proc/stat", encoding: .utf8),
            let all = busyTicks(machine: machine)
        else { return nil }
        var own = 0
        for process in processes {
            guard let text = try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8),
                let ticks = busyTicks(process: text)
            else { return nil }
            own += ticks
        }
        return (all, own)
    }

    /// From the first line of /proc/stat, "cpu user nice system idle iowait irq softirq steal ...": all but
    /// idle and iowait.
    static func busyTicks(machine text: String) -> Int? {
        guard let line = text.split(separator: "\n").first, line.hasPrefix("cpu ") else { return nil }
        let fields = line.split(separator: " ").dropFirst().map { Int($0) }
        guard fields.count >= 8 else { return nil }
        return [0, 1, 2, 5, 6, 7].compactMap { fields[$0] }.reduce(0, +)
    }

    /// From /proc/PID/stat: utime and stime, the 14th and 15th field. The second is the name in brackets, in
    /// which anything may stand.
    static func busyTicks(process text: String) -> Int? {
        guard let end = text.lastIndex(of: ")") else { return nil }
        let fields = text[text.index(after: end)...].split(separator: " ")
        guard fields.count > 12, let user = Int(fields[11]), let system = Int(fields[12]) else { return nil }
        return user + system
    }
}

/// The peak of a process's resident memory.
enum PeakMemory {
    /// - Parameter process: its number, or "self".
    /// - Returns: nil if the kernel does not tell, or if the process has ended.
    static func bytes(ofProcess process: String) -> Int? {
        guard let status = try? String(contentsOfFile: "/proc/\(process)/status", encoding: .utf8),
            let line = status.split(separator: "\n").first(where: { $0.hasPrefix("VmHWM:") }),
            let kilobytes = line.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap({ Int($0) })
        else { return nil }
        return kilobytes << 10
    }
}
