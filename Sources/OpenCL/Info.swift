internal import COpenCL

/// Reads the values behind OpenCL's `clGet…Info` functions, which all end in the same three parameters.
enum Info {
    /// The tail of a `clGet…Info` call: size of the value, the value, and the size needed, in bytes.
    typealias Query = (Int, UnsafeMutableRawPointer?, UnsafeMutablePointer<Int>?) -> cl_int

    /// A value of fixed size.
    ///
    /// - Throws: ``OpenCLError``, if the call fails.
    static func value<Value: BitwiseCopyable>(
        _ initial: Value, _ call: String, _ query: Query
    ) throws(OpenCLError) -> Value {
        var value = initial
        try check(
            withUnsafeMutableBytes(of: &value) { query($0.count, $0.baseAddress, nil) }, call)
        return value
    }

    /// A value whose size the call itself tells.
    ///
    /// - Throws: ``OpenCLError``, if either of the two calls fails.
    static func array<Element: BitwiseCopyable>(
        of filler: Element, _ call: String, _ query: Query
    ) throws(OpenCLError) -> [Element] {
        var byteCount = 0
        try check(query(0, nil, &byteCount), call)
        let count = byteCount / MemoryLayout<Element>.stride
        guard count > 0 else { return [] }
        var elements = [Element](repeating: filler, count: count)
        try check(
            elements.withUnsafeMutableBytes { query($0.count, $0.baseAddress, nil) }, call)
        return elements
    }

    /// A string, without the terminating NUL and without the blanks some drivers pad names with.
    ///
    /// - Throws: ``OpenCLError``, if either of the two calls fails.
    static func string(_ call: String, _ query: Query) throws(OpenCLError) -> String {
        let bytes = try array(of: UInt8(0), call, query).prefix { $0 != 0 }
        let text = Substring(decoding: bytes, as: UTF8.self)
        guard let first = text.firstIndex(where: { !$0.isWhitespace }),
            let last = text.lastIndex(where: { !$0.isWhitespace })
        else { return "" }
        return String(text[first...last])
    }
}
