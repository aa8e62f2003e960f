/// The number formats of PyTorch's tensors; raw values are the names that torch has for them.
package enum ScalarType: String, Sendable, Hashable, CaseIterable {
    case float32, float64, float16, bfloat16
    case uint8, int8, int16, int32, int64, uint16, uint32, uint64
    case bool
    case complex32, complex64, complex128
    case float8e4m3fn = "float8_e4m3fn"
    case float8e5m2 = "float8_e5m2"
    case float8e4m3fnuz = "float8_e4m3fnuz"
    case float8e5m2fnuz = "float8_e5m2fnuz"
    case float8e8m0fnu = "float8_e8m0fnu"
    case quint8, qint8, qint32

    /// Bytes of one value.
    package var byteCount: Int {
        switch self {
        case .uint8, .int8, .bool, .quint8, .qint8, .float8e4m3fn, .float8e5m2, .float8e4m3fnuz, .float8e5m2fnuz,
            .float8e8m0fnu:
            1
        case .float16, .bfloat16, .int16, .uint16: 2
        case .float32, .int32, .uint32, .complex32, .qint32: 4
        case .float64, .int64, .uint64, .complex64: 8
        case .complex128: 16
        }
    }

    /// The other names that torch has for some.
    private static let aliases: [String: ScalarType] = [
        "float": .float32, "double": .float64, "half": .float16, "short": .int16, "int": .int32, "long": .int64,
        "cfloat": .complex64, "cdouble": .complex128, "chalf": .complex32,
    ]

    /// The type that the module `torch` has under a name.
    init?(torchName name: String) {
        guard let type = ScalarType(rawValue: name) ?? Self.aliases[name] else { return nil }
        self = type
    }

    /// The classes of storages, which the pickles of tensors name instead of a type.
    static let storages: [String: ScalarType] = [
        "FloatStorage": .float32, "DoubleStorage": .float64, "HalfStorage": .float16, "BFloat16Storage": .bfloat16,
        "ByteStorage": .uint8, "CharStorage": .int8, "ShortStorage": .int16, "IntStorage": .int32,
        "LongStorage": .int64, "BoolStorage": .bool, "ComplexFloatStorage": .complex64,
        "ComplexDoubleStorage": .complex128, "QUInt8Storage": .quint8, "QInt8Storage": .qint8,
        "QInt32Storage": .qint32,
    ]
}
