import FileSystem
import Foundation

/// Why a safetensors file cannot be read or written. The description names the file, the tensor where there
/// is one, what is wrong and what to do.
public enum SafetensorsError: Error, Sendable, Hashable {
    /// The file cannot be opened or mapped.
    case unreadable(path: String, problem: String)
    /// The file's structure is wrong: it is cut short, damaged, or of another format.
    case malformed(path: String, problem: String)
    /// The file is of a kind that holds no weights.
    case notWeights(path: String, problem: String)
    /// What the header says of one tensor is wrong.
    case malformedTensor(path: String, tensor: String, problem: String)
    /// The file has no tensor of that name.
    case noSuchTensor(path: String, tensor: String)
    /// The tensor's numbers cannot be had in the format asked for.
    case unsupportedType(path: String, tensor: String, dtype: TensorDataType, wanted: String)
    /// The file cannot be written. What was there before is untouched.
    case unwritable(path: String, problem: String)
}

extension SafetensorsError: FileFormatError, LocalizedError, CustomStringConvertible {
    public var description: String {
        switch self {
        case .unreadable(let path, let problem):
            "\(path) cannot be read: \(problem)."
        case .malformed(let path, let problem):
            "\(path) is not a valid safetensors file: \(problem). Download or export it again."
        case .notWeights(let path, let problem):
            "\(path) holds no weights: \(problem)."
        case .malformedTensor(let path, let tensor, let problem):
            "\(path) is not a valid safetensors file: tensor \"\(tensor.prefix(200))\" \(problem). "
                + "Download or export it again."
        case .noSuchTensor(let path, let tensor):
            "\(path) has no tensor \"\(tensor.prefix(200))\"."
        case .unsupportedType(let path, let tensor, let dtype, let wanted):
            "Tensor \"\(tensor.prefix(200))\" of \(path) has the data type \(dtype.rawValue), which cannot "
                + "be read as \(wanted). Convert it to float32 when exporting."
        case .unwritable(let path, let problem):
            "\(path) cannot be written: \(problem)."
        }
    }

    public var errorDescription: String? { description }
}
