import FileSystem
import Foundation

/// Writes safetensors files; ``SafetensorsFile`` reads them.
public enum Safetensors {
    /// Writes tensors as float32, in the order given.
    ///
    /// The file appears complete or not at all: it is written under another name in the same folder, synced
    /// to disk, and renamed. On any failure the unfinished file is removed, and a file that was there before
    /// stays as it was.
    ///
    /// - Parameters:
    ///   - tensors: The tensors and their names, which must differ and not be `__metadata__`.
    ///   - metadata: Key-value pairs for the header.
    ///   - path: Where to write; an existing file is replaced and its permissions are kept.
    /// - Throws: ``SafetensorsError/unwritable(path:problem:)``.
    public static func write(
        tensors: [(name: String, tensor: Tensor)], metadata: [String: String] = [:], to path: String
    ) throws(SafetensorsError) {
        try write(
            entries: tensors.map { ($0.name, $0.tensor.shape) }, metadata: metadata, to: path
        ) { index, body in
            try tensors[index].tensor.withUnsafeFloats(body)
        }
    }

    /// Writes tensors, fetching their values one tensor at a time, so that they need not be in memory together.
    static func write(
        entries: [(name: String, shape: [Int])], metadata: [String: String], to path: String,
        withValues: (Int, (UnsafeBufferPointer<Float>) throws -> Void) throws -> Void
    ) throws(SafetensorsError) {
        let header = try header(entries: entries, metadata: metadata, path: path)
        do {
            let file = try AtomicFile(replacing: path)
            try file.write(header)
            for index in entries.indices {
                try withValues(index) { try file.write(UnsafeRawBufferPointer($0)) }
            }
            try file.commit()
        } catch let error as FileError {
            throw .unwritable(path: path, problem: error.problem)
        } catch let error as SafetensorsError {
            throw error
        } catch {
            throw .unwritable(path: path, problem: "\(error)")
        }
    }

    /// The header: its length, then the JSON, padded with spaces so that the data starts at a multiple of 8.
    private static func header(
        entries: [(name: String, shape: [Int])], metadata: [String: String], path: String
    ) throws(SafetensorsError) -> [UInt8] {
        var members: [String] = []
        members.reserveCapacity(entries.count + 1)
        if !metadata.isEmpty {
            let pairs = metadata.sorted { $0.key < $1.key }.map { "\(quoted($0.key)):\(quoted($0.value))" }
            members.append("\"__metadata__\":{\(pairs.joined(separator: ","))}")
        }
        var names = Set<String>()
        var offset = 0
        for (name, shape) in entries {
            guard name != "__metadata__", names.insert(name).inserted else {
                throw .unwritable(
                    path: path, problem: "the tensor name \"\(name)\" is reserved or there twice")
            }
            // Cannot overflow: the values of each tensor are in memory or in a file.
            let end = offset + shape.reduce(MemoryLayout<Float>.size, *)
            let extents = shape.map(String.init).joined(separator: ",")
            members.append(
                "\(quoted(name)):{\"dtype\":\"F32\",\"shape\":[\(extents)],"
                    + "\"data_offsets\":[\(offset),\(end)]}"
            )
            offset = end
        }
        var json = Array("{\(members.joined(separator: ","))}".utf8)
        while json.count % 8 != 0 { json.append(UInt8(ascii: " ")) }
        guard json.count <= SafetensorsHeader.maximumSize else {
            throw .unwritable(
                path: path,
                problem: "its header would take \(json.count) bytes, and the format allows "
                    + "\(SafetensorsHeader.maximumSize); shorten the metadata")
        }
        return withUnsafeBytes(of: UInt64(json.count).littleEndian) { Array($0) } + json
    }

    /// A text as a JSON string.
    static func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\u{0}"..."\u{1F}":
                let digits = String(scalar.value, radix: 16)
                result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }
}

/// Why a safetensors file cannot be read or written. The description names the file and the tensor, what is wrong and what to
/// do.
public enum SafetensorsError: Error, Sendable, Hashable {
    /// The file cannot be opened or mapped.
    case unreadable(path: String, problem: String)
    /// The file's structure is wrong: it is cut short, damaged, or of another format.
    case malformed(path: String, problem: String)
    /// The file is of a format that is not one of weights.
    case notWeights(path: String, problem: String)
    /// The header's entry for a tensor is wrong.
    case malformedTensor(path: String, tensor: String, problem: String)
    /// The file has no tensor of that name.
    case noSuchTensor(path: String, tensor: String)
    /// The tensor's values cannot be converted to the format asked for.
    case unsupportedType(path: String, tensor: String, dtype: TensorDataType, wanted: String)
    /// The file cannot be written. A file that was there before is unchanged.
    case unwritable(path: String, problem: String)
}

extension SafetensorsError: FileFormatError, LocalizedError, CustomStringConvertible {
    /// What is wrong and what to do, in a sentence or two.
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

    /// The same as ``description``.
    public var errorDescription: String? { description }
}
