import FileSystem

/// The format before version 1.6: a magic number, a version, the sizes of types, the object, and the keys of storages, each
/// a pickle; then the storages in the order of their keys, each preceded by the number of its values.
struct TorchStream {
    let root: PickleValue
    let isBigEndian: Bool
    /// Where storages are, by key.
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
