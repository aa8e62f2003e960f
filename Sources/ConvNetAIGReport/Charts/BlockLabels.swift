/// Short names of blocks that fit under a bar or over a column.
struct BlockLabels: Sendable {
    let names: [String]

    /// Without what all of them begin with, so that `layer2.1` becomes `2.1`; numbers where that is still long.
    init(_ blocks: [ModelFigures.Block]) {
        let full = blocks.map(\.name)
        guard full.count > 1 else {
            names = full.map { $0.count > 8 ? "1" : $0 }
            return
        }
        let shared = full.dropFirst().reduce(full[0]) { $0.commonPrefix(with: $1) }
        let prefix = shared.prefix { $0.isLetter || $0 == "." || $0 == "_" }
        let short = full.map { String($0.dropFirst(prefix.count)) }
        let isUsable = short.allSatisfy { !$0.isEmpty && $0.count <= 5 }
        names = isUsable ? short : full.indices.map { String($0 + 1) }
    }

    /// Runs of blocks of the same stage.
    static func stages(_ blocks: [ModelFigures.Block]) -> [(stage: Int, blocks: Range<Int>)] {
        var result: [(stage: Int, blocks: Range<Int>)] = []
        for (index, block) in blocks.enumerated() {
            if let last = result.last, last.stage == block.stage {
                result[result.count - 1].blocks = last.blocks.lowerBound..<index + 1
            } else {
                result.append((block.stage, index..<index + 1))
            }
        }
        return result
    }
}
