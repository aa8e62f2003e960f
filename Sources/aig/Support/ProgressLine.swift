import Foundation

/// A line on standard error that says how far long work is; nothing where that is no terminal.
final class ProgressLine {
    private var shown: Date
    private var isShowing = false
    private let isTerminal = isatty(STDERR_FILENO) == 1

    /// - Parameter begun: when the work began, for lines that come only if it takes long.
    init(begun: Date = .distantPast) {
        shown = begun
    }

    func show(_ text: @autoclosure () -> String) {
        guard isTerminal, Date().timeIntervalSince(shown) > 0.2 else { return }
        shown = Date()
        isShowing = true
        FileHandle.standardError.write(Data("\r\u{1B}[K\(text())".utf8))
    }

    func clear() {
        if isShowing { FileHandle.standardError.write(Data("\r\u{1B}[K".utf8)) }
    }
}
