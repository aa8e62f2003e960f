import Foundation

/// A headless Chromium, where there is one.
struct Browser: Sendable {
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    let path: String

    /// That of `CHROMIUM`, or the first on the path.
    static let installed: Browser? = {
        let environment = ProcessInfo.processInfo.environment
        let folders = environment["PATH", default: ""].split(separator: ":").map(String.init)
        let candidates =
            [environment["CHROMIUM"]].compactMap { $0 }.filter { !$0.isEmpty }
            + ["chromium", "chromium-browser", "google-chrome"].flatMap { name in folders.map { $0 + "/" + name } }
        return candidates.first { FileManager.default.isExecutableFile(atPath: $0) }.map(Browser.init)
    }()

    /// The page's tree after its scripts ran, as HTML.
    func tree(of page: String, width: Int, height: Int, dark: Bool) throws -> String {
        try run(["--dump-dom"], page, width, height, dark)
    }

    /// Writes an image of the page's upper part.
    func screenshot(of page: String, width: Int, height: Int, dark: Bool, to path: String) throws {
        _ = try run(["--screenshot=\(path)", "--hide-scrollbars"], page, width, height, dark)
    }

    /// Writes the page as it is printed.
    func pdf(of page: String, to path: String) throws {
        _ = try run(["--print-to-pdf=\(path)", "--no-pdf-header-footer"], page, 1000, 1000, false)
    }

    private func run(_ options: [String], _ page: String, _ width: Int, _ height: Int, _ dark: Bool) throws -> String {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: path)
        let profile = page + ".profile-\(UUID().uuidString)"
        process.arguments =
            [
                // Containers and root have no sandbox.
                "--headless", "--no-sandbox", "--disable-gpu", "--user-data-dir=\(profile)",
                "--blink-settings=preferredColorScheme=\(dark ? 0 : 1)", "--virtual-time-budget=5000",
                "--window-size=\(width),\(height)",
            ] + options + [URL(fileURLWithPath: page).absoluteString]
        let output = Pipe()
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw Failure(description: "\(path) ended with \(process.terminationStatus)")
        }
        return text
    }
}
