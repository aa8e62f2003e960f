import Pickle

/// A checkpoint of PyTorch (.pth, .pth.tar, .th, .pt), read without Python and without running any code in it.
///
/// A tensor's name is its keys joined by dots, such as `state_dict.module.conv1.weight`. The values stay in the file.
public final class TorchCheckpoint: TensorFile {
    /// The file's path.
    public let path: String
    /// The names of all tensors, sorted.
    public let names: [String]
    /// Empty: only the tensors of a checkpoint are read.
    public let metadata: [String: String] = [:]
    private let tensors: [String: Result<TorchTensor, TorchTensor.Problem>]

    init(_ file: TorchFile) {
        path = file.path
        tensors = file.tensors
        names = tensors.keys.sorted()
    }

    /// Opens a file in the zip format of PyTorch 1.6 and later, or in the older one.
    ///
    /// - Throws: An error that says what is wrong: the file is damaged or cut short, or refers to classes that weights are not
    ///   made of.
    public convenience init(path: String) throws { self.init(try TorchFile(path: path)) }

    /// Type and shape of a tensor, or nil if there is none of that name or it cannot be read.
    public func info(_ name: String) -> TensorInfo? {
        guard case .success(let tensor)? = tensors[name], let type = TensorDataType(tensor.type) else { return nil }
        return TensorInfo(name: name, dtype: type, shape: tensor.shape, byteRange: tensor.byteRange ?? 0..<0)
    }

    /// Why a tensor of the file has no ``info(_:)``, as the rest of a sentence about it.
    func problem(_ name: String) -> String? {
        switch tensors[name] {
        case nil: nil
        case .failure(let problem): problem.text
        case .success(let tensor):
            TensorDataType(tensor.type) == nil ? "has values of the type \(tensor.type.rawValue)" : nil
        }
    }

    /// A copy of a tensor's values as Float, in row-major order of its shape.
    ///
    /// - Throws: ``SafetensorsError/noSuchTensor(path:tensor:)``, or an error that says why the tensor cannot be read.
    public func floats(_ name: String) throws -> [Float] { try withFloats(name) { Array($0) } }

    /// Calls `body` with a tensor's values as Float, in row-major order of its shape. They are copied only if the file has
    /// them in another format or order. The pointer is valid only during the call.
    ///
    /// - Throws: ``SafetensorsError/noSuchTensor(path:tensor:)``, or an error that says why the tensor cannot be read; whatever
    ///   `body` throws.
    public func withFloats<Result>(
        _ name: String, _ body: (UnsafeBufferPointer<Float>) throws -> Result
    ) throws -> Result {
        guard let tensor = tensors[name] else { throw SafetensorsError.noSuchTensor(path: path, tensor: name) }
        do {
            return try tensor.get().withUnsafeFloats(body)
        } catch let problem as TorchTensor.Problem {
            throw TorchFileError.unreadableTensor(path: path, tensor: name, problem: problem.text)
        }
    }

    /// Frees the memory that reading a tensor took, until it is read again.
    public func releasePages(of name: String) {
        if case .success(let tensor)? = tensors[name] { tensor.releasePages() }
    }
}

extension TensorDataType {
    /// The safetensors format of a PyTorch type, or nil if it has none.
    fileprivate init?(_ type: ScalarType) {
        switch type {
        case .float32: self = .float32
        case .float64: self = .float64
        case .float16: self = .float16
        case .bfloat16: self = .bfloat16
        case .uint8: self = .uint8
        case .int8: self = .int8
        case .int16: self = .int16
        case .int32: self = .int32
        case .int64: self = .int64
        case .uint16: self = .uint16
        case .uint32: self = .uint32
        case .uint64: self = .uint64
        case .bool: self = .bool
        case .complex64: self = .complex64
        case .float8e4m3fn: self = .float8e4m3
        case .float8e5m2: self = .float8e5m2
        case .float8e8m0fnu: self = .float8e8m0
        case .float8e4m3fnuz: self = .float8e4m3fnuz
        case .float8e5m2fnuz: self = .float8e5m2fnuz
        case .complex32, .complex128, .quint8, .qint8, .qint32: return nil
        }
    }
}
