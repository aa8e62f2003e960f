/// A value that can be passed to a ``Kernel``.
///
/// Of the standard types the ones with a fixed size conform, as an OpenCL C type has exactly one
/// counterpart: `int` Int32, `uint` UInt32, `long` Int64, `ulong` UInt64, `float` Float, `double` Double.
/// Other plain types (vectors, structures laid out as in C) conform with an empty extension.
public protocol KernelArgument {
    /// Sets the kernel's argument at an index to this value.
    ///
    /// - Throws: ``OpenCLError``, such as `CL_INVALID_ARG_INDEX` or `CL_INVALID_ARG_SIZE`.
    func set(in kernel: Kernel, at index: Int) throws
}

extension KernelArgument where Self: BitwiseCopyable {
    public func set(in kernel: Kernel, at index: Int) throws {
        try withUnsafeBytes(of: self) { try kernel.setArgument(index, bytes: $0) }
    }
}

extension Int32: KernelArgument {}
extension UInt32: KernelArgument {}
extension Int64: KernelArgument {}
extension UInt64: KernelArgument {}
extension Float: KernelArgument {}
extension Double: KernelArgument {}

extension Buffer: KernelArgument {
    public func set(in kernel: Kernel, at index: Int) throws {
        try kernel.setArgument(index, buffer: self)
    }
}

extension LocalMemory: KernelArgument {
    public func set(in kernel: Kernel, at index: Int) throws {
        try kernel.setArgument(index, localByteCount: byteCount)
    }
}
