/// A failed OpenCL call: the error constant, the C function that gave it, and what can be done about it.
///
/// The same type reports misuse that is found before the C call is made (an empty buffer, a range
/// outside a buffer); it then carries the code that OpenCL has for it, and ``detail`` says more.
public struct OpenCLError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The OpenCL error code, such as -11.
    public let code: Int32

    /// The C function that failed, such as "clBuildProgram".
    public let call: String

    /// What the call was about (sizes, names, limits), where that is known.
    public let detail: String?

    /// The compiler's output (`CL_PROGRAM_BUILD_LOG`); nil if the error isn't that of a build.
    public let log: String?

    public init(code: Int32, call: String, detail: String? = nil, log: String? = nil) {
        self.code = code
        self.call = call
        self.detail = detail
        self.log = log
    }

    /// The name of the error's constant, such as "CL_BUILD_PROGRAM_FAILURE"; "CL_UNKNOWN_ERROR" for a
    /// code that no OpenCL header defines.
    public var name: String { ErrorCodes.name(of: code) ?? "CL_UNKNOWN_ERROR" }

    /// What to do about the error; nil if there's no general advice.
    public var hint: String? { ErrorCodes.hint(for: code, hasLog: log?.isEmpty == false) }

    /// The call, the constant's name with its code, and, where there are any, the detail, the hint and
    /// the build log.
    public var description: String {
        var text = "\(call) failed with \(name) (\(code))"
        if let detail { text += ": \(detail)" }
        if let hint { text += (text.hasSuffix(".") ? " " : ". ") + hint }
        if let log, !log.isEmpty { text += "\nBuild log:\n\(log)" }
        return text
    }
}
