import Foundation

/// Why a file or a folder cannot be used. The description names it and says what is wrong, in the system's words if the
/// system refused.
public enum FileError: Error, Sendable, Hashable {
    /// The file or folder cannot be read.
    case unreadable(path: String, problem: String)
    /// The file or folder cannot be written.
    case unwritable(path: String, problem: String)
}

extension FileError: LocalizedError, CustomStringConvertible {
    /// A message that names the path and the problem.
    public var description: String {
        switch self {
        case .unreadable(let path, let problem): "\(path) cannot be read: \(problem)."
        case .unwritable(let path, let problem): "\(path) cannot be written: \(problem)."
        }
    }

    /// The problem, without the path.
    package var problem: String {
        switch self {
        case .unreadable(_, let problem), .unwritable(_, let problem): problem
        }
    }

    /// The same as ``description``.
    public var errorDescription: String? { description }
}

/// An error type of a file format, which also reports that a file cannot be read at all.
package protocol FileFormatError: Error {
    static func unreadable(path: String, problem: String) -> Self
}

extension FileFormatError {
    /// Evaluates an expression that reads a file, and throws its error as one of the format.
    package static func converting<Result>(_ body: @autoclosure () throws(FileError) -> Result) throws(Self) -> Result {
        do {
            return try body()
        } catch {
            switch error {
            case .unreadable(let path, let problem), .unwritable(let path, let problem):
                throw unreadable(path: path, problem: problem)
            }
        }
    }
}

/// The system's message for an error number, that of the last failed call by default, in lower case as it follows a colon.
package func systemErrorText(_ code: Int32 = errno) -> String { String(cString: strerror(code)).lowercased() }
