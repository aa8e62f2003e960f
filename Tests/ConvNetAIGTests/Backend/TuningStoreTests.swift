import Foundation
import OpenCL
import TestSupport
import Testing

@testable import ConvNetAIG
@testable import Operators

/// Whether what was tuned is kept, and what is said where it is not.
@Suite struct TuningStoreTests {
    private static let choice = ConvolutionChoice(
        settings: FusedConvolutionSettings(
            ConvolutionSettings(
                input: FeatureShape(channels: 64, height: 8, width: 8), outputChannels: 64, kernel: 3, padding: 1)),
        images: 2)
    private static let algorithm = ConvolutionAlgorithm.direct(.init(rows: 1, pixels: 3, vectors: 1))

    private let folder: TemporaryFolder
    private let device: Device

    init() throws {
        folder = try TemporaryFolder()
        device = try TestBackend.device.get()
    }

    private func tuning(_ store: TuningStore?) -> ConvolutionTuning {
        ConvolutionTuning(device, DeviceTraits(device), store: store)
    }

    /// Adds a choice, and says why it is not kept.
    private func failure(_ folder: String) throws -> TuningStoreError? {
        let tuning = tuning(TuningStore(folder: folder))
        let failure = tuning.add([Self.choice: Self.algorithm])
        // This process knows in any case.
        #expect(tuning[Self.choice] == Self.algorithm)
        let later = self.tuning(TuningStore(folder: folder))[Self.choice]
        #expect((later == nil) == (failure != nil))
        return failure
    }

    @Test func aFolderThatIsMadeKeeps() throws {
        #expect(try failure(folder.file("a/b")) == nil)
    }

    @Test func withoutAStoreNothingIsKept() {
        let tuning = tuning(nil)
        #expect(tuning.add([Self.choice: Self.algorithm]) == .noFolder)
        #expect(tuning[Self.choice] == Self.algorithm)
        #expect(TuningStoreError.noFolder.description.contains("AIG_CACHE is off"))
    }

    @Test(arguments: ["/file/cache", "/file"])
    func belowAFileThereIsNoFolder(_ path: String) throws {
        _ = try folder.file("file", [1])
        let failure = try #require(try failure(folder.path + path))
        #expect(failure == .notWritten(path: folder.path + path, reason: "Not a directory"))
        #expect(failure.description.contains("AIG_CACHE"))
    }

    /// A file system that takes no files, from root neither.
    @Test func aFolderThatTakesNoFiles() throws {
        guard case .notWritten("/proc", let reason) = try #require(try failure("/proc")) else {
            Issue.record("another failure")
            return
        }
        #expect(!reason.isEmpty)
    }

    @Test(.enabled(if: geteuid() != 0, "root may write to every folder"))
    func aReadOnlyFolder() throws {
        try FileManager.default.setAttributes([.posixPermissions: 0o500], ofItemAtPath: folder.path)
        #expect(try failure(folder.path) == .notWritten(path: folder.path, reason: "Permission denied"))
    }

    @Test func whatStandsInTheFilesPlace() throws {
        let store = TuningStore(folder: folder.path)
        let path = store.path(device, DeviceTraits(device))
        try FileManager.default.createDirectory(atPath: path + "/x", withIntermediateDirectories: true)
        guard case .notWritten(path, _) = try #require(try failure(folder.path)) else {
            Issue.record("another failure")
            return
        }
        #expect(try folder.contents.count == 1)
    }

    @Test func aDamagedFileIsReplaced() throws {
        let store = TuningStore(folder: folder.path)
        let path = store.path(device, DeviceTraits(device))
        for damage in [[], [1, 2, 3], [UInt8](repeating: 0xff, count: 500)] as [[UInt8]] {
            try Data(damage).write(to: URL(fileURLWithPath: path))
            #expect(tuning(store)[Self.choice] == nil)
            #expect(try failure(folder.path) == nil)
        }
    }

    /// As a full disk: a file takes part of what is written.
    @Test func aFileThatCannotGrow() async {
        await #expect(processExitsWith: .success) {
            let folder = try TemporaryFolder()
            let store = ProgramBinaryStore(folder: folder.path)
            signal(SIGXFSZ, SIG_IGN)
            var limit = rlimit(rlim_cur: 100, rlim_max: 100)
            try #require(setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit) == 0)
            let failure = #expect(throws: ProgramBinaryStore.WriteError.self) {
                try store.write([UInt8](repeating: 1, count: 1000), for: "key")
            }
            #expect(failure == ProgramBinaryStore.WriteError(folder.path, "File too large"))
            #expect(try folder.contents.isEmpty)
        }
    }

    @Test func moreThanTheLimitIsNotWritten() throws {
        let store = ProgramBinaryStore(folder: folder.path, limit: 100)
        let failure = #expect(throws: ProgramBinaryStore.WriteError.self) {
            try store.write([UInt8](repeating: 1, count: 1000), for: "key")
        }
        #expect(try #require(failure).reason.contains("100"))
    }
}
