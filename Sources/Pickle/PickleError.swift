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
    /// The file refers to something that weights and arrays are not made of.
    case forbiddenGlobal(source: String, name: String)
    /// The pickle has more values than the reader allows.
    case tooManyValues(source: String, limit: Int)
    /// A value is not of the kind that is needed.
    case unexpectedValue(source: String, problem: String)
}

extension PickleError: FileFormatError, LocalizedError, CustomStringConvertible {
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

/// Why a checkpoint of PyTorch cannot be read. The description names the file, what is wrong and what to do.
package enum TorchFileError: Error, Sendable, Hashable {
    /// The file cannot be opened.
    case unreadable(path: String, problem: String)
    /// The zip archive, or the data after the pickles of a file from before version 1.6, is damaged.
    case malformed(path: String, problem: String)
    /// The file is of a kind that cannot be read; the problem says what to do.
    case unsupported(path: String, problem: String)
    /// The values of a tensor cannot be read.
    case unreadableTensor(path: String, tensor: String, problem: String)
}

extension TorchFileError: FileFormatError, LocalizedError, CustomStringConvertible {
    package var description: String {
        switch self {
        case .unreadable(let path, let problem):
            "\(path.withEscapedBytes) cannot be read: \(problem)."
        case .malformed(let path, let problem):
            "\(path.withEscapedBytes) is not a valid checkpoint of PyTorch: \(problem). Download or save it again."
        case .unsupported(let path, let problem):
            "\(path.withEscapedBytes) is not read: \(problem)."
        case .unreadableTensor(let path, let tensor, let problem):
            "Tensor \"\(tensor.prefix(200))\" of \(path.withEscapedBytes) is not read: it \(problem)."
        }
    }

    package var errorDescription: String? { description }
}
