import Foundation
import TestSupport
import Testing

@testable import aig

@Suite struct VersionTests {
    /// The version stands in one place of the code; the changelog begins with it.
    @Test func changelogBeginsWithTheVersion() throws {
        let changelog = try String(contentsOfFile: Fixtures.path("../../CHANGELOG.md"), encoding: .utf8)
        let versions = changelog.split(separator: "\n").compactMap { line in
            line.firstMatch(of: /^## \[(.+)\] - \d{4}-\d\d-\d\d$/).map { String($0.1) }
        }
        #expect(versions.first == AIGCommand.configuration.version)
    }
}
