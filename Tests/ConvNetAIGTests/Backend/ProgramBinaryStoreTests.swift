import Foundation
import OpenCL
import TestSupport
import Testing

@testable import ConvNetAIG
@testable import Operators

@Suite struct ProgramBinaryStoreTests {
    private let folder: TemporaryFolder
    private let store: ProgramBinaryStore
    /// Not a multiple of the hash's words.
    private let binary = (0..<61).map { UInt8($0) }

    init() throws {
        folder = try TemporaryFolder()
        store = ProgramBinaryStore(folder: folder.path)
    }

    private func contents(of key: String) throws -> [UInt8] {
        [UInt8](try Data(contentsOf: URL(fileURLWithPath: store.path(key))))
    }

    private func replaceContents(of key: String, by bytes: some Sequence<UInt8>) throws {
        try Data(bytes).write(to: URL(fileURLWithPath: store.path(key)))
    }

    /// Makes a file look as if it was used that long ago.
    private func age(_ path: String, seconds: Int) {
        let times = [timeval](repeating: timeval(tv_sec: time(nil) - seconds, tv_usec: 0), count: 2)
        utimes(path, times)
    }

    private func mode(_ path: String) -> mode_t {
        var status = stat()
        return stat(path, &status) == 0 ? status.st_mode & 0o777 : 0
    }

    // MARK: Keeping

    @Test func givesWhatWasStoredLast() throws {
        #expect(store.binary(for: "key") == nil)
        store.store(binary, for: "key")
        #expect(store.binary(for: "key") == binary)
        #expect(store.binary(for: "kez") == nil && store.binary(for: "") == nil)
        store.store([7], for: "key")
        store.store(binary, for: "")
        #expect(store.binary(for: "key") == [7] && store.binary(for: "") == binary)
        #expect(try folder.contents.count == 2)
    }

    @Test func emptyBinariesAreNotKept() throws {
        store.store([], for: "key")
        #expect(try folder.contents.isEmpty)
    }

    @Test func makesItsFolderForTheUserAlone() {
        let store = ProgramBinaryStore(folder: folder.file("a/b"))
        store.store(binary, for: "key")
        #expect(store.binary(for: "key") == binary)
        #expect(mode(store.folder) == 0o700 && mode(store.path("key")) == 0o600)
    }

    @Test func namesOfKeysDiffer() {
        let keys = (0..<2000).map { "\($0)" } + (0..<64).map { String(repeating: "\0", count: $0) }
        let names = Set(keys.map(ProgramBinaryFile.name(of:)))
        #expect(names.count == keys.count && names.allSatisfy { $0.utf8.count == 32 })
        // Both halves by themselves.
        #expect(Set(names.map { $0.prefix(16) }).count == keys.count)
        #expect(Set(names.map { $0.suffix(16) }).count == keys.count)
    }

    // MARK: Damage

    @Test func anyChangedByteIsFound() throws {
        store.store(binary, for: "a key")
        let intact = try contents(of: "a key")
        #expect(intact.count == ProgramBinaryFile.headerSize + 5 + binary.count)
        for index in intact.indices {
            for change in [1, 0x80, 0xff] as [UInt8] {
                var damaged = intact
                damaged[index] ^= change
                try replaceContents(of: "a key", by: damaged)
                #expect(store.binary(for: "a key") == nil, "byte \(index)")
            }
        }
        store.store(binary, for: "a key")
        #expect(store.binary(for: "a key") == binary)
    }

    @Test func anyOtherLengthIsFound() throws {
        store.store(binary, for: "a key")
        let intact = try contents(of: "a key")
        for count in 0..<intact.count {
            try replaceContents(of: "a key", by: intact.prefix(count))
            #expect(store.binary(for: "a key") == nil, "\(count) bytes")
        }
        for extra in 1...9 {
            try replaceContents(of: "a key", by: intact + [UInt8](repeating: 0, count: extra))
            #expect(store.binary(for: "a key") == nil)
        }
    }

    /// As if two keys had the same file name.
    @Test func anotherKeysFileIsNotTaken() throws {
        for other in ["kez", "ke", "key2"] {
            store.store(binary, for: "key")
            #expect(rename(store.path("key"), store.path(other)) == 0)
            #expect(store.binary(for: other) == nil)
        }
    }

    // MARK: Folders that are of no use

    /// Root may write to any folder, but not below a file.
    @Test func folderThatCannotBe() throws {
        let store = ProgramBinaryStore(folder: try folder.file("file", [1]) + "/below")
        store.store(binary, for: "key")
        #expect(store.binary(for: "key") == nil)
        #expect(try folder.contents == ["file"])
    }

    /// As on a full disk: nothing half written stays behind.
    @Test func fileThatCannotBeReplaced() throws {
        let path = store.path("key")
        try FileManager.default.createDirectory(atPath: path + "/x", withIntermediateDirectories: true)
        #expect(store.binary(for: "key") == nil)
        store.store(binary, for: "key")
        #expect(store.binary(for: "key") == nil)
        #expect(try folder.contents == [URL(fileURLWithPath: path).lastPathComponent])
    }

    @Test func whatIsNoFileIsNotRead() throws {
        #expect(mkfifo(store.path("pipe"), 0o600) == 0)
        #expect(store.binary(for: "pipe") == nil)
        #expect(symlink("/dev/zero", store.path("link")) == 0)
        #expect(store.binary(for: "link") == nil)
        store.store(binary, for: "pipe")
        #expect(store.binary(for: "pipe") == binary)
    }

    // MARK: Several at once

    /// Processes differ from threads in nothing that files know of.
    @Test func readersNeverSeeHalfFiles() throws {
        let binaries = (0..<4).map { [UInt8](repeating: UInt8($0), count: 50_000 + $0) }
        store.store(binaries[0], for: "key")
        let store = store
        DispatchQueue.concurrentPerform(iterations: 8) { thread in
            for round in 0..<50 {
                if (thread + round) % 2 == 0 { store.store(binaries[thread % 4], for: "key") }
                let found = store.binary(for: "key")
                if !binaries.contains(where: { $0 == found }) { Issue.record("\(found?.count ?? 0) bytes") }
            }
        }
        #expect(try folder.contents.count == 1)
    }

    // MARK: Limit

    @Test func whatWasNotUsedForLongestGoes() throws {
        let size = ProgramBinaryFile.contents(binary, key: "0").count
        let store = ProgramBinaryStore(folder: folder.path, limit: 3 * size)
        for key in ["0", "1", "2"] { store.store(binary, for: key) }
        for (key, seconds) in [("0", 300), ("1", 200), ("2", 100)] { age(store.path(key), seconds: seconds) }
        #expect(store.binary(for: "0") == binary)
        store.store(binary, for: "3")
        #expect(["0", "1", "2", "3"].map { store.binary(for: $0) != nil } == [true, false, true, true])

        store.store([UInt8](repeating: 1, count: 3 * size), for: "large")
        #expect(store.binary(for: "large") == nil)
        #expect(try folder.contents.count == 3)
    }

    @Test func onlyItsOwnFilesAreRemoved() throws {
        let store = ProgramBinaryStore(folder: folder.path, limit: 200)
        let large = [UInt8](repeating: 0, count: 1000)
        for name in ["weights.safetensors", "fresh.clbinary.tmp", "stale.clbinary.tmp", "old.clbinary"] {
            age(try folder.file(name, large), seconds: name.hasPrefix("fresh") ? 10 : 100_000)
        }
        store.store(binary, for: "key")
        #expect(store.binary(for: "key") == binary)
        let own = URL(fileURLWithPath: store.path("key")).lastPathComponent
        #expect(try Set(folder.contents) == [own, "weights.safetensors", "fresh.clbinary.tmp"])
    }

    // MARK: Environment

    @Test(
        arguments: [
            ([:], nil),
            (["HOME": "/home/a"], "/home/a/.cache/convnet-aig"),
            (["HOME": ""], nil),
            (["HOME": "relative"], nil),
            (["HOME": "/home/a", "XDG_CACHE_HOME": "/caches"], "/caches/convnet-aig"),
            (["HOME": "/home/a", "XDG_CACHE_HOME": ""], "/home/a/.cache/convnet-aig"),
            (["HOME": "/home/a", "XDG_CACHE_HOME": "relative"], "/home/a/.cache/convnet-aig"),
            (["HOME": "/home/a", "AIG_CACHE": ""], "/home/a/.cache/convnet-aig"),
            (["HOME": "/home/a", "XDG_CACHE_HOME": "/caches", "AIG_CACHE": "off"], nil),
            (["HOME": "/home/a", "XDG_CACHE_HOME": "/caches", "AIG_CACHE": "/mine"], "/mine"),
            (["AIG_CACHE": "relative"], "relative"),
        ] as [([String: String], String?)])
    func environment(_ environment: [String: String], _ expected: String?) {
        #expect(ProgramBinaryStore(environment: environment)?.folder == expected)
    }

    // MARK: On the device

    /// PoCL has files of its own.
    @Test func standardStore() throws {
        let device = try TestBackend.device.get()
        let store = ProgramBinaryStore.standard(for: device, environment: ["AIG_CACHE": "/mine"])
        #expect(store?.folder == (device.platformName == "Portable Computing Language" ? nil : "/mine"))
        #expect(ProgramBinaryStore.standard(for: device, environment: ["AIG_CACHE": "off"]) == nil)
    }

    @Test func keysTellApartWhatBinariesDependOn() throws {
        let device = try TestBackend.device.get()
        func key(_ source: String, _ options: [String], _ environment: [String: String] = [:]) -> String {
            ProgramBinaryStore.key(device, source: source, options: options, environment: environment)
        }
        let keys = [
            key("a", []), key("b", []), key("a", ["-DX=1"]), key("a", ["-DX=1", "-DY"]),
            key("a", [], ["CL_CONFIG_CPU_TARGET_ARCH": "corei7"]),
        ]
        #expect(Set(keys).count == keys.count)
        #expect(key("a", [], ["HOME": "/x"]) == keys[0])
        for part in [device.name, device.vendor, device.driverVersion, device.version, device.platformName] {
            #expect(keys[0].contains(part))
        }
    }

    /// The first session compiles and stores, the second loads: it uses all files, and writes none.
    @Test func sameLogitsFromStoredBinaries() throws {
        let expected = try logits(nil)
        #expect(try folder.contents.isEmpty)
        #expect(try logits(store) == expected)
        let stored = try files()
        #expect(!stored.isEmpty)
        for path in stored.keys { age(path, seconds: 1000) }
        #expect(try logits(store) == expected)
        #expect(try files() == stored)
        for path in stored.keys { #expect(secondsSinceUse(path) < 900) }
    }

    /// A file in order whose binary the driver does not take, as after an update that drivers do not tell of.
    @Test func binariesThatDriversRefuseAreReplaced() throws {
        let device = try TestBackend.device.get()
        let context = try Context(device: device)
        let source = "__kernel void one(__global float *x) { x[0] = 1; }"
        let key = ProgramBinaryStore.key(device, source: source, options: [])
        store.store((0..<256).map { UInt8($0) }, for: key)
        let program = try store.program(context: context, source: source, options: [])
        #expect(try program.kernelNames() == ["one"])
        let stored = try #require(store.binary(for: key))
        #expect(stored != (0..<256).map { UInt8($0) })
        #expect(try store.program(context: context, source: source, options: []).kernelNames() == ["one"])
    }

    @Test func sourceThatDoesNotBuildIsReported() throws {
        let context = try Context(device: try TestBackend.device.get())
        let error = #expect(throws: OpenCLError.self) {
            try store.program(context: context, source: "__kernel void a() { missing(); }", options: ["-cl-std=CL1.2"])
        }
        #expect(error?.name == "CL_BUILD_PROGRAM_FAILURE" && error?.log?.isEmpty == false)
        #expect(try folder.contents.isEmpty)
    }

    private func logits(_ cache: ProgramBinaryStore?) throws -> [UInt32] {
        let (file, weights) = try ParityFixture.small.load()
        let runtime = try OpenCLRuntime(device: try TestBackend.device.get(), cache: cache)
        let output = try Session(weights: weights, backend: .openCL(runtime), batch: 2).run(try file.tensor("input"))
        return try output.logits.values.map(\.bitPattern)
    }

    /// The numbers of the files there are: a file that is written anew has another.
    private func files() throws -> [String: ino_t] {
        try Dictionary(
            uniqueKeysWithValues: folder.contents.map { name in
                var status = stat()
                try #require(stat(folder.file(name), &status) == 0)
                return (folder.file(name), status.st_ino)
            })
    }

    private func secondsSinceUse(_ path: String) -> Int {
        var status = stat()
        return stat(path, &status) == 0 ? time(nil) - status.st_mtim.tv_sec : .max
    }
}
