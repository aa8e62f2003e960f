import ArgumentParser
import FileSystem
import Foundation

/// Standard output and standard error. Output is written at once, so that the two stay in order, and a failure to write
/// it is an error, where `print` would lose it.
package enum Console {
    /// Whether standard output is a terminal that understands colours.
    package static let hasStyles: Bool = {
        let environment = ProcessInfo.processInfo.environment
        return isatty(STDOUT_FILENO) == 1 && environment["NO_COLOR", default: ""].isEmpty
            && environment["TERM"] != "dumb"
    }()

    /// Writes a text and a line break to standard output.
    ///
    /// - Throws: `CommandFailure` if that fails; `ExitCode.failure` if the reader of a pipe has closed it.
    package static func write(_ text: String) throws {
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
    package static func complain(_ error: any Error) {
        complain("Error: \(error)")
    }

    /// Writes a line to standard error.
    package static func complain(_ text: String) {
        let line = text.split(whereSeparator: \.isNewline).joined(separator: " ").printable()
        writeError(line + "\n")
    }

    /// Writes a warning to standard error, in one line.
    package static func warn(_ text: String) { complain("Warning: \(text)") }

    /// Writes to standard error as it is. Failures are ignored: a full disk behind it is no reason to stop working.
    package static func writeError(_ text: String) { _ = try? FileDescriptor.standardError.writeAll(text.utf8) }

    /// Bold, on terminals.
    package static func bold(_ text: String) -> String { styled(text, "1") }

    /// Faint, on terminals.
    package static func faint(_ text: String) -> String { styled(text, "2") }

    /// Blue, on terminals: for what runs.
    package static func blue(_ text: String) -> String { styled(text, "34") }

    /// Bold and yellow, on terminals: for what stands out.
    package static func yellow(_ text: String) -> String { styled(text, "1;33") }

    private static func styled(_ text: String, _ code: String) -> String {
        hasStyles ? "\u{1B}[\(code)m\(text)\u{1B}[0m" : text
    }
}

/// An error in the words that the user reads.
package struct CommandFailure: Error, CustomStringConvertible {
    package let description: String

    /// - Parameter message: what is wrong with which file or value, and what to do.
    package init(_ message: String) {
        description = message.printable(keepingLines: true)
    }

    /// Any error by its description.
    package init(_ error: any Error) {
        self.init(String(describing: error))
    }
}
