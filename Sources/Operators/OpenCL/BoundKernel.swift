import OpenCL

/// A kernel that remembers its arguments: a network is run with the same ones again and again, and setting one costs as
/// much as a small kernel's work.
package final class BoundKernel {
    private enum Argument: Equatable {
        case buffer(ObjectIdentifier)
        case integer(Int32)
        case float(UInt32)
        case local(Int)
    }

    package let kernel: Kernel
    /// The kernel itself keeps the buffers, so that their identity stays theirs.
    private var bound: [Argument?]

    package init(_ kernel: Kernel) {
        self.kernel = kernel
        bound = [Argument?](repeating: nil, count: kernel.argumentCount)
    }

    package func bind(_ index: Int, _ buffer: Buffer) throws {
        try set(index, .buffer(ObjectIdentifier(buffer))) { try kernel.setArgument(index, buffer) }
    }

    package func bind(_ index: Int, _ value: Int32) throws {
        try set(index, .integer(value)) { try kernel.setArgument(index, value) }
    }

    package func bind(_ index: Int, _ value: Float) throws {
        try set(index, .float(value.bitPattern)) { try kernel.setArgument(index, value) }
    }

    package func bind(_ index: Int, _ local: LocalMemory) throws {
        try set(index, .local(local.byteCount)) { try kernel.setArgument(index, local) }
    }

    private func set(_ index: Int, _ argument: Argument, _ call: () throws -> Void) throws {
        if bound[index] == argument { return }
        try call()
        bound[index] = argument
    }
}
