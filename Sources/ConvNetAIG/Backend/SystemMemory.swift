import Foundation

/// Memory of the machine, which is also what a CPU device allocates from.
enum SystemMemory {
    /// Bytes that can be had without swapping, within the limits of the control group; nil where the system does not say.
    static var available: Int? {
        let machine = text("/proc/meminfo").flatMap(availableBytes)
        let group = text("/sys/fs/cgroup/memory.max").flatMap { limit -> Int? in
            guard let limit = Int(limit), let used = text("/sys/fs/cgroup/memory.current").flatMap({ Int($0) }) else {
                return nil
            }
            return max(limit - used, 0)
        }
        return [machine, group].compactMap { $0 }.min()
    }

    /// The line "MemAvailable: 123 kB" of /proc/meminfo.
    static func availableBytes(_ meminfo: String) -> Int? {
        guard let line = meminfo.split(separator: "\n").first(where: { $0.hasPrefix("MemAvailable:") }) else {
            return nil
        }
        return line.split(separator: " ").dropFirst().first.flatMap { Int($0) }.map { $0 * 1024 }
    }

    private static func text(_ path: String) -> String? {
        (try? String(contentsOfFile: path, encoding: .utf8))?.trimmingCharacters(in: .whitespacesAndNewlines)
    }
}
