import Foundation

/// What is going on, on standard error: one line that changes on a terminal, and otherwise a line for each
/// step.
struct ProgressLine {
    private let steps: Int
    private let isTerminal = isatty(FileHandle.standardError.fileDescriptor) == 1
    private let clock = ContinuousClock()
    private let start: ContinuousClock.Instant
    private var step = 0

    private static let eraseLine = "\r\u{1B}[K"

    init(steps: Int) {
        self.steps = steps
        start = clock.now
    }

    mutating func next(_ what: String) {
        step += 1
        let seconds = Int(start.duration(to: clock.now) / .seconds(1))
        let line = "[\(step)/\(steps)] \(seconds) s: \(what)"
        write(isTerminal ? Self.eraseLine + line : line + "\n")
    }

    /// Leaves the terminal's line empty.
    func end() {
        if isTerminal { write(Self.eraseLine) }
    }

    private func write(_ text: String) {
        // A full disk behind standard error is no reason to stop measuring.
        try? FileHandle.standardError.write(contentsOf: Data(text.utf8))
    }
}
