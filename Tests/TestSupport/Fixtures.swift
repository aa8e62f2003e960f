import Foundation

/// Files the tests read.
package enum Fixtures {
    /// The path of a file in Tests/Fixtures.
    package static func path(_ name: String) -> String {
        URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("Fixtures").appendingPathComponent(name).path
    }
}
