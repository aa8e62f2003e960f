import Foundation
import Testing

@testable import OpenCL

@Suite struct PoCLCacheFolderTests {
    @Test(
        arguments: [
            (["POCL_CACHE_DIR": "/a", "XDG_CACHE_HOME": "/b", "HOME": "/c"], "/a"),
            (["POCL_CACHE_DIR": "", "XDG_CACHE_HOME": "/b", "HOME": "/c"], nil),
            (["XDG_CACHE_HOME": "/b", "HOME": "/c"], "/b/pocl/kcache"),
            (["XDG_CACHE_HOME": "", "HOME": "/c"], "/c/.cache/pocl/kcache"),
            (["HOME": "/c", "POCL_KERNEL_CACHE": "1"], "/c/.cache/pocl/kcache"),
            (["HOME": "/c", "POCL_KERNEL_CACHE": "0"], "/c/.cache/pocl/uncached"),
            ([:], "/tmp/pocl/kcache"),
        ] as [([String: String], String?)])
    func isWherePoCLLooks(_ environment: [String: String], _ expected: String?) {
        #expect(PoCLCacheFolder(environment: environment).path == expected)
    }

    private func problem(_ path: String) -> PoCLCacheProblem? {
        PoCLCacheFolder(environment: [PoCLCacheFolder.variable: path]).problem()
    }

    @Test func aFolderThatCanBeWrittenIsNoProblem() throws {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString).path
        defer { try? FileManager.default.removeItem(atPath: path) }
        #expect(problem(path + "/new") == nil)
        #expect(try FileManager.default.contentsOfDirectory(atPath: path + "/new").isEmpty)
        let file = path + "/file"
        try Data([1]).write(to: URL(fileURLWithPath: file))
        #expect(problem(file) == .cannotBeWritten(path: file, reason: "Not a directory"))
        #expect(problem(file + "/x") == .cannotBeMade(path: file + "/x", reason: "Not a directory"))
        #expect(try Data(contentsOf: URL(fileURLWithPath: file)) == Data([1]))
    }

    /// Root has every right there, and yet no file can be made.
    @Test func aFileSystemThatTakesNoFiles() {
        #expect(problem("/proc") == .cannotBeWritten(path: "/proc", reason: "No such file or directory"))
        #expect(problem("/proc/none") == .cannotBeMade(path: "/proc/none", reason: "No such file or directory"))
        #expect(PoCLCacheFolder(environment: [PoCLCacheFolder.variable: "/proc"]).fatalProblem() == nil)
    }

    @Test func everyProblemSaysWhatToSet() {
        let problems = [
            PoCLCacheProblem.noName, .cannotBeMade(path: "/a/b", reason: "r"),
            .cannotBeWritten(path: "/a/b", reason: "r"), .full(path: "/a/b", free: 123_456),
        ]
        for problem in problems {
            #expect(problem.description.contains("POCL_CACHE_DIR"))
            #expect(problem == .noName || problem.description.contains("/a/b"))
        }
        #expect(problems[3].description.contains("123 kB"))
    }

    // MARK: With PoCL

    private static let hasPoCL = (try? Platform.all().contains(where: \.isPoCL)) ?? false

    /// PoCL says that it has no device, and would abort the process where the variable is empty.
    @Test(.enabled(if: hasPoCL))
    func withoutAFolderPoCLHasNoDevice() async {
        await #expect(processExitsWith: .success) {
            setenv(PoCLCacheFolder.variable, "", 1)
            let name = Platform.poclName
            let problems = try Device.discover().problems
            #expect(problems == [DriverProblem(platform: name, reason: .cacheFolder(.noName))])
        }
        await #expect(processExitsWith: .success) {
            setenv(PoCLCacheFolder.variable, "/proc/none", 1)
            let found = try Device.discover()
            #expect(found.devices.filter(\.isPoCL).isEmpty)
            let problem = try #require(found.problems.first)
            #expect(problem.platform == Platform.poclName && problem.description.contains("POCL_CACHE_DIR"))
            guard case .cacheFolder(.cannotBeMade("/proc/none", _)) = problem.reason else {
                Issue.record("another reason")
                return
            }
        }
    }

    /// PoCL says that the program failed to build, and nothing else.
    @Test(.enabled(if: hasPoCL))
    func whereItCannotWriteNothingBuilds() async {
        await #expect(processExitsWith: .success) {
            setenv(PoCLCacheFolder.variable, "/proc", 1)
            let device = try #require(try Device.all().first { $0.isPoCL })
            let context = try Context(device: device)
            let error = #expect(throws: OpenCLError.self) {
                try Program(context: context, source: "__kernel void a(__global int *x) { x[0] = 1; }")
            }
            let text = try #require(error).description
            #expect(error?.name == "CL_BUILD_PROGRAM_FAILURE")
            #expect(text.contains("/proc") && text.contains("POCL_CACHE_DIR") && !text.contains("log"))
        }
    }

    private static func mount(_ arguments: [String]) -> Bool {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = arguments
        process.standardError = FileHandle.nullDevice
        guard (try? process.run()) != nil else { return false }
        process.waitUntilExit()
        return process.terminationStatus == 0
    }

    /// Gives a folder on a disk of so many bytes; nil if this user may not mount one.
    private static func withDisk<Result>(size: Int, _ body: (String) throws -> Result) throws -> Result? {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString).path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: path) }
        guard mount(["mount", "-t", "tmpfs", "-o", "size=\(size)", "tmpfs", path]) else { return nil }
        defer { _ = mount(["umount", "-l", path]) }
        return try body(path)
    }

    private static let canMount = (try? withDisk(size: 1 << 16) { _ in true }) == true

    /// PoCL's compiler would end the process.
    @Test(.enabled(if: hasPoCL && canMount, "mounting a small disk takes root"))
    func onAFullDiskNothingIsTried() async {
        await #expect(processExitsWith: .success) {
            let isTested = try Self.withDisk(size: 500_000) { path in
                setenv(PoCLCacheFolder.variable, path, 1)
                let context = try Context(device: try #require(try Device.all().first { $0.isPoCL }))
                let error = #expect(throws: OpenCLError.self) {
                    try Program(context: context, source: "__kernel void a(__global int *x) { x[0] = 1; }")
                }
                let text = try #require(error).description
                #expect(text.contains("\(path), to which PoCL writes") && text.contains("is full"))
                return true
            }
            #expect(isTested == true)
        }
    }

    @Test(.enabled(if: canMount, "mounting a small disk takes root")) func roomForAProgramIsEnough() throws {
        let problems = try [PoCLCacheFolder.minSpace / 2, 4 * PoCLCacheFolder.minSpace].map { size in
            try #require(
                try Self.withDisk(size: size) { path in
                    let folder = PoCLCacheFolder(environment: [PoCLCacheFolder.variable: path])
                    return [folder.fatalProblem() != nil, folder.problem() != nil]
                })
        }
        #expect(problems == [[true, true], [false, false]])
    }

    /// What is wrong with a program is not the folder's fault.
    @Test(.enabled(if: hasPoCL))
    func aProgramThatIsWrongHasTheCompilersMessages() throws {
        let context = try Context(device: try #require(try Device.all().first { $0.isPoCL }))
        let error = #expect(throws: OpenCLError.self) {
            try Program(context: context, source: "__kernel void a() { missing(); }", options: ["-cl-std=CL1.2"])
        }
        #expect(try #require(error).log?.contains("missing") == true)
        #expect(error?.description.contains("POCL_CACHE_DIR") == false)
    }
}
