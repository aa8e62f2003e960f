internal import COpenCL

/// Turns an OpenCL status into a Swift error. Every C call in the module goes through here, except for releases, whose
/// failure nothing can be done about.
///
/// - Parameters:
///   - status: The status that the C function returned, or stored through its last parameter.
///   - call: The C function's name.
///   - detail: More about the failed call; evaluated only if it failed.
/// - Throws: ``OpenCLError`` if `status` isn't `CL_SUCCESS`.
@inline(__always)
func check(_ status: cl_int, _ call: String, detail: @autoclosure () -> String? = nil) throws(OpenCLError) {
    guard status == CL_SUCCESS else {
        throw OpenCLError(code: status, call: call, detail: detail())
    }
}

/// Checks the status of a function that returns a new object, and unwraps the object.
///
/// - Throws: ``OpenCLError`` if `status` isn't `CL_SUCCESS`, or with `CL_OUT_OF_HOST_MEMORY` if a driver reports success
///   but returns no object.
@inline(__always)
func check<Object>(
    _ object: Object?, _ status: cl_int, _ call: String, detail: @autoclosure () -> String? = nil
) throws(OpenCLError) -> Object {
    try check(status, call, detail: detail())
    guard let object else {
        throw OpenCLError(
            code: CL_OUT_OF_HOST_MEMORY, call: call, detail: "the driver returned no object and no error")
    }
    return object
}

/// Reads the values of OpenCL's `clGet…Info` functions, which all end in the same three parameters.
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

    /// An array, whose size the call itself returns.
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

    /// A string, without the terminating NUL and without the blanks with which some drivers pad names.
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
