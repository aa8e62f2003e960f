import Foundation
import OpenCL

extension ProgramBinaryStore {
    /// The store that the environment of this process asks for; nil where it asks for none, and on PoCL.
    ///
    /// PoCL keeps compiled kernels on disk by itself. A network starts as fast from these alone as from both, but its
    /// first start would take more than twice as long: to give a program's binary, PoCL compiles every kernel once more,
    /// for groups of any size. What runs is compiled for groups of one size, which the binary lacks: it saves little.
    public static func standard(
        for device: Device, environment: [String: String] = ProcessInfo.processInfo.environment
    ) -> ProgramBinaryStore? {
        guard !device.isPoCL else { return nil }
        return ProgramBinaryStore(environment: environment)
    }

    /// A program from its stored binary, or else from source and stored.
    /// - Throws: `OpenCLError`, with the build log, where the source does not build.
    func program(context: Context, source: String, options: [String]) throws -> Program {
        let key = Self.key(context.device, source: source, options: options)
        if let program = stored(key, context: context, options: options) { return program }
        let program = try Program(context: context, source: source, options: options)
        if let binary = try? program.binary() { store(binary, for: key) }
        return program
    }

    private func stored(_ key: String, context: Context, options: [String]) -> Program? {
        guard let binary = binary(for: key),
            let program = try? Program(context: context, binary: binary, options: options),
            let names = try? program.kernelNames(), !names.isEmpty
        else { return nil }
        return program
    }

    /// What a binary depends on, as far as drivers tell.
    static func key(
        _ device: Device, source: String, options: [String],
        environment: [String: String] = ProcessInfo.processInfo.environment
    ) -> String {
        let platform = try? Platform.all().first { $0.handle == device.platformHandle }
        // Intel's CPU runtime takes settings of its compiler from these.
        let settings = environment.filter { $0.key.hasPrefix("CL_CONFIG_") }.map { "\($0.key)=\($0.value)" }
        let lines = [
            device.platformName, platform?.version ?? "", device.name, device.vendor, device.version,
            device.driverVersion, device.extensions.sorted().joined(separator: " "),
            device.type == .cpu ? processorFeatures : "", settings.sorted().joined(separator: " "),
            options.joined(separator: " "),
        ]
        return lines.joined(separator: "\n") + "\n" + source
    }

    /// The instruction sets of the computer's processor: where home folders are shared, or virtual machines move,
    /// processors of one name differ in them, and what is compiled for more than there is ends the process.
    private static let processorFeatures: String = {
        guard let file = FileHandle(forReadingAtPath: "/proc/cpuinfo"),
            let start = try? file.read(upToCount: 1 << 14)
        else { return "" }
        let lines = String(decoding: start, as: UTF8.self).split(separator: "\n")
        return lines.first { $0.hasPrefix("flags") || $0.hasPrefix("Features") }.map(String.init) ?? ""
    }()
}
