/// The parsed and checked header of a safetensors file.
///
/// The header is JSON of one fixed form, so a parser of its own reads it: hostile nesting cannot exhaust the stack, memory
/// stays in proportion to the header, and duplicate names are seen, which general JSON parsers hide. As in the format's
/// reference implementation, metadata may be null, a tensor's unknown keys are ignored, and whitespace may surround everything.
struct SafetensorsHeader {
    private(set) var tensors: [String: TensorInfo] = [:]
    private(set) var metadata: [String: String] = [:]

    /// The longest header that the format allows, in bytes.
    static let maximumSize = 100_000_000

    /// Parses a header and checks it.
    ///
    /// - Parameters:
    ///   - bytes: The header's JSON.
    ///   - path: The file's path, for errors.
    ///   - dataStart: Where in the file the tensors' bytes start.
    ///   - dataSize: How many bytes of tensors follow the header.
    init(
        parsing bytes: UnsafeRawBufferPointer, path: String, dataStart: Int, dataSize: Int
    ) throws(SafetensorsError) {
        guard bytes.first(where: { ![0x20, 0x0A, 0x0D, 0x09].contains($0) }) == UInt8(ascii: "{") else {
            throw .malformed(path: path, problem: "its header does not start with \"{\"")
        }
        var scanner = JSONScanner(bytes)
        do {
            try parse(&scanner, path: path, dataStart: dataStart, dataSize: dataSize)
        } catch let error as JSONScanner.Problem {
            throw .malformed(
                path: path, problem: "its header \(error.message) at byte \(error.position + 8) of the file")
        } catch let error as SafetensorsError {
            throw error
        } catch {
            throw .malformed(path: path, problem: "\(error)")
        }
        try checkCoverage(path: path, dataStart: dataStart, dataSize: dataSize)
    }

    private mutating func parse(
        _ scanner: inout JSONScanner, path: String, dataStart: Int, dataSize: Int
    ) throws {
        var hasMetadata = false
        try scanner.object { scanner, name in
            if name == "__metadata__" {
                guard !hasMetadata else {
                    throw SafetensorsError.malformed(
                        path: path, problem: "its header has two __metadata__ keys")
                }
                hasMetadata = true
                if try scanner.null() { return }
                try scanner.object { scanner, key in metadata[key] = try scanner.string() }
                return
            }
            let fail = { (problem: String) in
                SafetensorsError.malformedTensor(path: path, tensor: name, problem: problem)
            }
            var dtype: TensorDataType?
            var shape: [Int]?
            var offsets: [Int]?
            try scanner.object { scanner, key in
                switch key {
                case "dtype":
                    let text = try scanner.string()
                    guard dtype == nil else { throw fail("has two dtypes") }
                    guard let known = TensorDataType(rawValue: text) else {
                        throw fail("has the unknown dtype \"\(text.prefix(40))\"")
                    }
                    dtype = known
                case "shape":
                    guard shape == nil else { throw fail("has two shapes") }
                    shape = try scanner.integers()
                case "data_offsets":
                    guard offsets == nil else { throw fail("has two data_offsets") }
                    offsets = try scanner.integers(atMost: 2)
                default: try scanner.skipValue()
                }
            }
            guard let dtype else { throw fail("has no dtype") }
            guard let shape else { throw fail("has no shape") }
            guard let offsets else { throw fail("has no data_offsets") }
            guard offsets.count == 2 else { throw fail("has \(offsets.count) data_offsets instead of 2") }
            guard offsets[0] <= offsets[1] else {
                throw fail("ends before it starts, its data_offsets are \(offsets)")
            }
            guard offsets[1] <= dataSize else {
                throw fail("ends at byte \(offsets[1]) of the data, but the file has only \(dataSize)")
            }
            var size = dtype.bitCount
            for extent in shape {
                let (product, overflow) = size.multipliedReportingOverflow(by: extent)
                guard !overflow else { throw fail("has an impossibly large shape, \(shape)") }
                size = product
            }
            guard size % 8 == 0 else { throw fail("does not take whole bytes by its shape \(shape)") }
            size /= 8
            guard size == offsets[1] - offsets[0] else {
                throw fail(
                    "takes \(size) bytes by its dtype \(dtype.rawValue) and shape \(shape), but "
                        + "\(offsets[1] - offsets[0]) by its data_offsets \(offsets)")
            }
            let info = TensorInfo(
                name: name, dtype: dtype, shape: shape,
                byteRange: (dataStart + offsets[0])..<(dataStart + offsets[1]))
            guard tensors.updateValue(info, forKey: name) ?? info == info else { throw fail("is there twice") }
        }
        try scanner.end()
    }

    /// Checks that the tensors cover all data without gap or overlap: bytes of no tensor could hide anything.
    private func checkCoverage(path: String, dataStart: Int, dataSize: Int) throws(SafetensorsError) {
        let inOrder = tensors.values.sorted {
            ($0.byteRange.lowerBound, $0.byteRange.upperBound) < (
                $1.byteRange.lowerBound, $1.byteRange.upperBound
            )
        }
        var end = dataStart
        for tensor in inOrder {
            guard tensor.byteRange.lowerBound == end else {
                let overlaps = tensor.byteRange.lowerBound < end
                throw .malformedTensor(
                    path: path, tensor: tensor.name,
                    problem: "starts at byte \(tensor.byteRange.lowerBound - dataStart) of the data, "
                        + (overlaps
                            ? "inside the tensor before it" : "leaving a gap after the tensor before it")
                        + ", which ends at \(end - dataStart)")
            }
            end = tensor.byteRange.upperBound
        }
        guard end == dataStart + dataSize else {
            throw .malformed(
                path: path,
                problem: "its tensors take \(end - dataStart) bytes, but \(dataSize) bytes follow the header")
        }
    }
}
