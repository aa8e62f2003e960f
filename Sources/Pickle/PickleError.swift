import FileSystem
import Foundation

/// Why a pickle cannot be read. The description names the file, what is wrong, where, and what to do.
package enum PickleError: Error, Sendable, Hashable {
    /// The file cannot be opened.
    case unreadable(path: String, problem: String)
    /// The file ends within an instruction.
    case truncated(source: String, position: Int)
    /// The instructions at a byte of the file make no sense.
    case malformed(source: String, position: Int, problem: String)
    /// The file refers to something that is not on the list of what weights and arrays are made of.
    case forbiddenGlobal(source: String, name: String)
    /// The file has more values than are read.
    case tooManyValues(source: String, limit: Int)
    /// A value is not what it is asked for as.
    case unexpectedValue(source: String, problem: String)
}

extension PickleError {
    init(_ error: FileError) {
        switch error {
        case .unreadable(let path, let problem), .unwritable(let path, let problem):
            self = .unreadable(path: path, problem: problem)
        }
    }
}

extension PickleError: LocalizedError, CustomStringConvertible {
    package var description: String {
        switch self {
        case .unreadable(let path, let problem):
            "\(path.withEscapedBytes) cannot be read: \(problem)."
        case .truncated(let source, let position):
            "\(source.withEscapedBytes) is cut short: its pickle ends within an instruction at byte \(position). Download "
                + "or save it again."
        case .malformed(let source, let position, let problem):
            "\(source.withEscapedBytes) is not a valid pickle: at byte \(position) \(problem). Download or save it again."
        case .forbiddenGlobal(let source, let name):
            "\(source.withEscapedBytes) is not read: it refers to \(name.prefix(200)), which is not a part of weights; "
                + "nothing of it was run. If it comes from where you trust, load it in Python and save its weights alone, "
                + "with torch.save(model.state_dict(), \"weights.pth\")."
        case .tooManyValues(let source, let limit):
            "\(source.withEscapedBytes) is not read: its pickle has more than \(limit) values. Save its weights alone."
        case .unexpectedValue(let source, let problem):
            "\(source.withEscapedBytes) is not read: \(problem)."
        }
    }

    package var errorDescription: String? { description }
}
