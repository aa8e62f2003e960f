import OpenCL

/// A kernel that remembers its arguments: a network is run with the same ones again and again, and setting one costs as
/// much as a small kernel's work.
///
/// It may be described before its program is built. What is bound until then is set as soon as it is.
package final class BoundKernel {
    /// An argument of a kernel.
    package enum Argument: Equatable {
        case buffer(Buffer)
        case integer(Int)
        case number(Float)
        case local(LocalMemory)

        package static func == (first: Argument, second: Argument) -> Bool {
            switch (first, second) {
            case (.buffer(let first), .buffer(let second)): first === second
            case (.integer(let first), .integer(let second)): first == second
            // By their bits: NaN is the same as NaN, and 0 is not -0.
            case (.number(let first), .number(let second)): first.bitPattern == second.bitPattern
            case (.local(let first), .local(let second)): first.byteCount == second.byteCount
            default: false
            }
        }
    }

    let program: ProgramDescriptor
    private let name: String
    private let programs: ProgramCache
    private var built: Kernel?
    /// By index; buffers are kept, so that their identity stays theirs.
    private var bound: [Argument?] = []

    init(_ name: String, _ program: ProgramDescriptor, _ programs: ProgramCache) {
        self.name = name
        self.program = program
        self.programs = programs
    }

    /// The kernel with the arguments that are bound, built if it is not yet.
    /// - Throws: `OpenCLError`, with the build log where the program does not build.
    package func kernel() throws -> Kernel {
        if let built { return built }
        let kernel = try programs.kernel(name, program)
        for (index, argument) in bound.enumerated() {
            if let argument { try Self.set(argument, index, kernel) }
        }
        built = kernel
        return kernel
    }

    package func bind(_ index: Int, _ buffer: Buffer) throws { try bind(index, .buffer(buffer)) }

    package func bind(_ index: Int, _ value: Int) throws { try bind(index, .integer(value)) }

    package func bind(_ index: Int, _ local: LocalMemory) throws { try bind(index, .local(local)) }

    /// Binds all arguments, in order.
    package func bind(_ arguments: [Argument]) throws {
        for (index, argument) in arguments.enumerated() { try bind(index, argument) }
    }

    private func bind(_ index: Int, _ argument: Argument) throws {
        while bound.count <= index { bound.append(nil) }
        if bound[index] == argument { return }
        if let built { try Self.set(argument, index, built) }
        bound[index] = argument
    }

    private static func set(_ argument: Argument, _ index: Int, _ kernel: Kernel) throws {
        switch argument {
        case .buffer(let buffer): try kernel.setArgument(index, buffer)
        case .integer(let value): try kernel.setArgument(index, Int32(truncatingIfNeeded: value))
        case .number(let value): try kernel.setArgument(index, value)
        case .local(let memory): try kernel.setArgument(index, memory)
        }
    }
}
