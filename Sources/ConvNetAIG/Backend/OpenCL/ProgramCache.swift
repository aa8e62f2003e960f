import Dispatch
import Kernels
import OpenCL
import Synchronization

/// What a program is built from: a file of kernels and the constants it is compiled with.
struct ProgramDescriptor: Sendable, Hashable {
    let source: KernelSource
    /// Names and values of the constants.
    let constants: [Constant]

    struct Constant: Sendable, Hashable {
        let name: String
        let value: String
    }

    init(_ source: KernelSource, _ traits: DeviceTraits, _ constants: KeyValuePairs<String, Int>) {
        self.source = source
        self.constants =
            [
                Constant(name: "VECTOR_WIDTH", value: String(traits.vectorWidth)),
                Constant(name: "MULTIPLY_ADD", value: traits.hasFMA ? "fma" : "mad"),
            ] + constants.map { Constant(name: $0.key, value: String($0.value)) }
    }

    var options: [String] { ["-cl-std=CL1.2"] + constants.map { "-D\($0.name)=\($0.value)" } }
}

/// Programs built so far for a context. Safe to use from several threads; a program is built once.
final class ProgramCache: Sendable {
    private let context: Context
    private let known = Mutex<[ProgramDescriptor: Program]>([:])

    init(context: Context) {
        self.context = context
    }

    /// - Throws: `OpenCLError` with the build log.
    func program(_ descriptor: ProgramDescriptor) throws -> Program {
        if let program = known.withLock({ $0[descriptor] }) { return program }
        // Built outside the lock: should two threads want the same program at once, one build is in vain.
        let program = try Program(context: context, source: descriptor.source.text, options: descriptor.options)
        return known.withLock { known in
            if let earlier = known[descriptor] { return earlier }
            known[descriptor] = program
            return program
        }
    }

    /// Builds what is not known yet, several at a time.
    /// - Throws: the first `OpenCLError`, with its build log.
    func build(_ descriptors: Set<ProgramDescriptor>) throws {
        let missing = known.withLock { known in descriptors.filter { known[$0] == nil } }
        let list = Array(missing)
        let failure = Mutex<(any Error)?>(nil)
        DispatchQueue.concurrentPerform(iterations: list.count) { index in
            do {
                _ = try program(list[index])
            } catch {
                failure.withLock { $0 = $0 ?? error }
            }
        }
        if let error = failure.withLock({ $0 }) { throw error }
    }
}
