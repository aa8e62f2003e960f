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

    func add(_ choices: [ConvolutionChoice: ConvolutionAlgorithm]) {
        known.withLock { known in
            known.merge(choices) { _, new in new }
            store?.add(choices, device, traits)
        }
    }
}
