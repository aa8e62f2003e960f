import Foundation
import TestSupport
import Testing

@Suite struct ReadmeTests {
    private static func text(_ path: String) throws -> String {
        try String(contentsOfFile: Fixtures.path("../../\(path)"), encoding: .utf8)
    }

    /// The example is the program in Tests/Client, which `Tests/run` builds and runs.
    @Test func exampleIsTheClient() throws {
        let client = try Self.text("Tests/Client/Sources/client/main.swift")
        #expect(try Self.text("README.md").contains("```swift\n\(client)```"))
    }

    /// Files and folders that the table of the way through the code names are there.
    @Test func namedFilesExist() throws {
        let readme = try Self.text("README.md")
        for path in [
            "Tests/Fixtures/samples/chelsea.png", "Benchmarks/run", "Tests/run",
        ] {
            #expect(readme.contains(path))
            #expect(FileManager.default.fileExists(atPath: Fixtures.path("../../\(path)")), "\(path)")
        }
        for name in ["Session", "NetworkPlan", "Network", "Schedule"] {
            #expect(readme.contains("Inference/\(name).swift"))
            let path = "Sources/ConvNetAIG/Inference/\(name).swift"
            #expect(FileManager.default.fileExists(atPath: Fixtures.path("../../\(path)")), "\(path)")
        }
    }
}
