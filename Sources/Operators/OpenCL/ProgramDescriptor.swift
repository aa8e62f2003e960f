import Kernels

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
            "-DSTORES_HALVES=\(traits.storage == .half ? 1 : 0)",
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
