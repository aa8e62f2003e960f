import Foundation

/// Shows the progress of a training run: on a terminal one line that is rewritten, and everywhere a line for each complete
/// epoch.
package struct ProgressBar {
    private let width: Int?
    private let write: (String) -> Void
    private var lastShown: Double?

    /// Minimum seconds between two rewrites of a terminal's line.
    private static let interval = 0.1
    private static let eraseLine = "\r\u{1B}[K"

    /// - Parameters:
    ///   - width: characters per line of the terminal; nil if the output is not a terminal.
    ///   - write: writes text as it is.
    package init(width: Int?, write: @escaping (String) -> Void) {
        self.width = width
        self.write = write
    }

    /// Writes to standard error.
    package init() {
        let descriptor = FileHandle.standardError.fileDescriptor
        var size = winsize()
        let isKnown = ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 0
        self.init(width: isatty(descriptor) == 1 ? (isKnown ? Int(size.ws_col) : 80) : nil) { text in
            // A full disk behind standard error is no reason to stop training.
            try? FileHandle.standardError.write(contentsOf: Data(text.utf8))
        }
    }

    /// Shows a step, or the summary of a complete epoch.
    package mutating func show(_ progress: TrainingProgress) {
        if let finished = progress.finished {
            lastShown = nil
            write((width == nil ? "" : Self.eraseLine) + Self.summary(finished, progress) + "\n")
        } else if let width {
            let now = Double(DispatchTime.now().uptimeNanoseconds) / 1e9
            if let lastShown, now - lastShown < Self.interval { return }
            lastShown = now
            write(Self.eraseLine + Self.line(progress, width: width))
        }
    }

    /// Erases the terminal's line, for the output that follows a stopped run.
    package func end() {
        if width != nil { write(Self.eraseLine) }
    }

    // MARK: Text

    private static let barLength = 20

    /// The line for a step. Fields that do not fit are left out, from the end.
    static func line(_ progress: TrainingProgress, width: Int) -> String {
        let filled = barLength * progress.step / max(progress.steps, 1)
        let bar = String(repeating: "#", count: filled) + String(repeating: ".", count: barLength - filled)
        var fields = [
            "epoch \(progress.epoch)/\(progress.epochs)", "[\(bar)] \(progress.step)/\(progress.steps)",
            "loss \(decimals(progress.loss, 3))", "accuracy \(percent(progress.accuracy))",
        ]
        if let rate = progress.executionRate { fields.append("blocks run \(percent(rate))") }
        fields.append("\(decimals(progress.imagesPerSecond, 0)) images/s")
        if let seconds = progress.secondsLeft { fields.append("\(duration(seconds)) left") }
        // Some terminals wrap a line that reaches the last column.
        while fields.count > 1, fields.joined(separator: "  ").count >= width { fields.removeLast() }
        return String(fields.joined(separator: "  ").prefix(max(width - 1, 0)))
    }

    /// The line for a complete epoch.
    static func summary(_ metrics: EpochMetrics, _ progress: TrainingProgress) -> String {
        var fields = ["loss \(decimals(metrics.loss, 4))", "accuracy \(percent(metrics.accuracy))"]
        if let rate = metrics.executionRates.mean { fields.append("blocks run \(percent(rate))") }
        if let validation = metrics.validation {
            var result = "validation \(percent(validation.top1)) at \(percent(validation.macShare)) of MACs"
            if let rate = validation.executionRates.mean { result += ", blocks run \(percent(rate))" }
            fields.append(result)
        }
        fields.append("learning rate \(String(format: "%.3g", metrics.learningRate))")
        fields.append("\(decimals(metrics.imagesPerSecond, 0)) images/s")
        if metrics.skipped > 0 { fields.append("\(metrics.skipped) unreadable pictures left out") }
        if let seconds = progress.secondsLeft, metrics.epoch < progress.epochs {
            fields.append("\(duration(seconds)) left")
        }
        return "epoch \(metrics.epoch)/\(progress.epochs): " + fields.joined(separator: "; ")
    }

    /// A time in its two largest units: "2 d 3 h", "1 h 5 min", "4 min 10 s", "7 s".
    static func duration(_ seconds: Double) -> String {
        guard seconds.isFinite, seconds < 1e9 else { return "ages" }
        let whole = Int(max(seconds, 0).rounded())
        switch whole {
        case ..<60: return "\(whole) s"
        case ..<3600: return "\(whole / 60) min \(whole % 60) s"
        case ..<86_400: return "\(whole / 3600) h \(whole % 3600 / 60) min"
        default: return "\(whole / 86_400) d \(whole % 86_400 / 3600) h"
        }
    }

    private static func decimals(_ value: Double, _ count: Int) -> String { String(format: "%.\(count)f", value) }

    private static func percent(_ share: Double) -> String { decimals(100 * share, 1) + " %" }
}
