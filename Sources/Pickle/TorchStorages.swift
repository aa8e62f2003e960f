import FileSystem

/// The locations of tensors' values.
enum TorchStorages {
    case archive(TorchArchive)
    case stream([String: Range<Int>])

    private typealias Problem = TorchTensor.Problem

    /// The tensor that a value stands for, or the problem with it; nil if it is not a tensor.
    func tensor(_ value: PickleValue, isBigEndian: Bool) -> Result<TorchTensor, TorchTensor.Problem>? {
        guard let made = value.made else { return nil }
        switch made.global {
        case .rebuildTensor, .rebuildTensorVersion2, .rebuildTensorVersion3:
            return Result { () throws(TorchTensor.Problem) in
                try tensor(made.global, made.arguments, value.document, isBigEndian)
            }
        case .arrayReconstruct, .arrayFromBuffer:
            return Result { () throws(TorchTensor.Problem) in try tensor(value) }
        case .otherTensor(let kind):
            return .failure(Problem("is a tensor that is \(kind)"))
        default:
            return nil
        }
    }

    /// A tensor from the arguments (storage, offset, size, stride, …) of its constructor.
    private func tensor(
        _ global: PickleGlobal, _ arguments: [PickleValue], _ document: PickleDocument, _ isBigEndian: Bool
    ) throws(TorchTensor.Problem) -> TorchTensor {
        guard arguments.count >= 4, let offset = arguments[1].integer, let shape = arguments[2].integers,
            let strides = arguments[3].integers,
            let reference = arguments[0].persistentIdentifier.flatMap(StorageReference.init)
        else { throw Problem("is not described as tensors are") }
        var type = reference.type
        // The third version has the type among its arguments, for types without a storage class.
        if global == .rebuildTensorVersion3, arguments.count >= 7, case .scalarType(let own) = arguments[6].global {
            type = own
        }
        guard let type else { throw Problem("does not say which type its values have") }
        return try TorchTensor(
            type: type, shape: shape, strides: strides, offset: offset, document: document,
            storage: .inFile(try range(of: reference)), isBigEndian: isBigEndian)
    }

    private func range(of reference: StorageReference) throws(TorchTensor.Problem) -> Range<Int> {
        let found: Range<Int>?
        do {
            switch self {
            case .archive(let archive): found = try archive.storage(reference.key)
            case .stream(let storages): found = storages[reference.key]
            }
        } catch {
            throw Problem("has values that cannot be had: \(error)")
        }
        guard let whole = found else { throw Problem("has values that are not in the file") }
        guard let view = reference.view else { return whole }
        let byteCount = reference.type?.byteCount ?? 1
        let available = whole.count / byteCount
        guard view.offset >= 0, view.count >= 0, view.offset <= available, view.count <= available - view.offset else {
            throw Problem("has values beyond the end of its storage")
        }
        let start = whole.lowerBound + view.offset * byteCount
        return start..<(start + view.count * byteCount)
    }

    /// An array of NumPy as a tensor.
    private func tensor(_ value: PickleValue) throws(TorchTensor.Problem) -> TorchTensor {
        let array: NumPyArray
        do {
            array = try value.array()
        } catch {
            throw Problem("is an array that cannot be read: \(error)")
        }
        let types: [NumPyArray.ElementType.Kind: [Int: ScalarType]] = [
            .boolean: [1: .bool], .float: [2: .float16, 4: .float32, 8: .float64],
            .integer: [1: .int8, 2: .int16, 4: .int32, 8: .int64],
            .unsigned: [1: .uint8, 2: .uint16, 4: .uint32, 8: .uint64],
        ]
        guard let type = types[array.type.kind]?[array.type.byteCount] else {
            throw Problem("is an array of a type that PyTorch does not have")
        }
        var strides = [Int](repeating: 1, count: array.shape.count)
        var step = 1
        for dimension in array.isFortranOrder ? Array(array.shape.indices) : array.shape.indices.reversed() {
            strides[dimension] = step
            // Only the last product can be more than all values, and it is not used.
            step = step.multipliedReportingOverflow(by: max(array.shape[dimension], 1)).partialValue
        }
        return try TorchTensor(
            type: type, shape: array.shape, strides: array.count == 0 ? strides.map { _ in 1 } : strides, offset: 0,
            document: array.document, storage: array.stored, isBigEndian: array.type.isBigEndian)
    }
}

/// The zip format: the pickle and each storage are entries in a folder of any name.
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

/// The format before version 1.6: a magic number, a version, the sizes of types, the object, and the keys of storages, each
/// a pickle; then the storages in the order of their keys, each preceded by the number of its values.
struct TorchStream {
    let root: PickleValue
    let isBigEndian: Bool
    /// The storages' ranges of the file, by key.
    let storages: [String: Range<Int>]

    /// 0x1950a86a20f9469cfc6c, the lowest byte first.
    private static let magic: [UInt8] = [0x6C, 0xFC, 0x9C, 0x46, 0xF9, 0x20, 0x6A, 0xA8, 0x50, 0x19]

    init(path: String, file: MappedFile) throws {
        let first = try Unpickler.read(file, name: path)
        guard first.value.largeInteger == Self.magic else {
            // A plain pickle.
            (root, isBigEndian, storages) = (first.value, false, [:])
            return
        }
        let version = try Unpickler.read(file, at: first.end, name: path)
        guard version.value.integer == 1001 else {
            throw TorchFileError.malformed(path: path, problem: "its version is not 1001")
        }
        let system = try Unpickler.read(file, at: version.end, name: path)
        isBigEndian = system.value["little_endian"]?.boolean == false
        let object = try Unpickler.read(file, at: system.end, name: path)
        root = object.value
        let keys = try Unpickler.read(file, at: object.end, name: path)
        guard let order = keys.value.texts else {
            throw TorchFileError.malformed(path: path, problem: "its storages have no keys")
        }
        let byteCounts = Self.valueSizes(of: root.document)
        var storages: [String: Range<Int>] = [:]
        var position = keys.end
        for key in order {
            let problem = TorchFileError.malformed(path: path, problem: "it is cut short within the values of a tensor")
            guard let byteCount = byteCounts[key] else {
                throw TorchFileError.malformed(path: path, problem: "no tensor has the storage \(key.prefix(40))")
            }
            guard file.bytes.count - position >= 8 else { throw problem }
            let stored = file.bytes.loadUnaligned(fromByteOffset: position, as: Int64.self)
            let count = isBigEndian ? Int64(bigEndian: stored) : Int64(littleEndian: stored)
            let (size, overflow) = Int(count).multipliedReportingOverflow(by: byteCount)
            position += 8
            guard count >= 0, !overflow, size <= file.bytes.count - position else { throw problem }
            storages[key] = position..<(position + size)
            position += size
        }
        self.storages = storages
    }

    /// How many bytes a value of each storage takes.
    private static func valueSizes(of document: PickleDocument) -> [String: Int] {
        var sizes: [String: Int] = [:]
        for case .persistent(let index) in document.nodes {
            guard let storage = StorageReference(PickleValue(document: document, index: index)) else { continue }
            sizes[storage.key] = storage.type?.byteCount ?? 1
        }
        return sizes
    }
}

/// How a tensor's pickle names a storage: ("storage", type, key, device, number of values), and in old files a part of
/// another: (key, first value, number of values).
struct StorageReference {
    /// nil for bytes.
    let type: ScalarType?
    let key: String
    /// Which values of the storage it is; nil for all.
    let view: (offset: Int, count: Int)?

    init?(_ identifier: PickleValue) {
        guard let parts = identifier.elements, parts.count >= 5, parts[0].text == "storage",
            case .storage(let type) = parts[1].global, let key = parts[2].text
        else { return nil }
        self.type = type
        self.key = key
        if parts.count > 5, let view = parts[5].elements {
            guard view.count == 3, let offset = view[1].integer, let count = view[2].integer else { return nil }
            self.view = (offset, count)
        } else {
            view = nil
        }
    }
}
