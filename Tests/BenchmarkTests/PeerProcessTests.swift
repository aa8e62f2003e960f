import Foundation
import TestSupport
import Testing

@testable import aig_benchmark

/// Against shell scripts in the place of Python: no peer has to be installed.
@Suite struct PeerProcessTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func process(_ script: String) throws -> PeerProcess {
        let path = try folder.file("python", [UInt8]("#!/bin/sh\n\(script)\n".utf8))
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: path)
        return try PeerProcess(
            threads: 3, folder: URL(fileURLWithPath: folder.path),
            environment: [
                PeerProcess.pythonVariable: path, PeerProcess.folderVariable: "/peers",
                "PATH": "/usr/bin:/bin",
            ])
    }

    @Test func asksAndIsAnswered() throws {
        let process = try process(
            #"""
            echo "{\"versions\": {\"$2\": \"$3\", \"threads\": \"$OMP_NUM_THREADS\"}}"
            while read -r line; do echo '{"milliseconds": [2]}'; done
            """#)
        #expect(process.versions == ["/peers/serve.py": "3", "threads": "3"])
        #expect(try process.ask(.clear) == PeerReply(milliseconds: [2]))
        #expect(try process.ask(.clear) == PeerReply(milliseconds: [2]))
    }

    @Test func whatWasRefusedIsAnError() throws {
        let process = try process(#"echo '{}'; read -r line; echo '{"error": "no memory"}'; read -r line"#)
        #expect(throws: PeerFailure.refused("no memory")) { try process.ask(.clear) }
    }

    @Test func itsEndIsToldWithItsLastWords() {
        #expect(throws: PeerFailure.ended(log: "  No module named torch")) {
            _ = try process("echo No module named torch >&2; exit 1")
        }
    }

    @Test func anEndBetweenRequestsIsAnErrorToo() throws {
        let process = try process("echo '{}'")
        #expect(throws: PeerFailure.ended(log: "")) { try process.ask(.clear) }
    }

    @Test func nonsenseIsAnError() {
        #expect(throws: PeerFailure.incomprehensible("hello")) { _ = try process("echo hello; cat") }
    }

    @Test func withoutPreparationItSaysWhatToDo() {
        #expect(throws: PeerFailure.notPrepared(missing: PeerProcess.pythonVariable)) {
            _ = try PeerProcess(threads: 1, folder: URL(fileURLWithPath: folder.path), environment: [:])
        }
        #expect(throws: PeerFailure.self) {
            _ = try PeerProcess(
                threads: 1, folder: URL(fileURLWithPath: folder.path),
                environment: [PeerProcess.pythonVariable: "/nowhere", PeerProcess.folderVariable: "/"])
        }
    }
}
