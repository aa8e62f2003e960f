import FileSystem

/// A tensor of a checkpoint. Its values stay in the file.
package struct TorchTensor: Sendable {
    package let type: ScalarType
    /// The extents, outermost first; empty for a single number.
    package let shape: [Int]
    /// The strides of the dimensions, in values of the storage.
    let strides: [Int]
    /// The first value's index in the storage.
    let offset: Int
    let document: PickleDocument
    let storage: PickleDocument.Bytes
    let isBigEndian: Bool

    /// 16 TB. The size of the file does not limit that of a tensor, as expanded dimensions have a stride of 0.
    private static let maximumSize = 1 << 44

    /// - Throws: ``Problem``, if a value would lie outside of the storage.
    init(
        type: ScalarType, shape: [Int], strides: [Int], offset: Int, document: PickleDocument,
        storage: PickleDocument.Bytes, isBigEndian: Bool
    ) throws(Problem) {
        guard shape.count == strides.count else {
            throw Problem("has \(shape.count) extents and \(strides.count) strides")
        }
        guard shape.count <= 64, offset >= 0, shape.allSatisfy({ $0 >= 0 }), strides.allSatisfy({ $0 >= 0 }) else {
            throw Problem("has a negative extent, stride or offset, or too many of them")
        }
        // A shape with a zero has no values, whatever its other extents.
        var bytes = type.byteCount
        if !shape.contains(0) {
            var last = offset
            for (extent, stride) in zip(shape, strides) {
                let (product, overflow) = bytes.multipliedReportingOverflow(by: extent)
                let (step, stepOverflow) = (extent - 1).multipliedReportingOverflow(by: stride)
                let (sum, sumOverflow) = last.addingReportingOverflow(step)
                guard !overflow, !stepOverflow, !sumOverflow, product <= Self.maximumSize else {
                    throw Problem("has an impossibly large shape")
                }
                (bytes, last) = (product, sum)
            }
            let available = document.withUnsafeBytes(storage) { $0.count } / type.byteCount
            guard last < available else {
                throw Problem("needs \(last) values and one more of its storage, which has \(available)")
            }
        }
        self.type = type
        self.shape = shape
        self.strides = strides
        self.offset = offset
        self.document = document
        self.storage = storage
        self.isBigEndian = isBigEndian
    }

    /// A problem with a tensor, worded as the rest of a sentence about it.
    package struct Problem: Error, Sendable, Hashable {
        package let text: String
        init(_ text: String) { self.text = text }
    }

    /// Number of values.
    package var count: Int { shape.contains(0) ? 0 : shape.reduce(1, *) }

    /// Whether the values lie one after another, the last dimension changing fastest.
    var isContiguous: Bool {
        // Beside a zero, the other extents are not bounded.
        guard !shape.contains(0) else { return true }
        var expected = 1
        for (extent, stride) in zip(shape, strides).reversed() where extent != 1 {
            guard stride == expected else { return false }
            expected *= extent
        }
        return true
    }

    /// The range of the file that has the values, if they lie there one after another.
    package var byteRange: Range<Int>? {
        guard case .inFile(let range) = storage, isContiguous, count > 0 else { return nil }
        let start = range.lowerBound + offset * type.byteCount
        return start..<(start + count * type.byteCount)
    }

    /// Calls `body` with the values as Float, in row-major order. They are copied only if the file stores them otherwise. The
    /// pointer is valid only during the call.
    ///
    /// - Throws: ``Problem`` if the values are complex, quantized, or of 8-bit floats; whatever `body` throws.
    package func withUnsafeFloats<Result>(_ body: (UnsafeBufferPointer<Float>) throws -> Result) throws -> Result {
        if type == .float32, !isBigEndian, let range = byteRange, range.lowerBound % MemoryLayout<Float>.alignment == 0
        {
            return try withExtendedLifetime(document) {
                try body(
                    UnsafeRawBufferPointer(rebasing: document.file.bytes[range]).assumingMemoryBound(to: Float.self))
            }
        }
        return try floats().withUnsafeBufferPointer(body)
    }

    /// Releases the memory of the values' pages, which are read again when they are next used.
    package func releasePages() {
        if let byteRange { document.file.releasePages(byteRange) }
    }

    /// A copy of the values as Float, in row-major order. 64-bit types and 32-bit integers are rounded to nearest, Booleans
    /// become 0 and 1.
    ///
    /// - Throws: ``Problem`` if the values are complex, quantized, or of 8-bit floats.
    package func floats() throws(Problem) -> [Float] {
        // Copied as bytes, because the older format does not align storages.
        if type == .float32, !isBigEndian, let range = byteRange {
            return [Float](unsafeUninitializedCapacity: count) { floats, initialized in
                UnsafeMutableRawBufferPointer(floats).copyMemory(
                    from: UnsafeRawBufferPointer(rebasing: document.file.bytes[range]))
                initialized = count
            }
        }
        return switch type {
        case .float32: converted(UInt32.self) { Float(bitPattern: $0) }
        case .float64: converted(UInt64.self) { Float(Double(bitPattern: $0)) }
        case .float16: converted(UInt16.self) { Float(Float16(bitPattern: $0)) }
        case .bfloat16: converted(UInt16.self) { Float(bitPattern: UInt32($0) << 16) }
        case .bool: converted(UInt8.self) { $0 == 0 ? 0 : 1 }
        case .uint8: converted(UInt8.self) { Float($0) }
        case .int8: converted(UInt8.self) { Float(Int8(bitPattern: $0)) }
        case .uint16: converted(UInt16.self) { Float($0) }
        case .int16: converted(UInt16.self) { Float(Int16(bitPattern: $0)) }
        case .uint32: converted(UInt32.self) { Float($0) }
        case .int32: converted(UInt32.self) { Float(Int32(bitPattern: $0)) }
        case .uint64: converted(UInt64.self) { Float($0) }
        case .int64: converted(UInt64.self) { Float(Int64(bitPattern: $0)) }
        case .complex32, .complex64, .complex128, .quint8, .qint8, .qint32, .float8e4m3fn, .float8e5m2,
            .float8e4m3fnuz, .float8e5m2fnuz, .float8e8m0fnu:
            throw Problem("has values of the type \(type.rawValue)")
        }
    }

    private func converted<Bits: FixedWidthInteger>(_ bits: Bits.Type, _ value: (Bits) -> Float) -> [Float] {
        let count = count
        return document.withUnsafeBytes(storage) { bytes in
            func load(_ place: Int) -> Float {
                let found = bytes.loadUnaligned(fromByteOffset: place * MemoryLayout<Bits>.size, as: Bits.self)
                return value(isBigEndian ? Bits(bigEndian: found) : Bits(littleEndian: found))
            }
            return [Float](unsafeUninitializedCapacity: count) { floats, initialized in
                if isContiguous {
                    for index in 0..<count { floats.initializeElement(at: index, to: load(offset + index)) }
                } else {
                    var position = [Int](repeating: 0, count: shape.count)
                    var place = offset
                    for index in 0..<count {
                        floats.initializeElement(at: index, to: load(place))
                        // To the next value, as an odometer counts.
                        var dimension = shape.count - 1
                        while dimension >= 0 {
                            position[dimension] += 1
                            place += strides[dimension]
                            if position[dimension] < shape[dimension] { break }
                            place -= strides[dimension] * shape[dimension]
                            position[dimension] = 0
                            dimension -= 1
                        }
                    }
                }
                initialized = count
            }
        }
    }
}

/// The number formats of PyTorch's tensors. Raw values are torch's names.
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

    /// Torch's other names for some types.
    private static let aliases: [String: ScalarType] = [
        "float": .float32, "double": .float64, "half": .float16, "short": .int16, "int": .int32, "long": .int64,
        "cfloat": .complex64, "cdouble": .complex128, "chalf": .complex32,
    ]

    /// The type of a name in the module `torch`.
    init?(torchName name: String) {
        guard let type = ScalarType(rawValue: name) ?? Self.aliases[name] else { return nil }
        self = type
    }

    /// The storage classes that pickles name in place of a type.
    static let storages: [String: ScalarType] = [
        "FloatStorage": .float32, "DoubleStorage": .float64, "HalfStorage": .float16, "BFloat16Storage": .bfloat16,
        "ByteStorage": .uint8, "CharStorage": .int8, "ShortStorage": .int16, "IntStorage": .int32,
        "LongStorage": .int64, "BoolStorage": .bool, "ComplexFloatStorage": .complex64,
        "ComplexDoubleStorage": .complex128, "QUInt8Storage": .quint8, "QInt8Storage": .qint8,
        "QInt32Storage": .qint32,
    ]
}
