import OpenCL
import Synchronization

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
