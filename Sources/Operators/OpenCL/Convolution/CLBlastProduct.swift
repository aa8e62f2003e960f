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
    /// - Throws: ``CLBlastError``.
    func enqueue(
        _ left: Buffer, _ right: Buffer, to product: Buffer, temporary: Buffer?, on queue: CommandQueue
    ) throws {
        var handle: OpaquePointer? = queue.handle
        // In the library's columns-first terms the product is columns x rows.
        let status = Self.library.withLock { _ in
            CLBlastSgemmWithTempBuffer(
                CLBlastLayoutColMajor, CLBlastTransposeNo, CLBlastTransposeYes, columns, rows, inner, 1, right.handle,
                0, columns, left.handle, 0, rows, 0, product.handle, 0, columns, &handle, nil, temporary?.handle)
        }
        try check(status)
    }

    private func check(_ status: CLBlastStatusCode) throws {
        guard status == CLBlastSuccess else {
            throw CLBlastError(code: Int(status.rawValue), rows: rows, columns: columns, inner: inner)
        }
    }
}
