/// Who is who among the contenders.
struct Contenders {
    let all: [ContenderFigures]
    /// The network that the report is about.
    let own: ContenderFigures?
    /// The ResNet that it is measured against.
    let resNet: ContenderFigures?
    private let denseMACs: Int

    init(_ figures: ReportFigures) {
        all = figures.contenders
        denseMACs = figures.model.denseMACs
        resNet = all.first { Self.isResNet($0.name) }
        own = all.first { $0.name == figures.model.name } ?? all.first { !Self.isResNet($0.name) }
    }

    /// Whether a network goes by the name of a ResNet without gates.
    static func isResNet(_ name: String) -> Bool {
        let name = name.lowercased()
        return name.contains("resnet") && !name.contains("aig")
    }

    /// Mean MACs as a share of what the network needs if every block runs.
    func share(_ contender: ContenderFigures) -> Double {
        denseMACs > 0 ? contender.meanMACs / Double(denseMACs) : .nan
    }

    /// A letter that stands for the contender in charts.
    static func letter(_ index: Int) -> String {
        guard let letter = Unicode.Scalar(UInt32(65 + index)), index < 26 else { return String(index + 1) }
        return String(Character(letter))
    }
}
