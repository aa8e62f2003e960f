import FileSystem

/// A tensor of a checkpoint, whose values stay in the file.
package struct TorchTensor: Sendable {
    package let type: ScalarType
    /// Extents, outermost first; empty for a single number.
    package let shape: [Int]
    /// How many values of the storage one step along each dimension is.
    let strides: [Int]
    /// Values of the storage before the first.
    let offset: Int
    let document: PickleDocument
    let storage: PickleDocument.Bytes
    let isBigEndian: Bool

    /// 16 TB. Values that are expanded are in the file once, so that its size does not bound theirs.
    private static let maximumSize = 1 << 44

    /// - Throws: what is wrong, in words, if a value would lie outside of the storage.
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
        // A shape with a zero has no values, whatever else it says.
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

    /// What is wrong with a tensor, as the rest of a sentence about it.
    package struct Problem: Error, Sendable, Hashable {
        package let text: String
        init(_ text: String) { self.text = text }
    }

    /// Number of values.
    package var count: Int { shape.contains(0) ? 0 : shape.reduce(1, *) }

    /// Whether the values lie one after another, the last dimension changing fastest.
    var isContiguous: Bool {
        // The extents beside a zero have no bounds.
        guard !shape.contains(0) else { return true }
        var expected = 1
        for (extent, stride) in zip(shape, strides).reversed() where extent != 1 {
            guard stride == expected else { return false }
            expected *= extent
        }
        return true
    }

    /// Where in the file the values are, if they are there one after another.
    package var byteRange: Range<Int>? {
        guard case .inFile(let range) = storage, isContiguous, count > 0 else { return nil }
        let start = range.lowerBound + offset * type.byteCount
        return start..<(start + count * type.byteCount)
    }

    /// Calls `body` with the values as Float in the order of the shape, without copying them where they are that in the
    /// file. The pointer is valid during the call only.
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

    /// Lets go of the memory that reading the values took; to read them again takes it again.
    package func releasePages() {
        if let byteRange { document.file.releasePages(byteRange) }
    }

    /// A copy of the values as Float, in the order of the shape. 64-bit types and 32-bit integers are rounded to nearest,
    /// Booleans become 0 and 1.
    ///
    /// - Throws: ``Problem`` if the values are complex, quantized, or of 8-bit floats.
    package func floats() throws(Problem) -> [Float] {
        // The older format does not align storages.
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
