/// Lines that every report on an image has.
enum ImageLines {
    /// The likeliest classes, a line each.
    static func classes(_ candidates: [ImageReport.Candidate]) -> [String] {
        var table = Table([.left, .right, .left])
        for candidate in candidates {
            table.add([
                "  " + candidate.label, candidate.probability.percentage, bar(candidate.probability, length: 20),
            ])
        }
        return table.lines
    }

    /// What ran, in blocks and MACs.
    static func cost(executed: [Bool], macs: Int, macsDense: Int) -> String {
        let share = Double(macs) / Double(max(macsDense, 1))
        return "  \(executed.count { $0 }.grouped) of \(executed.count.counted("block")), \(macs.grouped) of "
            + "\(macsDense.grouped) MACs (\(share.percentage))"
    }

    /// A probability as a bar of so many squares at most.
    static func bar(_ probability: Float, length: Int) -> String {
        String(repeating: "▪", count: min(max(Int((probability * Float(length)).rounded()), 0), length))
    }
}
