import Foundation

/// Why a file or a folder cannot be used. The description says what is wrong, in the system's words where they are its own.
public enum FileError: Error, Sendable, Hashable {
    case unreadable(path: String, problem: String)
    case unwritable(path: String, problem: String)
}

extension FileError: LocalizedError, CustomStringConvertible {
    public var description: String {
        switch self {
        case .unreadable(let path, let problem): "\(path) cannot be read: \(problem)"
        case .unwritable(let path, let problem): "\(path) cannot be written: \(problem)"
        }
    }

    /// Without the path.
    package var problem: String {
        switch self {
        case .unreadable(_, let problem), .unwritable(_, let problem): problem
        }
    }

    public var errorDescription: String? { description }
}

/// What went wrong in the last failed system call, in words.
package func systemErrorText(_ code: Int32 = errno) -> String { String(cString: strerror(code)).lowercased() }
