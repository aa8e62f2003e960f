import ConvNetAIG
import Operators
import Kernels

/// A kernel of TrainingNormalization.cl, and how it is compiled.
struct NormalizationVariant: Hashable {
    enum Shortcut: Int {
        case none = 0
        case maps = 1
        case normalized = 2
    }

    let kernel: String
    var isRectified = false
    var shortcut = Shortcut.none
    var isGated = false
    var isPooled = false
    var isEmpty = false

    func program(_ traits: DeviceTraits) -> ProgramDescriptor {
        ProgramDescriptor(
            .trainingNormalization, traits,
            [
                "AFTER_RELU": isRectified ? 1 : 0, "SHORTCUT": shortcut.rawValue, "GATED": isGated ? 1 : 0,
                "POOLED": isPooled ? 1 : 0, "EMPTY": isEmpty ? 1 : 0,
            ])
    }
}
