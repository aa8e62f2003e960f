import Foundation

/// Files the tests read.
public enum Fixtures {
    /// The path of a file in Tests/Fixtures.
    public static func path(_ name: String) -> String {
        URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("Fixtures").appendingPathComponent(name).path
    }
}
