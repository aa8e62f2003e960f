import FileSystem

/// A checkpoint that `torch.save` wrote, in the zip format or the one before version 1.6, or a plain pickle with NumPy
/// arrays in place of tensors.
///
/// Its tensors are those in nested dictionaries whose keys are text. Their names are the keys, joined by dots, such as
/// `state_dict.layer1.0.conv1.weight`. The state of an optimizer, whose keys are numbers, is not included.
package final class TorchFile: Sendable {
    package let path: String
    /// The object in the file.
    package let root: PickleValue
    /// Tensors by name, or the problems with those that cannot be read.
    package let tensors: [String: Result<TorchTensor, TorchTensor.Problem>]
    private let isBigEndian: Bool
    private let storages: TorchStorages

    /// More than any checkpoint has.
    private static let maximumTensors = 100_000
    private static let maximumDepth = 16
    private static let longestName = 2000

    /// Opens a file.
    ///
    /// - Throws: ``TorchFileError``, ``PickleError``.
    package convenience init(path: String) throws {
        try self.init(path: path, file: TorchFileError.converting(MappedFile(path: path)))
    }

    /// Reads a file in memory.
    ///
    /// - Parameter path: The file's name in errors.
    /// - Throws: ``TorchFileError``, ``PickleError``.
    package init(path: String, file: MappedFile) throws {
        self.path = path
        if Self.isZip(file) {
            let archive = try TorchArchive(path: path, file: file)
            (root, isBigEndian, storages) = (archive.root, archive.isBigEndian, .archive(archive))
        } else if Self.isTar(file) {
            throw TorchFileError.unsupported(
                path: path,
                problem: "it is a tar archive, in which PyTorch saved before version 0.1.10 or which was made by hand; "
                    + "load it in Python and save it anew with torch.save, or unpack it")
        } else {
            let stream = try TorchStream(path: path, file: file)
            (root, isBigEndian, storages) = (stream.root, stream.isBigEndian, .stream(stream.storages))
        }
        tensors = try Self.tensors(in: root, path: path, storages, isBigEndian)
    }

    /// Whether a file begins as a zip archive does.
    package static func isZip(_ file: MappedFile) -> Bool {
        file.bytes.starts(with: [0x50, 0x4B, 3, 4]) || file.bytes.starts(with: [0x50, 0x4B, 5, 6])
    }

    /// Whether a file begins as a pickle of protocol 2 or later does.
    package static func isPickle(_ file: MappedFile) -> Bool {
        file.bytes.count > 2 && file.bytes[0] == 0x80 && (2...5).contains(file.bytes[1])
    }

    package static func isTar(_ file: MappedFile) -> Bool {
        file.bytes.count >= 512 && file.bytes[257..<262].elementsEqual("ustar".utf8)
    }

    /// The tensors in nested dictionaries, each of which is visited once, without recursion.
    private static func tensors(
        in root: PickleValue, path: String, _ storages: TorchStorages, _ isBigEndian: Bool
    ) throws -> [String: Result<TorchTensor, TorchTensor.Problem>] {
        var tensors: [String: Result<TorchTensor, TorchTensor.Problem>] = [:]
        var visited: Set<PickleDocument.Index> = [root.index]
        var rest: [(value: PickleValue, prefix: String, depth: Int)] = [(root, "", 0)]
        while let (value, prefix, depth) = rest.popLast() {
            for (key, value) in value.pairs ?? [] {
                guard let key = key.text, prefix.utf8.count + key.utf8.count <= longestName else { continue }
                let name = prefix + key
                if let tensor = storages.tensor(value, isBigEndian: isBigEndian) {
                    tensors[name] = tensor
                    guard tensors.count <= maximumTensors else {
                        throw TorchFileError.unsupported(
                            path: path, problem: "it has more than \(maximumTensors) tensors; save its weights alone")
                    }
                } else if value.pairs != nil, depth < maximumDepth, visited.insert(value.index).inserted {
                    rest.append((value, name + ".", depth + 1))
                }
            }
        }
        return tensors
    }
}
