/// Where the values of tensors are.
enum TorchStorages {
    case archive(TorchArchive)
    case stream([String: Range<Int>])

    private typealias Problem = TorchTensor.Problem

    /// The tensor that a value is, or what is wrong with it; nil if it is none.
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

    /// A tensor from the arguments (storage, offset, size, stride, …) of what makes it.
    private func tensor(
        _ global: PickleGlobal, _ arguments: [PickleValue], _ document: PickleDocument, _ isBigEndian: Bool
    ) throws(TorchTensor.Problem) -> TorchTensor {
        guard arguments.count >= 4, let offset = arguments[1].integer, let shape = arguments[2].integers,
            let strides = arguments[3].integers,
            let reference = arguments[0].persistentIdentifier.flatMap(StorageReference.init)
        else { throw Problem("is not described as tensors are") }
        var type = reference.type
        // The third version gives the type itself, for types that have no class of storages.
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
