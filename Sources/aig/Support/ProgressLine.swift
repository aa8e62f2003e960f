import Foundation

/// A line on standard error that says how far long work is; nothing where that is no terminal.
final class ProgressLine {
    private var shown = Date.distantPast
    private let isTerminal = isatty(STDERR_FILENO) == 1

    func show(_ text: @autoclosure () -> String) {
        guard isTerminal, Date().timeIntervalSince(shown) > 0.2 else { return }
        shown = Date()
        FileHandle.standardError.write(Data("\r\u{1B}[K\(text())".utf8))
    }

    func clear() {
        if isTerminal { FileHandle.standardError.write(Data("\r\u{1B}[K".utf8)) }
    }
}
