import FileSystem
import Foundation

/// Why a checkpoint of PyTorch cannot be read. The description names the file, what is wrong and what to do.
package enum TorchFileError: Error, Sendable, Hashable {
    /// The file cannot be opened.
    case unreadable(path: String, problem: String)
    /// The archive, or what follows the pickles of files from before version 1.6, is not what it should be.
    case malformed(path: String, problem: String)
    /// The file is of a kind that is not read; what to do about it.
    case unsupported(path: String, problem: String)
    /// A tensor's values cannot be had.
    case unreadableTensor(path: String, tensor: String, problem: String)
}

extension TorchFileError {
    init(_ error: FileError) {
        switch error {
        case .unreadable(let path, let problem), .unwritable(let path, let problem):
            self = .unreadable(path: path, problem: problem)
        }
    }
}

extension TorchFileError: LocalizedError, CustomStringConvertible {
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
