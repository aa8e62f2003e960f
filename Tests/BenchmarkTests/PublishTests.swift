import Foundation
import TestSupport
import Testing

/// `Benchmarks/publish`, with shell scripts in the place of the programs that it runs.
@Suite struct PublishTests {
    private let folder: TemporaryFolder
    private let page: String

    /// The benchmark writes its arguments as its page. It fails if they contain the text of the file `broken`.
    init() throws {
        folder = try TemporaryFolder()
        page = folder.file("results.md")
        try program(
            "aig-benchmark",
            #"""
            case "$*" in *"$(cat "$(dirname "$0")/broken" 2>/dev/null || echo nothing)"*) echo "no memory" >&2; exit 3 ;; esac
            words="$*"
            while [ $# -gt 1 ]; do shift; done
            echo "ran: $words" > "$1"
            """#)
        try program(
            "aig",
            #"""
            case $1 in
                devices) printf '0: other (P)\n   OpenCL         no\n\n1: cpu (PoCL)  [default]\n   OpenCL         3.0\n' ;;
                evaluate) printf '  top 1  88.99 %%, 95 %% interval 88.36 to 89.59 %%\n  MACs   1 a picture, 76.20 %% of 2\n' ;;
                report) printf 'Holds: Routes differ: much.\n    By 5 | 6.\nNot known: B.\n    C.\nreport.html\n' ;;
            esac
            """#)
    }

    private func program(_ name: String, _ script: String) throws {
        let path = try folder.file(name, [UInt8]("#!/bin/sh\n\(script)\n".utf8))
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: path)
    }

    private func publish(_ arguments: [String]) throws -> (status: Int32, page: String, errors: String) {
        let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("../../Benchmarks/publish").standardizedFileURL
        let errors = folder.file("errors")
        try Data().write(to: URL(fileURLWithPath: errors))
        let process = Process()
        process.executableURL = script
        process.arguments = ["--output", page] + arguments
        process.environment = ProcessInfo.processInfo.environment.merging(["AIG_BINARIES": folder.path]) { $1 }
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        process.standardError = try FileHandle(forWritingTo: URL(fileURLWithPath: errors))
        try process.run()
        process.waitUntilExit()
        return (
            process.terminationStatus, (try? String(contentsOfFile: page, encoding: .utf8)) ?? "",
            try String(contentsOfFile: errors, encoding: .utf8)
        )
    }

    @Test func pageHasWhatWasRunAndSaysWhatWasNot() throws {
        let (status, page, errors) = try publish(["--scaling", "--data", folder.path])
        #expect(status == 0, "\(errors)")
        #expect(page.contains("| device | cpu (PoCL) |\n| OpenCL | 3.0 |"))
        #expect(page.contains("| commit | "))
        #expect(page.contains("ran: --models cifar-20,cifar-38,cifar-56,cifar-110,50,101 --markdown"))
        #expect(page.contains("ran: --scaling --markdown") && page.contains("ran: --memory --markdown"))
        #expect(page.contains("## Training steps\n\nNot measured in this run; `Benchmarks/publish --training` does."))
        #expect(page.contains("| convnet-aig-cifar-56 | 88.99 % | 88.36 to 89.59 % | 76.20 % |"))
        #expect(page.contains("| Routes differ: much. | Holds | By 5 \\| 6. |\n| B. | Not known | C. |"))
    }

    @Test func aFailureKeepsTheOthersAndIsResumed() throws {
        let broken = try folder.file("broken", [UInt8]("--memory".utf8))
        let first = try publish(["--training", "--quick"])
        #expect(first.status == 1)
        #expect(first.page.contains("## Starts and memory\n\nFailed. The end of its output:\n\n```\nno memory\n```"))
        #expect(first.page.contains("ran: --models cifar-20 --quick") && first.page.contains("not for quoting"))
        #expect(first.page.contains("ran: --training --batch 16 --quick"))
        try FileManager.default.removeItem(atPath: broken)
        let second = try publish(["--training", "--quick", "--resume"])
        #expect(second.status == 0)
        #expect(second.page.contains("ran: --memory --quick") && second.page.contains("ran: --training"))
        #expect(second.errors.contains("== Training steps: kept") && !second.errors.contains("memory: kept"))
    }

    @Test(arguments: [
        ["--every"], ["--data"], ["--only", "speed"], ["--only", "accuracy"], ["--data", "/nowhere/x"],
    ])
    func mistakesAreUsageErrors(_ arguments: [String]) throws {
        let outcome = try publish(arguments)
        #expect(outcome.status == 64)
        #expect(outcome.page.isEmpty && outcome.errors.hasPrefix("Error: "))
    }
}
