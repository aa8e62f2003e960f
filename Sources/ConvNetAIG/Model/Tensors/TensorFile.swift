import FileSystem
import Pickle

/// A file of named tensors, whatever its format: ``SafetensorsFile`` or ``TorchCheckpoint``.
public protocol TensorFile: Sendable {
    /// The file's path or, for one in memory, its name.
    var path: String { get }
    /// The names of all tensors, sorted.
    var names: [String] { get }
    /// The file's own key-value pairs; empty where the format has none.
    var metadata: [String: String] { get }

    /// Type and shape of a tensor, or nil if there is none of that name.
    func info(_ name: String) -> TensorInfo?

    /// A copy of a tensor's values as Float, in row-major order of its shape.
    func floats(_ name: String) throws -> [Float]

    /// Calls `body` with a tensor's values as Float, in row-major order of its shape. They are copied only if the file has
    /// them in another format or order. The pointer is valid only during the call.
    func withFloats<Result>(_ name: String, _ body: (UnsafeBufferPointer<Float>) throws -> Result) throws -> Result

    /// Frees the memory that reading a tensor took, until it is read again.
    func releasePages(of name: String)
}

/// The name, type, shape and place of a tensor in a file.
public struct TensorInfo: Sendable, Hashable {
    /// The name in the file.
    public let name: String
    /// The format of the values.
    public let dtype: TensorDataType
    /// Extents, outermost first; empty for a single number.
    public let shape: [Int]
    /// The tensor's bytes, counted from the start of the file; empty if they are not contiguous there.
    public let byteRange: Range<Int>

    /// Number of values.
    public var count: Int { shape.contains(0) ? 0 : shape.reduce(1, *) }
}

/// The number formats of safetensors files, under the format's own names.
public enum TensorDataType: String, Sendable, Hashable, CaseIterable {
    /// 4-bit float E2M1 of the OCP microscaling formats.
    case float4 = "F4"
    /// 6-bit float E2M3 of the OCP microscaling formats.
    case float6e2m3 = "F6_E2M3"
    /// 6-bit float E3M2 of the OCP microscaling formats.
    case float6e3m2 = "F6_E3M2"
    /// Boolean, a byte each.
    case bool = "BOOL"
    /// Unsigned 8-bit integer.
    case uint8 = "U8"
    /// Signed 8-bit integer.
    case int8 = "I8"
    /// 8-bit float E5M2 of the OCP formats.
    case float8e5m2 = "F8_E5M2"
    /// 8-bit float E4M3 of the OCP formats.
    case float8e4m3 = "F8_E4M3"
    /// 8-bit power of two, a scale of the OCP microscaling formats.
    case float8e8m0 = "F8_E8M0"
    /// 8-bit float E4M3 without infinities and negative zero.
    case float8e4m3fnuz = "F8_E4M3FNUZ"
    /// 8-bit float E5M2 without infinities and negative zero.
    case float8e5m2fnuz = "F8_E5M2FNUZ"
    /// Signed 16-bit integer.
    case int16 = "I16"
    /// Unsigned 16-bit integer.
    case uint16 = "U16"
    /// IEEE half precision.
    case float16 = "F16"
    /// bfloat16, the upper half of a single-precision float.
    case bfloat16 = "BF16"
    /// Signed 32-bit integer.
    case int32 = "I32"
    /// Unsigned 32-bit integer.
    case uint32 = "U32"
    /// IEEE single precision.
    case float32 = "F32"
    /// Signed 64-bit integer.
    case int64 = "I64"
    /// Unsigned 64-bit integer.
    case uint64 = "U64"
    /// IEEE double precision.
    case float64 = "F64"
    /// Complex number of two single-precision floats.
    case complex64 = "C64"

    /// Bits of one value. A tensor's values are packed without gaps, and fill whole bytes together.
    public var bitCount: Int {
        switch self {
        case .float4: 4
        case .float6e2m3, .float6e3m2: 6
        case .bool, .uint8, .int8, .float8e5m2, .float8e4m3, .float8e8m0, .float8e4m3fnuz, .float8e5m2fnuz: 8
        case .int16, .uint16, .float16, .bfloat16: 16
        case .int32, .uint32, .float32: 32
        case .int64, .uint64, .float64, .complex64: 64
        }
    }

    /// Bytes of one value, rounded up.
    public var byteCount: Int { (bitCount + 7) / 8 }
}

/// Opens files of tensors.
public enum TensorFiles {
    /// Opens a safetensors file or a checkpoint of PyTorch. The contents tell the format, not the name.
    ///
    /// - Throws: ``SafetensorsError``, also for a file of another format; an error that says what is wrong with a checkpoint
    ///   of PyTorch.
    public static func open(path: String) throws -> any TensorFile {
        let file = try SafetensorsError.converting(MappedFile(path: path))
        if TorchFile.isZip(file) || TorchFile.isTar(file) || isPickle(file) {
            return TorchCheckpoint(try TorchFile(path: path, file: file))
        }
        if let problem = otherContents(file.bytes) { throw SafetensorsError.notWeights(path: path, problem: problem) }
        guard !isText(file.bytes) else { throw SafetensorsError.malformed(path: path, problem: "it is text") }
        return try SafetensorsFile(path: path, mapping: file)
    }

    /// Whether a file is a pickle. Its first two bytes may also begin the length of a safetensors header, which a brace
    /// follows.
    private static func isPickle(_ file: MappedFile) -> Bool {
        guard TorchFile.isPickle(file) else { return false }
        guard file.bytes.count > 8, file.bytes[8] == UInt8(ascii: "{") else { return true }
        return UInt64(littleEndian: file.bytes.loadUnaligned(as: UInt64.self)) > SafetensorsHeader.maximumSize
    }

    /// What a file is that people take for weights, and what to do, or nil if it is none of these.
    private static func otherContents(_ bytes: UnsafeRawBufferPointer) -> String? {
        let start = String(decoding: bytes.prefix(1024), as: UTF8.self)
        if start.hasPrefix("version https://git-lfs.github.com/spec/") {
            return "it is a pointer of Git LFS, which stands for a file that was not fetched; run git lfs pull"
        }
        let text = start.drop { $0.isWhitespace || $0 == "\u{FEFF}" }.lowercased()
        if ["<!doctype html", "<html", "<?xml", "<head", "<body"].contains(where: text.hasPrefix) {
            return "it is a web page; a download has to be of the file itself"
        }
        let compressed: [([UInt8], String)] = [
            ([0x1F, 0x8B], "gzip"), ([0x28, 0xB5, 0x2F, 0xFD], "zstd"), ([0xFD, 0x37, 0x7A, 0x58, 0x5A], "xz"),
        ]
        for (signature, name) in compressed where bytes.starts(with: signature) {
            return "it is compressed by \(name); unpack it first"
        }
        if bytes.starts(with: [0x89, 0x48, 0x44, 0x46]) {
            return "it is in the HDF5 format of Keras; save the weights as safetensors"
        }
        // A field of a protocol buffer, the version of the format, and then who wrote it.
        if bytes.count > 8, bytes[8] != UInt8(ascii: "{"), bytes[0] == 0x08, bytes[1] < 0x20,
            bytes[2] == 0x12 || bytes[2] == 0x3A
        {
            return "it is an ONNX file or another protocol buffer; save the weights with safetensors or torch.save"
        }
        let signatures = [
            ("GGUF", 0, "in the GGUF format"), ("TFL3", 4, "in the format of TensorFlow Lite"),
            ("\u{93}NUMPY", 0, "an array of NumPy"),
            ("\u{89}PNG", 0, "a picture"),
        ]
        for (signature, start, what) in signatures
        where bytes.dropFirst(start).starts(with: signature.unicodeScalars.map { UInt8(truncatingIfNeeded: $0.value) })
        {
            return "it is \(what); weights are safetensors files or checkpoints of PyTorch"
        }
        if text.hasPrefix("{"), text.contains("\"weight_map\"") {
            return
                "it is the index of weights in several files; save them as one, with save_pretrained(max_shard_size=…)"
        }
        return nil
    }

    /// Whether a file is plain text, as an error page in place of a download is. Safetensors files begin with a length, which
    /// is no text.
    private static func isText(_ bytes: UnsafeRawBufferPointer) -> Bool {
        !bytes.isEmpty && bytes.prefix(256).allSatisfy { (0x20..<0x7F).contains($0) || (9...13).contains($0) }
    }
}
