import Foundation
import TestSupport
import Testing

@testable import ConvNetAIG
@testable import Operators

/// Over made-up files, as the kernel shows them in the cases that are named.
@Suite struct ControlGroupsTests {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
    }

    private func write(_ path: String, _ text: String) throws {
        let url = URL(fileURLWithPath: folder.path + path)
        try FileManager.default.createDirectory(
            at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(text.utf8).write(to: url)
    }

    private var available: Int? { ControlGroups(root: folder.path).available }

    private static let unified = "29 23 0:26 / /sys/fs/cgroup rw,nosuid shared:9 - cgroup2 cgroup2 rw,nsdelegate\n"

    private func unifiedGroup(_ path: String, limit: String, used: Int, inactive: Int) throws {
        try write("/sys/fs/cgroup\(path)/memory.max", limit + "\n")
        try write("/sys/fs/cgroup\(path)/memory.current", "\(used)\n")
        try write(
            "/sys/fs/cgroup\(path)/memory.stat",
            "anon 7\nfile \(inactive + 5)\ninactive_file \(inactive)\nactive_file 5\n")
    }

    private func firstVersionGroup(_ path: String, limit: Int, used: Int, statistics: String) throws {
        try write("/sys/fs/cgroup/memory\(path)/memory.limit_in_bytes", "\(limit)\n")
        try write("/sys/fs/cgroup/memory\(path)/memory.usage_in_bytes", "\(used)\n")
        try write("/sys/fs/cgroup/memory\(path)/memory.stat", statistics)
    }

    // MARK: Version 2

    @Test func filesThatTheGroupHasReadAreNoUse() throws {
        try write("/proc/self/mountinfo", Self.unified)
        try write("/proc/self/cgroup", "0::/\n")
        try unifiedGroup("", limit: "1000", used: 900, inactive: 600)
        #expect(available == 700)
    }

    @Test func theTightestOfNestedGroupsCounts() throws {
        try write("/proc/self/mountinfo", Self.unified)
        try write("/proc/self/cgroup", "0::/user.slice/jobs/7\n")
        try unifiedGroup("/user.slice", limit: "5000", used: 4900, inactive: 60)
        try unifiedGroup("/user.slice/jobs", limit: "max", used: 4000, inactive: 0)
        try unifiedGroup("/user.slice/jobs/7", limit: "3000", used: 1000, inactive: 0)
        // The neighbour's limit is not this process's.
        try unifiedGroup("/user.slice/jobs/8", limit: "1", used: 1, inactive: 0)
        #expect(available == 160)
        try unifiedGroup("/user.slice/jobs/7", limit: "1100", used: 1000, inactive: 20)
        #expect(available == 120)
    }

    @Test func aGroupOverItsLimitLeavesNothing() throws {
        try write("/proc/self/mountinfo", Self.unified)
        try write("/proc/self/cgroup", "0::/a\n")
        try unifiedGroup("/a", limit: "1000", used: 1200, inactive: 100)
        #expect(available == 0)
        // Counters are read one after the other, and need not fit.
        try unifiedGroup("/a", limit: "1000", used: 100, inactive: 200)
        #expect(available == 1000)
    }

    @Test func noLimitIsNone() throws {
        #expect(available == nil)
        try write("/proc/self/mountinfo", Self.unified)
        try write("/proc/self/cgroup", "0::/a\n")
        #expect(available == nil)
        try unifiedGroup("/a", limit: "max", used: 100, inactive: 0)
        #expect(available == nil)
        // Without a use, a limit says nothing.
        try write("/sys/fs/cgroup/memory.max", "1000")
        #expect(available == nil)
    }

    @Test func nonsenseIsNoLimit() throws {
        try write("/proc/self/mountinfo", "\n-\n1 2 - cgroup2\n" + Self.unified + "29 23 0:26 / /x rw - \n")
        try write("/proc/self/cgroup", "nonsense\n0:\n:::\n0::/a\n")
        try unifiedGroup("/a", limit: "99999999999999999999999", used: 100, inactive: 0)
        #expect(available == nil)
        try write("/sys/fs/cgroup/a/memory.max", "-5")
        #expect(available == nil)
        try write("/sys/fs/cgroup/a/memory.max", "1000")
        try write("/sys/fs/cgroup/a/memory.stat", "inactive_file\ninactive_file x\ninactive_file -9\n\n")
        #expect(available == 900)
    }

    /// Without a control group namespace, a container knows its group by a path that it cannot see.
    @Test(arguments: ["/docker/abc", "/../../docker/abc", "/docker/abcdef/x"])
    func aContainersGroupIsAtTheMountPoint(_ path: String) throws {
        try write(
            "/proc/self/mountinfo",
            "29 23 0:26 /docker/abc /sys/fs/cgroup ro - cgroup2 cgroup rw\n")
        try write("/proc/self/cgroup", "0::\(path)\n")
        try unifiedGroup("", limit: "1000", used: 400, inactive: 100)
        #expect(available == 700)
    }

    @Test func aGroupWithinAContainerCountsToo() throws {
        try write(
            "/proc/self/mountinfo",
            "29 23 0:26 /docker/abc /sys/fs/cgroup ro - cgroup2 cgroup rw\n")
        try write("/proc/self/cgroup", "0::/docker/abc/inner\n")
        try unifiedGroup("", limit: "1000", used: 400, inactive: 100)
        try unifiedGroup("/inner", limit: "500", used: 300, inactive: 0)
        #expect(available == 200)
    }

    // MARK: Version 1

    private static let firstVersion = """
        31 23 0:28 / /sys/fs/cgroup rw - tmpfs tmpfs rw,mode=755
        34 31 0:31 / /sys/fs/cgroup/cpu rw - cgroup cgroup rw,cpu
        35 31 0:32 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory
        41 31 0:38 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw

        """

    @Test func theFirstVersionHasFilesOfOtherNames() throws {
        try write("/proc/self/mountinfo", Self.firstVersion)
        try write("/proc/self/cgroup", "9:name=systemd:/x\n4:memory:/jobs/7\n1:cpu:/other\n0::/\n")
        try firstVersionGroup(
            "", limit: 9_223_372_036_854_771_712, used: 5000, statistics: "total_inactive_file 10\n")
        try firstVersionGroup("/jobs", limit: 9_223_372_036_854_771_712, used: 4000, statistics: "")
        try firstVersionGroup(
            "/jobs/7", limit: 2000, used: 1500, statistics: "inactive_file 1\ntotal_inactive_file 300\n")
        #expect(available == 800)
    }

    @Test func limitsAroundAContainerCount() throws {
        try write(
            "/proc/self/mountinfo", "35 31 0:32 /docker/abc /sys/fs/cgroup/memory ro - cgroup cgroup rw,memory\n")
        try write("/proc/self/cgroup", "4:cpu,memory:/docker/abc\n")
        try firstVersionGroup(
            "", limit: 9_223_372_036_854_771_712, used: 1500,
            statistics: "hierarchical_memory_limit 1800\ninactive_file 100\n")
        #expect(available == 400)
    }

    @Test func mountsThatCannotBeReadAreWhereTheyUsuallyAre() throws {
        try write("/proc/self/cgroup", "4:memory:/a\n0::/\n")
        try firstVersionGroup("/a", limit: 1000, used: 500, statistics: "")
        #expect(available == 500)
        try unifiedGroup("", limit: "400", used: 100, inactive: 0)
        #expect(available == 300)
    }

    // MARK: With the machine

    @Test func theMachineOrTheGroupWhicheverHasLess() throws {
        #expect(SystemMemory.available(root: folder.path) == nil)
        try write("/proc/self/mountinfo", Self.unified)
        try write("/proc/self/cgroup", "0::/\n")
        try unifiedGroup("", limit: "5000", used: 0, inactive: 0)
        #expect(SystemMemory.available(root: folder.path) == 5000)
        try write("/proc/meminfo", "MemTotal: 9 kB\nMemAvailable:    4 kB\n")
        #expect(SystemMemory.available(root: folder.path) == 4096)
        try write("/proc/meminfo", "MemTotal: 9 kB\nMemAvailable:    5 kB\n")
        #expect(SystemMemory.available(root: folder.path) == 5000)
    }
}
