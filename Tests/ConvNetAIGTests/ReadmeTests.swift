import Foundation
import TestSupport
import Testing

@Suite struct ReadmeTests {
    private static func text(_ path: String) throws -> String {
        try String(contentsOfFile: Fixtures.path("../../\(path)"), encoding: .utf8)
    }

    private static func exists(_ path: String) -> Bool {
        FileManager.default.fileExists(atPath: Fixtures.path("../../\(path)"))
    }

    /// The example is the program in Tests/Client, which `Tests/run` builds and runs.
    @Test func exampleIsTheClient() throws {
        let client = try Self.text("Tests/Client/Sources/client/main.swift")
        #expect(try Self.text("README.md").contains("```swift\n\(client)```"))
    }

    @Test func isShort() throws {
        #expect(try Self.text("README.md").split(separator: "\n", omittingEmptySubsequences: false).count <= 150)
    }

    @Test(arguments: ["Tests/Fixtures/samples/chelsea.png", "Benchmarks/run", "Tests/run", "docs/route.svg"])
    func namedFilesExist(path: String) throws {
        #expect(try Self.text("README.md").contains(path))
        #expect(Self.exists(path))
    }

    /// Every link to a file of the repository leads somewhere.
    @Test(arguments: ["README.md", "CONTRIBUTING.md", "CHANGELOG.md"])
    func linksLeadSomewhere(page: String) throws {
        for link in try Self.text(page).matches(of: /\]\(([^)]+)\)/) where !link.1.contains("://") {
            #expect(Self.exists(String(link.1)), "\(page): \(link.1)")
        }
    }

    /// Files and folders that the way through the code names are there.
    @Test func contributingNamesWhatIsThere() throws {
        let guide = try Self.text("CONTRIBUTING.md")
        let paths = guide.matches(of: /`((?:Sources|Kernels|Tests|Benchmarks)\/[^` ]+)[^`]*`/).map { String($0.1) }
        #expect(paths.count >= 14)
        for path in paths { #expect(Self.exists(path), "\(path)") }
        for name in ["Session", "NetworkPlan", "Schedule"] {
            #expect(guide.contains("Inference/\(name).swift"))
        }
    }

    /// The paths of an image and of a gradient are short enough to be read.
    @Test(arguments: ["image", "gradient"]) func pathsAreShort(name: String) throws {
        let guide = try Self.text("CONTRIBUTING.md")
        let start = try #require(guide.range(of: "<!-- paths: \(name) -->"))
        let end = try #require(guide.range(of: "<!-- /paths -->", range: start.upperBound..<guide.endIndex))
        let files = Set(guide[start.upperBound..<end.lowerBound].matches(of: /`[^`]+\.(?:swift|cl)`/).map { $0.0 })
        #expect((1...7).contains(files.count))
    }
}
