import Foundation

/// Memory that a network takes on its device, and on the host for transfers, in bytes.
public struct MemoryUse: Sendable, Hashable, Codable {
    /// Weights, in the layout in which kernels read them: the only copy that a session keeps.
    public var weights = 0
    /// Input, feature maps and their row sums, for all images of a batch. Those that are never needed at the same time
    /// share memory, so that this is also the most that is in use at once.
    public var activations = 0
    /// The same if each had memory to itself.
    public var activationsUnshared = 0
    /// Memory that convolutions need while they run, shared by all of them.
    public var scratch = 0
    /// Decisions, logits, and the host's memory for transfers.
    public var other = 0

    /// No memory.
    public init() {}

    /// The sum of all.
    public var total: Int { weights + activations + scratch + other }
}

// MARK: The machine's memory

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

/// The control groups that a process is in, and what memory their limits leave it: a container's limit, a batch job's, or
/// that of a service.
///
/// The kernel counts the files that a group has read or written as memory of the group's, and gives up what is inactive
/// of them when memory is wanted. As Kubernetes has it, a group's working set is its use without `inactive_file`.
struct ControlGroups {
    /// What stands before the absolute paths of the kernel's files: nothing, but in tests.
    let root: String

    init(root: String = "") {
        self.root = root
    }

    /// Bytes that the tightest of the process's groups leaves; nil where no group has a limit.
    ///
    /// Limits hold for all groups below, so that groups around the process's own count, as far as they can be seen: in a
    /// container, these are the container's.
    var available: Int? {
        let mounts = text("/proc/self/mountinfo").map(Mount.all) ?? []
        let memberships = text("/proc/self/cgroup").map(Membership.all) ?? []
        return memberships.compactMap { membership -> Int? in
            let hierarchy = membership.hierarchy
            let mount =
                mounts.first { $0.hierarchy == hierarchy } ?? Mount(root: "/", point: hierarchy.usualPoint, hierarchy)
            return mount.folders(of: membership.path).compactMap { available(in: $0, hierarchy) }.min()
        }.min()
    }

    /// What a group leaves by itself; nil where it has no limit or is not to be seen.
    private func available(in folder: String, _ hierarchy: Hierarchy) -> Int? {
        let names = hierarchy.names
        let statistics = text("\(folder)/memory.stat").map(Self.statistics) ?? [:]
        // Version 1 also tells the tightest limit around the group, which a container may not see otherwise.
        let limits = [number("\(folder)/\(names.limit)"), statistics["hierarchical_memory_limit"]].compactMap { $0 }
        guard let limit = limits.min(), let used = number("\(folder)/\(names.used)") else { return nil }
        let reclaimable = names.reclaimable.lazy.compactMap { statistics[$0] }.first ?? 0
        return max(limit - max(used - reclaimable, 0), 0)
    }

    /// Version 2, and version 1, which systems may mount beside it.
    enum Hierarchy {
        case unified
        case memory

        /// Where it is mounted.
        var usualPoint: String { self == .unified ? "/sys/fs/cgroup" : "/sys/fs/cgroup/memory" }

        var names: (limit: String, used: String, reclaimable: [String]) {
            switch self {
            case .unified: ("memory.max", "memory.current", ["inactive_file"])
            case .memory:
                ("memory.limit_in_bytes", "memory.usage_in_bytes", ["total_inactive_file", "inactive_file"])
            }
        }
    }

    /// A line of /proc/self/cgroup: "0::/user.slice" in version 2, "4:memory:/jobs/7" in version 1.
    private struct Membership {
        let hierarchy: Hierarchy
        let path: String

        static func all(_ text: String) -> [Membership] {
            text.split(separator: "\n").compactMap { line in
                let fields = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
                guard fields.count == 3 else { return nil }
                let path = String(fields[2])
                if fields[0] == "0", fields[1].isEmpty { return Membership(hierarchy: .unified, path: path) }
                guard fields[1].split(separator: ",").contains("memory") else { return nil }
                return Membership(hierarchy: .memory, path: path)
            }
        }
    }

    /// A line of /proc/self/mountinfo, as in "35 31 0:32 /docker/7 /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory".
    private struct Mount {
        /// The group that is seen at ``point``.
        let root: String
        let point: String
        let hierarchy: Hierarchy

        init(root: String, point: String, _ hierarchy: Hierarchy) {
            self.root = root
            self.point = point
            self.hierarchy = hierarchy
        }

        static func all(_ text: String) -> [Mount] {
            text.split(separator: "\n").compactMap { line in
                let fields = line.split(separator: " ")
                guard let separator = fields.firstIndex(of: "-"), separator >= 6, fields.count > separator + 3
                else { return nil }
                let hierarchy: Hierarchy
                switch fields[separator + 1] {
                case "cgroup2": hierarchy = .unified
                case "cgroup" where fields[separator + 3].split(separator: ",").contains("memory"): hierarchy = .memory
                default: return nil
                }
                return Mount(root: String(fields[3]), point: String(fields[4]), hierarchy)
            }
        }

        /// The folders of a group and of those around it, as far as they are mounted: a group that lies elsewhere, as a
        /// container's may by its own account, is seen at the mount point.
        func folders(of path: String) -> [String] {
            var names = path.split(separator: "/")[...]
            let top = root.split(separator: "/")
            names = names.starts(with: top) ? names.dropFirst(top.count) : []
            if names.contains("..") { names = [] }
            return (0...names.count).map { point + names.prefix($0).map { "/" + $0 }.joined() }
        }
    }

    /// The lines "name value" of memory.stat.
    private static func statistics(_ text: String) -> [String: Int] {
        let entries = text.split(separator: "\n").compactMap { line -> (String, Int)? in
            let fields = line.split(separator: " ")
            guard fields.count == 2, let value = Int(fields[1]), value >= 0 else { return nil }
            return (String(fields[0]), value)
        }
        return Dictionary(entries) { first, _ in first }
    }

    /// A file's number; nil for "max".
    private func number(_ path: String) -> Int? { text(path).flatMap { Int($0) }.flatMap { $0 < 0 ? nil : $0 } }

    private func text(_ path: String) -> String? {
        (try? String(contentsOfFile: root + path, encoding: .utf8))?.trimmingCharacters(in: .whitespacesAndNewlines)
    }
}
