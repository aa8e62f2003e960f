import ConvNetAIG
import Operators
import OpenCL

/// A kernel that is built when it is first launched, and remembers its arguments.
final class TrainingKernel {
    enum Argument {
        case buffer(Buffer)
        case integer(Int)
        case number(Float)
        case local(LocalMemory)
    }

    let name: String
    let program: ProgramDescriptor
    private let runtime: OpenCLRuntime
    private var known: BoundKernel?

    init(_ name: String, _ program: ProgramDescriptor, _ runtime: OpenCLRuntime) {
        self.name = name
        self.program = program
        self.runtime = runtime
    }

    /// - Throws: `OpenCLError`, with the build log where it does not build.
    func bound() throws -> BoundKernel {
        if let known { return known }
        let kernel = BoundKernel(try runtime.programs.kernel(name, program))
        known = kernel
        return kernel
    }

    func bound(_ arguments: [Argument]) throws -> Kernel {
        let kernel = try bound()
        for (index, argument) in arguments.enumerated() {
            switch argument {
            case .buffer(let buffer): try kernel.bind(index, buffer)
            case .integer(let value): try kernel.bind(index, Int32(truncatingIfNeeded: value))
            case .number(let value): try kernel.bind(index, value)
            case .local(let memory): try kernel.bind(index, memory)
            }
        }
        return kernel.kernel
    }
}
