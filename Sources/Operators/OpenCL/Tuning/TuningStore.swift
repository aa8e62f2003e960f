import Foundation
import Kernels
import OpenCL

/// The algorithms that a ``ConvolutionTuner`` found to be fastest, in a folder on disk, for every process that runs on the
/// same device with the same driver and kernels. Beside compiled programs, in files of the same kind: as with these, what
/// is damaged is not there.
public struct TuningStore: Sendable {
    private struct Entry: Codable {
        let choice: ConvolutionChoice
        let algorithm: ConvolutionAlgorithm
    }

    private let files: ProgramBinaryStore

    public init(folder: String) {
        files = ProgramBinaryStore(folder: folder)
    }

    /// As the environment has it: see ``ProgramBinaryStore/init(environment:)``.
    ///
    /// - Returns: nil if nothing is to be kept or there is no such folder.
    public init?(environment: [String: String] = ProcessInfo.processInfo.environment) {
        guard let files = ProgramBinaryStore(environment: environment) else { return nil }
        self.files = files
    }

    /// What is known for a device; what does not fit it is left out.
    func choices(_ device: Device, _ traits: DeviceTraits) -> [ConvolutionChoice: ConvolutionAlgorithm] {
        guard let contents = files.binary(for: key(device, traits)),
            let entries = try? JSONDecoder().decode([Entry].self, from: Data(contents))
        else { return [:] }
        let usable = entries.filter { $0.algorithm.isUsable(for: $0.choice.settings, traits) }
        return Dictionary(usable.map { ($0.choice, $0.algorithm) }) { _, last in last }
    }

    /// Adds to what is known for a device.
    ///
    /// - Throws: ``TuningStoreError`` if later processes will not find it.
    func add(
        _ choices: [ConvolutionChoice: ConvolutionAlgorithm], _ device: Device, _ traits: DeviceTraits
    ) throws(TuningStoreError) {
        let all = self.choices(device, traits).merging(choices) { _, new in new }
        let path = path(device, traits)
        let contents: [UInt8]
        do {
            contents = Array(try JSONEncoder().encode(all.map { Entry(choice: $0, algorithm: $1) }))
        } catch {
            throw .notWritten(path: path, reason: "\(error)")
        }
        let key = key(device, traits)
        do throws(ProgramBinaryStore.WriteError) {
            try files.write(contents, for: key)
        } catch {
            throw .notWritten(path: error.path, reason: error.reason)
        }
        guard files.binary(for: key) == contents else { throw .notReadable(path: path) }
    }

    /// The file of a device.
    func path(_ device: Device, _ traits: DeviceTraits) -> String { files.path(key(device, traits)) }

    /// Kernels that change are tuned anew.
    private func key(_ device: Device, _ traits: DeviceTraits) -> String {
        ProgramBinaryStore.key(
            device, source: KernelSource.common + KernelSource.allCases.map(\.text).joined(),
            options: ["tuning", "\(traits)"])
    }
}
