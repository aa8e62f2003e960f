import FileSystem
import Foundation

/// A safetensors file, memory-mapped for reading. Opening checks the whole header against the file's size. Tensors are read
/// only when they are used, and their bytes are shared with the system's file cache.
///
/// While it is open, the file may be replaced or deleted (the mapping keeps the old contents), but must not be shortened in
/// place.
public final class SafetensorsFile: TensorFile {
    /// The file's path or, for one in memory, its name.
    public let path: String
    /// The names of all tensors, sorted.
    public let names: [String]
    /// The file's own key-value pairs (`__metadata__`).
    public let metadata: [String: String]
    private let tensors: [String: TensorInfo]
    private let mapping: MappedFile

    /// Opens a file.
    ///
    /// The header must be complete, no longer than the format's 100 MB, and the JSON that the format prescribes; the tensors
    /// must cover the data end to end. Memory use is in proportion to the actual header, whatever sizes it claims.
    ///
    /// - Throws: ``SafetensorsError``.
    public convenience init(path: String) throws(SafetensorsError) {
        try self.init(path: path, mapping: SafetensorsError.converting(MappedFile(path: path)))
    }

    /// Reads a file that is in memory already.
    ///
    /// - Parameters:
    ///   - contents: The file's bytes, which are copied.
    ///   - name: The file's name in errors.
    /// - Throws: ``SafetensorsError``, as ``init(path:)``.
    public convenience init(contents: [UInt8], name: String) throws(SafetensorsError) {
        try self.init(path: name, mapping: MappedFile(copying: contents))
    }

    /// Reads a file that is in memory for as long as the program runs, such as one embedded in it. Nothing is copied.
    ///
    /// - Parameters:
    ///   - bytes: The file's bytes, which must neither move nor change. Where they start at a multiple of 4, float32 values
    ///     are used in place.
    ///   - name: The file's name in errors.
    /// - Throws: ``SafetensorsError``, as ``init(path:)``.
    public convenience init(bytesNoCopy bytes: UnsafeRawBufferPointer, name: String) throws(SafetensorsError) {
        try self.init(path: name, mapping: MappedFile(static: bytes))
    }

    init(path: String, mapping: MappedFile) throws(SafetensorsError) {
        self.path = path
        self.mapping = mapping
        let bytes = mapping.bytes
        guard !bytes.isEmpty else { throw .malformed(path: path, problem: "it is empty: it has 0 bytes") }
        guard bytes.count >= 8 else {
            throw .malformed(
                path: path, problem: "it has \(bytes.count) bytes, and the header's length takes 8")
        }
        let headerSize = UInt64(littleEndian: bytes.loadUnaligned(as: UInt64.self))
        guard headerSize <= SafetensorsHeader.maximumSize else {
            throw .malformed(
                path: path,
                problem: "it claims a header of \(headerSize) bytes, and the format allows "
                    + "\(SafetensorsHeader.maximumSize)")
        }
        let dataStart = 8 + Int(headerSize)
        guard dataStart <= bytes.count else {
            throw .malformed(
                path: path,
                problem: "it claims a header of \(headerSize) bytes, but only \(bytes.count - 8) follow")
        }
        let header = try SafetensorsHeader(
            parsing: UnsafeRawBufferPointer(rebasing: bytes[8..<dataStart]), path: path, dataStart: dataStart,
            dataSize: bytes.count - dataStart)
        tensors = header.tensors
        metadata = header.metadata
        names = header.tensors.keys.sorted()
    }

    /// Type, shape and place of a tensor, or nil if there is none of that name.
    public func info(_ name: String) -> TensorInfo? { tensors[name] }

    /// A tensor's values as Float, in the tensor's shape; see ``floats(_:)`` for the types this works for.
    ///
    /// - Throws: ``SafetensorsError``.
    public func tensor(_ name: String) throws(SafetensorsError) -> Tensor {
        Tensor(uncheckedShape: try existing(name).shape, values: try floats(name))
    }

    /// A copy of a tensor's values as Float. All types can be converted except floats of 8 bits or fewer and complex numbers.
    /// 64-bit types and 32-bit integers are rounded to nearest; Booleans become 0 and 1.
    ///
    /// - Throws: ``SafetensorsError``.
    public func floats(_ name: String) throws(SafetensorsError) -> [Float] {
        let info = try existing(name)
        let bytes = bytes(of: info)
        switch info.dtype {
        case .float32: return convert(bytes, UInt32.self) { Float(bitPattern: $0) }
        case .float16: return convert(bytes, UInt16.self) { Float(Float16(bitPattern: $0)) }
        case .bfloat16: return convert(bytes, UInt16.self) { Float(bitPattern: UInt32($0) << 16) }
        case .float64: return convert(bytes, UInt64.self) { Float(Double(bitPattern: $0)) }
        case .bool: return convert(bytes, UInt8.self) { $0 == 0 ? 0 : 1 }
        case .uint8: return convert(bytes, UInt8.self) { Float($0) }
        case .int8: return convert(bytes, Int8.self) { Float($0) }
        case .int16: return convert(bytes, Int16.self) { Float($0) }
        case .uint16: return convert(bytes, UInt16.self) { Float($0) }
        case .int32: return convert(bytes, Int32.self) { Float($0) }
        case .uint32: return convert(bytes, UInt32.self) { Float($0) }
        case .int64: return convert(bytes, Int64.self) { Float($0) }
        case .uint64: return convert(bytes, UInt64.self) { Float($0) }
        case .float4, .float6e2m3, .float6e3m2, .float8e5m2, .float8e4m3, .float8e8m0, .float8e4m3fnuz,
            .float8e5m2fnuz, .complex64:
            throw .unsupportedType(path: path, tensor: name, dtype: info.dtype, wanted: "float32")
        }
    }

    /// Calls `body` with the values of a float32 tensor. They are copied only if they are not aligned in the file. The pointer
    /// is valid only during the call.
    ///
    /// - Throws: ``SafetensorsError`` if there is no such tensor or it is not float32; whatever `body`
    ///   throws.
    public func withUnsafeFloats<Result>(
        _ name: String, _ body: (UnsafeBufferPointer<Float>) throws -> Result
    ) throws -> Result {
        let info = try existing(name)
        guard info.dtype == .float32 else {
            throw SafetensorsError.unsupportedType(
                path: path, tensor: name, dtype: info.dtype, wanted: "float32 without conversion")
        }
        guard isAligned(info) else { return try floats(name).withUnsafeBufferPointer(body) }
        return try withExtendedLifetime(self) {
            try body(bytes(of: info).assumingMemoryBound(to: Float.self))
        }
    }

    /// Calls `body` with a tensor's bytes as they are in the file, little-endian. The pointer is valid only during the call.
    ///
    /// - Throws: ``SafetensorsError`` if there is no such tensor; whatever `body` throws.
    public func withUnsafeBytes<Result>(
        _ name: String, _ body: (UnsafeRawBufferPointer) throws -> Result
    ) throws -> Result {
        let info = try existing(name)
        return try withExtendedLifetime(self) { try body(bytes(of: info)) }
    }

    /// Calls `body` with the values of a tensor of any type that ``floats(_:)`` converts. Those of other types than float32
    /// are converted first. The pointer is valid only during the call.
    ///
    /// - Throws: ``SafetensorsError``; whatever `body` throws.
    public func withFloats<Result>(
        _ name: String, _ body: (UnsafeBufferPointer<Float>) throws -> Result
    ) throws -> Result {
        if tensors[name]?.dtype == .float32 { return try withUnsafeFloats(name, body) }
        return try floats(name).withUnsafeBufferPointer(body)
    }

    /// Frees the memory that reading a tensor took, until it is read again.
    public func releasePages(of name: String) {
        if let info = tensors[name] { mapping.releasePages(info.byteRange) }
    }

    private func existing(_ name: String) throws(SafetensorsError) -> TensorInfo {
        guard let info = tensors[name] else { throw .noSuchTensor(path: path, tensor: name) }
        return info
    }

    private func bytes(of info: TensorInfo) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(rebasing: mapping.bytes[info.byteRange])
    }

    /// Whether Float can be read in place. Headers are usually padded to 8 bytes, but the format does not demand it.
    private func isAligned(_ info: TensorInfo) -> Bool {
        UInt(bitPattern: mapping.bytes.baseAddress) % UInt(MemoryLayout<Float>.alignment) == 0
            && info.byteRange.lowerBound % MemoryLayout<Float>.alignment == 0
    }

    private func convert<Bits: BitwiseCopyable>(
        _ bytes: UnsafeRawBufferPointer, _ type: Bits.Type, _ value: (Bits) -> Float
    ) -> [Float] {
        let stride = MemoryLayout<Bits>.size
        let count = bytes.count / stride
        let floats = [Float](unsafeUninitializedCapacity: count) { floats, initialized in
            for index in 0..<count {
                floats.initializeElement(
                    at: index, to: value(bytes.loadUnaligned(fromByteOffset: index * stride, as: Bits.self)))
            }
            initialized = count
        }
        return withExtendedLifetime(self) { floats }
    }
}
