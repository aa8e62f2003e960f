import ConvNetAIG

/// The shares of images that training should make run each block: the t of the target-rate loss (arXiv 1711.11503).
/// A block with a target of 1 always runs and gets no gate.
public enum TargetRates: Sendable, Hashable {
    /// One share for all gated blocks.
    case all(Float)
    /// A share for every block of the network, in the order of `Architecture.blocks`, or for every gated one.
    case perBlock([Float])
    /// The paper's schedule for ResNet-50 or ResNet-101, with this share where the paper writes t.
    case paper(Float)

    /// The network whose blocks with a target of 1 have no gate, and the targets of those that have one, in the order of
    /// its `Architecture.gatedBlocks`. For the network that comes out, the result is the same again.
    ///
    /// - Parameter architecture: with or without gates. Blocks without a gate in a network that has gates stay so.
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

    /// What a network is trained towards where nothing else is said: the authors' schedule with t = 0.5 for the blocks of
    /// ResNet-50 and ResNet-101; for others, of which the paper has none, the kind of it: each stage's first block and the
    /// network's last one always run, as the paper finds that they do for nearly every image, and the others run for 60 % of the
    /// images, the default of the authors' code. Where that would leave no block with a gate, all have that rate.
    ///
    /// - Parameter architecture: with gates, or to get some. Blocks without a gate in a network that has gates stay so.
    public static func usual(for architecture: Architecture) -> TargetRates {
        let ungated = Set(architecture.ungatedBlocks)
        let schedule = paperDepth(of: architecture).flatMap { PaperRates.schedule(depth: $0, target: usualTarget) }
        if let schedule, ungated.allSatisfy({ schedule[$0] == 1 }) { return .paper(usualTarget) }
        let rates = (schedule ?? PaperRates.likeSchedules(of: architecture)).enumerated().map { block, rate in
            ungated.contains(block) ? 1 : rate
        }
        return rates.contains { $0 < 1 } ? .perBlock(rates) : .all(PaperRates.usualRate)
    }

    /// The paper's t.
    private static let usualTarget: Float = 0.5

    func validate() throws(TargetRatesError) {
        let values: [Float] =
            switch self {
            case .all(let rate), .paper(let rate): [rate]
            case .perBlock(let rates): rates
            }
        if let rate = values.first(where: { !(0...1).contains($0) }) { throw .outOfRange(rate) }
    }

    /// By its blocks, so that it does not matter what the network is called or how many classes it has.
    private static func paperDepth(of architecture: Architecture) -> Int? {
        [50, 101].first { depth in
            guard let known = try? Architecture(named: "resnet-\(depth)") else { return false }
            return known.blockKind == architecture.blockKind && known.stages == architecture.stages
        }
    }
}

extension TargetRates: LosslessStringConvertible {
    /// As the command line writes it: `0.6`, `1,0.8,0.5,…` or `paper:0.5`.
    public var description: String {
        switch self {
        case .all(let rate): "\(rate)"
        case .perBlock(let rates): rates.map { "\($0)" }.joined(separator: ",") + (rates.count == 1 ? "," : "")
        case .paper(let rate): "paper:\(rate)"
        }
    }

    /// What `description` writes so; nil if there is nothing.
    public init?(_ description: String) {
        try? self.init(parsing: description)
    }

    /// - Throws: ``TargetRatesError`` naming the text and what may stand there.
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
    /// Decodes a number, a list of numbers, or a text as of ``init(parsing:)``.
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

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .all(let rate): try container.encode(rate)
        case .perBlock(let rates): try container.encode(rates)
        case .paper: try container.encode(description)
        }
    }
}
