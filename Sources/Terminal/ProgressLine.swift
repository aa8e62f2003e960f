import Foundation

/// A line on standard error that says how far long work has got.
package final class ProgressLine {
    private let steps: Int
    private let isTerminal = isatty(STDERR_FILENO) == 1
    private let clock = ContinuousClock()
    private let start: ContinuousClock.Instant
    private var step = 0
    /// When a text was last shown; nil if none was.
    private var shown: ContinuousClock.Instant?
    private var isShowing = false

    private static let interval = Duration.milliseconds(200)
    private static let eraseLine = "\r\u{1B}[K"

    /// - Parameters:
    ///   - steps: how many steps there will be, for `next`.
    ///   - isDelayed: whether nothing is shown of work that ends at once.
    package init(steps: Int = 0, isDelayed: Bool = false) {
        self.steps = steps
        start = clock.now
        shown = isDelayed ? start : nil
    }

    /// Replaces the line, five times a second at most; does nothing where standard error is no terminal.
    package func show(_ text: @autoclosure () -> String) {
        let now = clock.now
        guard isTerminal, shown.map({ $0.duration(to: now) > Self.interval }) ?? true else { return }
        shown = now
        isShowing = true
        Console.writeError(Self.eraseLine + text())
    }

    /// Names the step that begins, with its number and the time so far. Where standard error is no terminal, each step
    /// is a line of its own.
    package func next(_ name: String) {
        step += 1
        let seconds = Int(start.duration(to: clock.now) / .seconds(1))
        let line = "[\(step)/\(steps)] \(seconds) s: \(name)"
        isShowing = true
        Console.writeError(isTerminal ? Self.eraseLine + line : line + "\n")
    }

    /// Leaves the terminal's line empty.
    package func clear() {
        if isTerminal, isShowing { Console.writeError(Self.eraseLine) }
    }
}
