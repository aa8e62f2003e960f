import FileSystem

/// A checkpoint: what `torch.save` writes, in the zip format or the one before version 1.6, or a plain pickle that has
/// NumPy's arrays in the place of tensors.
///
/// Tensors are found in dictionaries whose keys are text, at the top or in one another. Their names are the keys with dots
/// between, such as `state_dict.layer1.0.conv1.weight`. An optimizer's state, whose keys are numbers, is not among them.
package final class TorchFile: Sendable {
    package let path: String
    /// What the file holds.
    package let root: PickleValue
    /// Tensors by name, and what is wrong with those that cannot be read.
    package let tensors: [String: Result<TorchTensor, TorchTensor.Problem>]
    private let isBigEndian: Bool
    private let storages: TorchStorages

    /// More than any checkpoint has.
    private static let maximumTensors = 100_000
    private static let maximumDepth = 16
    private static let longestName = 2000

    /// - Throws: ``TorchFileError``, ``PickleError``.
    package convenience init(path: String) throws {
        let file: MappedFile
        do {
            file = try MappedFile(path: path)
        } catch {
            throw TorchFileError(error)
        }
        try self.init(path: path, file: file)
    }

    /// Reads a file that is in memory already.
    ///
    /// - Parameter path: what errors call it.
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

    /// The tensors in dictionaries of one another. Nothing recurses, and no dictionary is looked into twice.
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

/// The zip format: the pickle and each storage are entries of a folder that has any name.
struct TorchArchive {
    let root: PickleValue
    let isBigEndian: Bool
    private let archive: ZipFile
    private let folder: String

    init(path: String, file: MappedFile) throws {
        archive = try ZipFile(path: path, file: file)
        let name = archive.entries.keys.filter { $0 == "data.pkl" || $0.hasSuffix("/data.pkl") }
            .min { ($0.utf8.count, $0) < ($1.utf8.count, $1) }
        guard let name, let pickle = try archive.contents(name) else {
            throw TorchFileError.unsupported(
                path: path, problem: "it is a zip archive without a data.pkl, and so not what torch.save writes")
        }
        folder = String(name.dropLast("data.pkl".count))
        guard archive.entries[folder + "constants.pkl"] == nil else {
            throw TorchFileError.unsupported(
                path: path,
                problem: "it is a program in TorchScript; load it in Python with torch.jit.load and save its "
                    + "state_dict() with torch.save")
        }
        let order = try archive.contents(folder + "byteorder").map { String(decoding: file.bytes[$0], as: UTF8.self) }
        guard [nil, "little", "big"].contains(order) else {
            throw TorchFileError.malformed(path: path, problem: "its byte order is neither little nor big")
        }
        isBigEndian = order == "big"
        // The pickle must not read on into the next entry.
        root = try Unpickler.read(file, in: pickle, name: path).value
    }

    func storage(_ key: String) throws(TorchFileError) -> Range<Int>? { try archive.contents("\(folder)data/\(key)") }
}
