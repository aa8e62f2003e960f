import ArgumentParser
import FileSystem
import Foundation

/// Standard output and standard error. Output is written at once, so that the two come in order, and a
/// failure to write it is an error, where `print` would lose it.
enum Console {
    /// Whether standard output is a terminal that understands colours.
    static let hasStyles: Bool = {
        let environment = ProcessInfo.processInfo.environment
        return isatty(STDOUT_FILENO) == 1 && environment["NO_COLOR", default: ""].isEmpty
            && environment["TERM"] != "dumb"
    }()

    /// Writes a text and a line break to standard output.
    static func write(_ text: String) throws {
        do {
            try FileDescriptor.standardOutput.writeAll((text + "\n").utf8)
        } catch Errno.brokenPipe {
            // The reader of a pipe has seen enough: nothing to say, and nobody to say it to.
            throw ExitCode.failure
        } catch {
            throw CommandFailure("The standard output cannot be written: \(error).")
        }
    }

    /// Writes an error to standard error, in one line.
    static func complain(_ error: any Error) {
        complain("Error: \(error)")
    }

    /// Writes a line to standard error.
    static func complain(_ text: String) {
        let line = text.split(whereSeparator: \.isNewline).joined(separator: " ").printable()
        _ = try? FileDescriptor.standardError.writeAll((line + "\n").utf8)
    }

    /// Writes a warning to standard error, in one line.
    static func warn(_ text: String) { complain("Warning: \(text)") }

    /// Bold, on terminals.
    static func bold(_ text: String) -> String { styled(text, "1") }

    /// Faint, on terminals.
    static func faint(_ text: String) -> String { styled(text, "2") }

    /// Blue, on terminals: what runs.
    static func blue(_ text: String) -> String { styled(text, "34") }

    /// Bold and yellow, on terminals: what stands out.
    static func yellow(_ text: String) -> String { styled(text, "1;33") }

    private static func styled(_ text: String, _ code: String) -> String {
        hasStyles ? "\u{1B}[\(code)m\(text)\u{1B}[0m" : text
    }
}
