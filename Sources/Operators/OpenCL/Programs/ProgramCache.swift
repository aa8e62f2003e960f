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
    private let observer = Mutex<(@Sendable (ProgramBuildEvent) -> Void)?>(nil)

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
                tell(.began)
                defer { tell(.ended) }
                let program = try program(
                    KernelSource.common + texts.joined(), options: ProgramDescriptor.options(traits))
                for (descriptor, suffix) in zip(group, suffixes) {
                    known[descriptor] = Entry(program: program, suffix: suffix)
                }
            }
        }
    }

    /// Calls `body` whenever a program is compiled, or loaded, from the thread that waits for it.
    func observe(_ body: @escaping @Sendable (ProgramBuildEvent) -> Void) {
        observer.withLock { $0 = body }
    }

    private func tell(_ event: ProgramBuildEvent) {
        observer.withLock { $0 }?(event)
    }

    private func program(_ source: String, options: [String]) throws -> Program {
        guard let binaries else { return try Program(context: context, source: source, options: options) }
        return try binaries.program(context: context, source: source, options: options)
    }
}

/// What happens to a program. Some drivers compile a network's for a minute.
public enum ProgramBuildEvent: Sendable, Hashable {
    /// It begins to be compiled, or loaded where it was compiled before.
    case began
    /// It is ready, or has failed.
    case ended
}

/// What kernels are compiled from: a file and the constants it is compiled with.
package struct ProgramDescriptor: Sendable, Hashable {
    struct Constant: Sendable, Hashable {
        let name: String
        let value: Int
    }

    let source: KernelSource
    let traits: DeviceTraits
    let constants: [Constant]

    /// - Parameter shared: constants that kernels of several files have, which come first.
    package init(
        _ source: KernelSource, _ traits: DeviceTraits, shared: KeyValuePairs<String, Int> = [:],
        _ constants: KeyValuePairs<String, Int>
    ) {
        self.source = source
        self.traits = traits
        self.constants = (Array(shared) + Array(constants)).map { Constant(name: $0.key, value: $0.value) }
    }

    /// Options that hold for every program of these traits.
    static func options(_ traits: DeviceTraits) -> [String] {
        [
            "-cl-std=CL1.2", "-DVECTOR_WIDTH=\(traits.vectorWidth)", "-DMULTIPLY_ADD=\(traits.hasFMA ? "fma" : "mad")",
            "-DSTORES_HALVES=\(traits.storage == .half ? 1 : 0)", "-DHAS_LANES=\(traits.hasLanes ? 1 : 0)",
        ]
    }

    /// The file between the definitions of its constants and their end, its functions renamed by `suffix`: so that one
    /// program can hold the file several times.
    func text(suffix: String) -> String {
        let text = source.text
        let own = text.split(separator: "\n").compactMap { line -> Substring? in
            guard line.hasPrefix("#define ") else { return nil }
            return line.dropFirst("#define ".count).prefix { $0.isLetter || $0.isNumber || $0 == "_" }
        }
        let begin =
            constants.map { "#define \($0.name) \($0.value)\n" }
            + source.functions.map { "#define \($0) \($0)\(suffix)\n" }
        let end = (constants.map { $0.name[...] } + source.functions.map { $0[...] } + own).map { "#undef \($0)\n" }
        return begin.joined() + text + end.joined()
    }

    /// A fixed order, so that a network's program has the same text in every process, which is what drivers cache by.
    static func precedes(_ first: ProgramDescriptor, _ second: ProgramDescriptor) -> Bool {
        (first.source.rawValue, first.key) < (second.source.rawValue, second.key)
    }

    private var key: String { constants.map { "\($0.name)=\($0.value)" }.joined(separator: " ") }
}
