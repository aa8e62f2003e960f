import ConvNetAIG

/// The share of images that should run each block: the t of the target-rate loss (Veit and Belongie, arXiv 1711.11503).
/// A block with a target of 1 always runs and gets no gate.
public enum TargetRates: Sendable, Hashable {
    /// The same share for all gated blocks.
    case all(Float)
    /// A share for each block of the network, in the order of `Architecture.blocks`, or for each gated block.
    case perBlock([Float])
    /// The paper's rates for ResNet-50 or ResNet-101, with this share as the paper's t.
    case paper(Float)

    /// The network with gates on all blocks but those with a target of 1, and the gated blocks' targets in the order of
    /// its `Architecture.gatedBlocks`. Applied to the resulting network, it gives the same result again.
    ///
    /// - Parameter architecture: a network with or without gates. In a network with gates, blocks that have none stay
    ///   without.
    /// - Throws: ``TargetRatesError``.
    public func resolved(
        for architecture: Architecture
    ) throws(TargetRatesError) -> (architecture: Architecture, rates: [Float]) {
        try validate()
        let ungated = Set(architecture.ungatedBlocks)
        var rates: [Float]
        switch self {
        case .all(let rate):
            rates = (0..<architecture.blockCount).map { ungated.contains($0) ? 1 : rate }
        case .perBlock(let list) where list.count == architecture.blockCount:
            rates = list
        case .perBlock(let list):
            let gated = architecture.gatedBlocks
            guard list.count == gated.count else {
                throw .wrongCount(
                    found: list.count, blocks: architecture.blockCount, gatedBlocks: gated.count)
            }
            rates = [Float](repeating: 1, count: architecture.blockCount)
            for (block, rate) in zip(gated, list) { rates[block] = rate }
        case .paper(let target):
            guard let depth = Self.paperDepth(of: architecture),
                let schedule = PaperRates.schedule(depth: depth, target: target)
            else { throw .noSchedule(architecture: architecture.name) }
            rates = schedule
        }
        if let block = ungated.sorted().first(where: { rates[$0] != 1 }) {
            throw .noGate(block: block, rate: rates[block])
        }
        let gated = rates.indices.filter { rates[$0] != 1 }
        guard !gated.isEmpty else { throw .allBlocksAlwaysRun }
        do {
            let adaptive = try architecture.adaptive(
                hidden: architecture.gateHidden ?? Architecture.defaultGateHidden,
                ungatedBlocks: rates.indices.filter { rates[$0] == 1 })
            return (adaptive, gated.map { rates[$0] })
        } catch {
            throw .impossible("\(error)")
        }
    }

    /// Targets for a network that none are given for.
    ///
    /// The blocks of ResNet-50 and ResNet-101 get the paper's rates with t = 0.5. The paper has none for other networks;
    /// these get similar ones: each stage's first block and the network's last block always run, as the paper finds that
    /// they do for nearly every image, and the others run for 60 % of the images, the default of the authors' code. Where
    /// no block would be left with a gate, all blocks get that rate.
    ///
    /// - Parameter architecture: a network with gates, or one that is to get some. In a network with gates, blocks that
    ///   have none stay without.
    public static func recommended(for architecture: Architecture) -> TargetRates {
        let ungated = Set(architecture.ungatedBlocks)
        let schedule = paperDepth(of: architecture).flatMap { PaperRates.schedule(depth: $0, target: defaultTarget) }
        if let schedule, ungated.allSatisfy({ schedule[$0] == 1 }) { return .paper(defaultTarget) }
        let rates = (schedule ?? PaperRates.likeSchedules(of: architecture)).enumerated().map { block, rate in
            ungated.contains(block) ? 1 : rate
        }
        return rates.contains { $0 < 1 } ? .perBlock(rates) : .all(PaperRates.usualRate)
    }

    /// The paper's t for ImageNet.
    private static let defaultTarget: Float = 0.5

    func validate() throws(TargetRatesError) {
        let values: [Float] =
            switch self {
            case .all(let rate), .paper(let rate): [rate]
            case .perBlock(let rates): rates
            }
        if let rate = values.first(where: { !(0...1).contains($0) }) { throw .outOfRange(rate) }
    }

    /// The depth in the paper of a network with the same blocks, whatever its name and its number of classes.
    private static func paperDepth(of architecture: Architecture) -> Int? {
        [50, 101].first { depth in
            guard let known = try? Architecture(named: "resnet-\(depth)") else { return false }
            return known.blockKind == architecture.blockKind && known.stages == architecture.stages
        }
    }
}

extension TargetRates: LosslessStringConvertible {
    /// The rates as the command line takes them: `0.6`, `1,0.8,0.5,…` or `paper:0.5`.
    public var description: String {
        switch self {
        case .all(let rate): "\(rate)"
        case .perBlock(let rates): rates.commaSeparated + (rates.count == 1 ? "," : "")
        case .paper(let rate): "paper:\(rate)"
        }
    }

    /// Parses what ``description`` writes; nil for any other text.
    public init?(_ description: String) {
        try? self.init(parsing: description)
    }

    /// Parses what ``description`` writes.
    ///
    /// - Throws: ``TargetRatesError`` naming the text and the forms that are understood.
    public init(parsing text: String) throws(TargetRatesError) {
        if text.hasPrefix("paper:") {
            guard let rate = Float(text.dropFirst("paper:".count)) else { throw .unreadable(text) }
            self = .paper(rate)
        } else {
            var fields = text.split(separator: ",", omittingEmptySubsequences: false)
            let isList = fields.count > 1
            // A list of one rate ends with a comma.
            if fields.count == 2, fields[1].isEmpty { fields.removeLast() }
            var rates: [Float] = []
            for field in fields {
                guard let rate = Float(field) else { throw .unreadable(text) }
                rates.append(rate)
            }
            self = isList ? .perBlock(rates) : .all(rates[0])
        }
        try validate()
    }
}

extension TargetRates: Codable {
    /// Decodes a number, a list of numbers, or a text for ``init(parsing:)``.
    ///
    /// - Throws: ``TrainingConfigurationError`` naming the key.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let rates: TargetRates
        if let rate = try? container.decode(Float.self) {
            rates = .all(rate)
        } else if let list = try? container.decode([Float].self) {
            rates = .perBlock(list)
        } else {
            let text = try container.decode(String.self)
            do {
                rates = try TargetRates(parsing: text)
            } catch {
                throw TrainingConfigurationError.invalidValue(
                    key: decoder.codingPath.dotted, problem: "cannot be used: \(error)")
            }
        }
        self = rates
    }

    /// Encodes a number, a list of numbers, or the text `paper:` with the paper's t.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .all(let rate): try container.encode(rate)
        case .perBlock(let rates): try container.encode(rates)
        case .paper: try container.encode(description)
        }
    }
}

// MARK: - Errors

/// Why target rates cannot be used.
public enum TargetRatesError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The text is neither a rate, nor a list of rates, nor `paper:` and a rate.
    case unreadable(String)
    /// A rate is not within 0...1.
    case outOfRange(Float)
    /// The list has neither a rate for each block nor one for each gated block.
    case wrongCount(found: Int, blocks: Int, gatedBlocks: Int)
    /// The paper has no rates for this network.
    case noSchedule(architecture: String)
    /// A block without a gate has a target other than 1.
    case noGate(block: Int, rate: Float)
    /// No block would have a gate.
    case allBlocksAlwaysRun
    /// The network cannot have gates, for this reason.
    case impossible(String)

    /// What is wrong and what to give instead.
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
