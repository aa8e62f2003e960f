internal import CCLBlast
import OpenCL
import Synchronization

/// A product of matrices by CLBlast: rows x inner, which lies transposed, times inner x columns.
///
/// That is the order in which the library's kernels read and write, so that it has nothing to transpose.
struct CLBlastProduct: Hashable {
    let rows: Int
    let columns: Int
    let inner: Int

    /// One call at a time in the whole process: until version 1.6.1 two threads that compile the same kernel at once
    /// corrupt the library's cache of programs.
    private static let library = Mutex(())

    /// Memory that the library wants beside the factors and the product, in bytes.
    /// - Throws: ``CLBlastError``.
    func temporaryBytes(on queue: CommandQueue) throws -> Int {
        var handle: OpaquePointer? = queue.handle
        var bytes = 0
        let status = Self.library.withLock { _ in
            CLBlastSGemmTempBufferSize(
                CLBlastLayoutColMajor, CLBlastTransposeNo, CLBlastTransposeYes, columns, rows, inner, 0, columns, 0,
                rows, 0, columns, &handle, &bytes)
        }
        try check(status)
        return bytes
    }

    /// Enqueues the library's kernels, which ``CommandQueue/kernelLaunches`` does not count.
    ///
    /// - Parameters:
    ///   - left: [inner][rows]
    ///   - right: [inner][columns]
    ///   - product: [rows][columns]
    ///   - temporary: of at least ``temporaryBytes(on:)``.
    /// - Throws: ``CLBlastError``, and `OpenCLError` of commands before.
    func enqueue(
        _ left: Buffer, _ right: Buffer, to product: Buffer, temporary: Buffer?, on queue: CommandQueue
    ) throws {
        var handle: OpaquePointer? = queue.handle
        // In the library's columns-first terms the product is columns x rows.
        let status = try queue.inTurn {
            Self.library.withLock { _ in
                CLBlastSgemmWithTempBuffer(
                    CLBlastLayoutColMajor, CLBlastTransposeNo, CLBlastTransposeYes, columns, rows, inner, 1,
                    right.handle, 0, columns, left.handle, 0, rows, 0, product.handle, 0, columns, &handle, nil,
                    temporary?.handle)
            }
        }
        try check(status)
    }

    private func check(_ status: CLBlastStatusCode) throws {
        guard status == CLBlastSuccess else {
            throw CLBlastError(code: Int(status.rawValue), rows: rows, columns: columns, inner: inner)
        }
    }
}

/// A matrix product that CLBlast refused or failed to enqueue.
public struct CLBlastError: Error, Hashable, CustomStringConvertible {
    /// The library's status code: OpenCL's own where OpenCL failed, below -1000 where the library did.
    public let code: Int
    /// Rows of the product.
    public let rows: Int
    /// Columns of the product.
    public let columns: Int
    /// Columns of the left factor, and rows of the right one.
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

    /// The product, the reason, and what to do.
    public var description: String {
        "CLBlast failed with \(code) at a product of \(rows) x \(inner) by \(inner) x \(columns): \(reason); "
            + "choose another convolution algorithm, or another device"
    }
}
