import Kernels
import OpenCL
import Synchronization

/// Kernels built so far for a context. Safe to use from several threads.
///
/// Compilers spend most of a small program on what every program begins with: therefore everything that a network needs
/// and that is not there yet becomes a single program.
package final class ProgramCache: Sendable {
    private struct Entry: Sendable {
        let program: Program
        /// What the names of the kernels end with in the program.
        let suffix: String
    }

    private let context: Context
    private let binaries: ProgramBinaryStore?
    private let known = Mutex<[ProgramDescriptor: Entry]>([:])

    /// - Parameter binaries: where programs are kept for other processes; nil keeps none.
    init(context: Context, binaries: ProgramBinaryStore?) {
        self.context = context
        self.binaries = binaries
    }

    /// A kernel of its own for the caller, who sets its arguments.
    /// - Throws: `OpenCLError`, with the build log where the program does not build.
    package func kernel(_ name: String, _ descriptor: ProgramDescriptor) throws -> Kernel {
        try build([descriptor])
        guard let entry = known.withLock({ $0[descriptor] }) else {
            throw OpenCLError(code: -45, call: "clCreateKernel", detail: "kernel \"\(name)\" was not built")
        }
        return try entry.program.kernel(named: name + entry.suffix)
    }

    /// Builds what is not known yet. Other threads wait meanwhile, as they may need the same.
    /// - Throws: `OpenCLError`, with the build log.
    package func build(_ descriptors: Set<ProgramDescriptor>) throws {
        try known.withLock { known in
            let missing = descriptors.filter { known[$0] == nil }.sorted(by: ProgramDescriptor.precedes)
            for (traits, group) in Dictionary(grouping: missing, by: \.traits) {
                let suffixes = group.indices.map { "_\($0)" }
                let texts = zip(group, suffixes).map { $0.text(suffix: $1) }
                let program = try program(
                    KernelSource.common + texts.joined(), options: ProgramDescriptor.options(traits))
                for (descriptor, suffix) in zip(group, suffixes) {
                    known[descriptor] = Entry(program: program, suffix: suffix)
                }
            }
        }
    }

    private func program(_ source: String, options: [String]) throws -> Program {
        guard let binaries else { return try Program(context: context, source: source, options: options) }
        return try binaries.program(context: context, source: source, options: options)
    }
}
