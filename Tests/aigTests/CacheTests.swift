import Foundation
import TestSupport
import Testing

/// `aig cache`.
@Suite(.timeLimit(.minutes(5))) struct CacheTests {
    @Test func whatIsKeptIsShownAndRemoved() async throws {
        let folder = try SampleImages.makeFolder()
        let (archive, cache) = (folder.file("set.tar.gz"), folder.file("cache"))
        #expect(try ShellCommand.run(["tar", "-C", folder.path, "-czf", archive, "test"]).status == 0)
        func run(_ arguments: String..., cache: String) async throws -> AIGProcess.Outcome {
            try await AIGProcess.run(arguments, environment: ["AIG_CACHE": cache])
        }
        let evaluated = try await run("evaluate", "--data", archive, "--backend", "reference", cache: cache)
        #expect(evaluated.status == 0, "\(evaluated.errors)")
        let kept = try FileManager.default.contentsOfDirectory(atPath: cache + "/archives")
        #expect(kept.count == 1)
        for name in ["mine.txt", "archives/mine.txt"] { _ = try folder.file("cache/" + name, [65]) }

        let shown = try await run("cache", cache: cache)
        #expect(shown.status == 0 && shown.output.hasPrefix(cache + "\n"))
        #expect(shown.output.contains("unpacked archives: 1 file, "))
        let removed = try await run("cache", "clear", "--archives", cache: cache)
        #expect(removed.status == 0 && removed.output.hasPrefix("Removed unpacked archives: 1 file, "))
        // Others' files are theirs.
        #expect(try FileManager.default.contentsOfDirectory(atPath: cache + "/archives") == ["mine.txt"])
        #expect(FileManager.default.fileExists(atPath: cache + "/mine.txt"))
        let again = try await run("cache", "clear", cache: cache)
        #expect(again.status == 0 && again.output.contains("Removed unpacked archives: 0 files, 0 bytes"))
        let off = try await run("cache", cache: "off")
        #expect(off.status == 0 && off.output.hasPrefix("Nothing is kept"))
    }
}
