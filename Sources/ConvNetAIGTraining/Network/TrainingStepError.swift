/// Why a step cannot be made of what was given.
public enum TrainingStepError: Error, Sendable, Hashable, CustomStringConvertible {
    case batchSize(found: Int, most: Int)
    case imageCount(found: Int, expected: Int)
    case label(found: Int, classes: Int)
    case targetRates(found: Int, gates: Int)
    case noise(gates: Int, images: Int)
    case teacherLogits(found: Int, expected: Int)
    case stochasticDepth(gates: Int)
    case dropRate(Float)

    public var description: String {
        switch self {
        case .batchSize(let found, let most):
            "a step takes 1 to \(most) pictures, but was given \(found); make the network for a larger batch"
        case .imageCount(let found, let expected):
            "the pictures of a batch have \(found) values, but \(expected) are expected: as many labels, each channels x "
                + "height x width of the architecture's input"
        case .label(let found, let classes):
            "a picture has label \(found), but the network's classes are 0 to \(classes - 1)"
        case .noise(let gates, let images):
            "noise is needed for \(gates) gates, two values for each of \(images) pictures"
        case .teacherLogits(let found, let expected):
            "distillation needs the teacher's \(expected) logits of the batch, one for each picture and class, but there are "
                + "\(found)"
        case .stochasticDepth(let gates):
            "stochastic depth is for networks without gates, but \(gates) blocks have one, which decides when they run"
        case .dropRate(let rate):
            "stochastic depth leaves out \(rate) of the last block's branches; give a share from 0 to below 1"
        case .targetRates(let found, let gates):
            "there are \(found) target rates, but \(gates) gated blocks"
        }
    }
}
