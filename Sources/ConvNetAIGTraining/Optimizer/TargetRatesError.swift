/// Why target rates cannot be used.
public enum TargetRatesError: Error, Sendable, Hashable, CustomStringConvertible {
    case unreadable(String)
    case outOfRange(Float)
    case wrongCount(found: Int, blocks: Int, gatedBlocks: Int)
    case noSchedule(architecture: String)
    case noGate(block: Int, rate: Float)
    case allBlocksAlwaysRun
    case impossible(String)

    public var description: String {
        switch self {
        case .unreadable(let text):
            "target rates '\(text.prefix(200))' are not understood; give one share such as 0.6, a list with one per block "
                + "such as 1,0.8,0.5, or paper:T for the paper's schedule"
        case .outOfRange(let rate):
            "a target rate is \(rate); give shares from 0 to 1, where 1 stands for a block that always runs"
        case .wrongCount(let found, let blocks, let gatedBlocks):
            "there are \(found) target rates, but the network has \(blocks) blocks, \(gatedBlocks) of them gated; give one "
                + "rate, or one per block"
        case .noSchedule(let architecture):
            "the paper gives schedules of target rates for the blocks of ResNet-50 and ResNet-101 only, which "
                + "\(architecture) does not have; give one rate such as 0.6, or one per block, or leave the target rates to the "
                + "presets, which have some for every network"
        case .noGate(let block, let rate):
            "block \(block) has no gate and always runs, so that its target rate cannot be \(rate); give it 1, or start "
                + "from a network with a gate there"
        case .allBlocksAlwaysRun:
            "with target rates of 1 for all blocks none would have a gate; leave the target rates out to train a plain ResNet"
        case .impossible(let problem):
            problem
        }
    }
}
