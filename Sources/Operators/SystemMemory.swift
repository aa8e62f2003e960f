import Foundation

/// Memory of the machine, which is also what a CPU device allocates from.
enum SystemMemory {
    /// Bytes that can be had without swapping, within the limits of the control groups; nil where the system does not say.
    static var available: Int? { available(root: "") }

    /// - Parameter root: what stands before the absolute paths of the kernel's files: nothing, but in tests.
    static func available(root: String) -> Int? {
        let machine = (try? String(contentsOfFile: root + "/proc/meminfo", encoding: .utf8)).flatMap(availableBytes)
        return [machine, ControlGroups(root: root).available].compactMap { $0 }.min()
    }

    /// The line "MemAvailable: 123 kB" of /proc/meminfo.
    static func availableBytes(_ meminfo: String) -> Int? {
        guard let line = meminfo.split(separator: "\n").first(where: { $0.hasPrefix("MemAvailable:") }) else {
            return nil
        }
        return line.split(separator: " ").dropFirst().first.flatMap { Int($0) }.map { $0 * 1024 }
    }
}
