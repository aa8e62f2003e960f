import Foundation
import Kernels
import OpenCL
import Synchronization

/// The algorithms that a ``ConvolutionTuner`` found to be fastest, in a folder on disk, for every process that runs on the
/// same device with the same driver and kernels. Beside compiled programs, in files of the same kind: as with these, what
/// is damaged is not there.
public struct TuningStore: Sendable {
    private struct Entry: Codable {
        let choice: ConvolutionChoice
        let algorithm: ConvolutionAlgorithm
    }

    private let files: ProgramBinaryStore

    /// A store in this folder.
    public init(folder: String) {
        files = ProgramBinaryStore(folder: folder)
    }

    /// The store that the environment names: see ``ProgramBinaryStore/init(environment:)``.
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
            options: ["tuning", traits.key])
    }
}

/// Why tuned algorithms are known to this process alone, and not kept for later ones.
public enum TuningStoreError: Error, Hashable, Sendable, CustomStringConvertible, LocalizedError {
    /// The runtime has no ``TuningStore``.
    case noFolder
    /// A file cannot be written.
    case notWritten(path: String, reason: String)
    /// A file cannot be read again, as where files belong to another user than the one who writes them.
    case notReadable(path: String)

    /// The reason, and what to do.
    public var description: String {
        switch self {
        case .noFolder:
            "there is no folder for them: AIG_CACHE is off, or neither AIG_CACHE nor XDG_CACHE_HOME nor HOME names one"
        case .notWritten(let path, let reason):
            "\(path) cannot be written (\(reason)); set AIG_CACHE to a folder that can be"
        case .notReadable(let path):
            "\(path) cannot be read again once it is written; set AIG_CACHE to a folder of your own"
        }
    }

    /// As ``description``.
    public var errorDescription: String? { description }
}

/// What the choice of an algorithm depends on, for one device.
struct ConvolutionChoice: Sendable, Hashable, Codable {
    let settings: FusedConvolutionSettings
    /// Of a launch, at most.
    let images: Int

    // As stored measurements have it.
    private enum CodingKeys: String, CodingKey {
        case settings = "problem"
        case images
    }
}

/// The algorithms that were measured to be fastest on a runtime's device. Safe to use from several threads.
final class ConvolutionTuning: Sendable {
    private let known: Mutex<[ConvolutionChoice: ConvolutionAlgorithm]>
    private let store: TuningStore?
    private let device: Device
    private let traits: DeviceTraits

    /// - Parameter store: where measurements of other processes are; nil knows and keeps none.
    init(_ device: Device, _ traits: DeviceTraits, store: TuningStore?) {
        self.store = store
        self.device = device
        self.traits = traits
        known = Mutex(store?.choices(device, traits) ?? [:])
    }

    subscript(choice: ConvolutionChoice) -> ConvolutionAlgorithm? {
        known.withLock { $0[choice] }
    }

    /// - Returns: why the choices are known to this process only; nil if they are kept for others.
    @discardableResult
    func add(_ choices: [ConvolutionChoice: ConvolutionAlgorithm]) -> TuningStoreError? {
        known.withLock { known in
            known.merge(choices) { _, new in new }
            guard let store else { return .noFolder }
            do throws(TuningStoreError) {
                try store.add(choices, device, traits)
                return nil
            } catch {
                return error
            }
        }
    }
}
