internal import COpenCL

/// Turns an OpenCL status into a Swift error; every C call in the module goes through here, releases
/// (where nothing can be done about a failure) excepted.
///
/// - Parameters:
///   - status: What the C function returned, or stored through its last parameter.
///   - call: The C function's name.
///   - detail: More about the failed call; evaluated only if it failed.
/// - Throws: ``OpenCLError`` if `status` isn't `CL_SUCCESS`.
@inline(__always)
func check(_ status: cl_int, _ call: String, detail: @autoclosure () -> String? = nil) throws(OpenCLError) {
    guard status == CL_SUCCESS else {
        throw OpenCLError(code: status, call: call, detail: detail())
    }
}

/// As ``check(_:_:detail:)``, for the functions that return a new object: unwraps it.
///
/// - Throws: ``OpenCLError`` if `status` isn't `CL_SUCCESS`, or (`CL_OUT_OF_HOST_MEMORY`) if a driver
///   claims success without an object.
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
