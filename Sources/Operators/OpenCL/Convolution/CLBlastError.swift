import OpenCL

/// A matrix product that CLBlast refused or failed to enqueue.
public struct CLBlastError: Error, Hashable, CustomStringConvertible {
    /// The library's status code: OpenCL's own where OpenCL failed, below -1000 where the library did.
    public let code: Int
    public let rows: Int
    public let columns: Int
    public let inner: Int

    private var reason: String {
        switch code {
        case -2050: "its temporary buffer is too small"
        case -2046: "the device has too little local memory for the library's kernels"
        case -2041: "the library has no parameters for the device"
        case -1011, -1010, -1009: "a matrix is larger than its buffer"
        default: OpenCLError(code: Int32(truncatingIfNeeded: code), call: "CLBlastSgemm").name
        }
    }

    public var description: String {
        "CLBlast failed with \(code) at a product of \(rows) x \(inner) by \(inner) x \(columns): \(reason); "
            + "choose another convolution algorithm, or another device"
    }
}
