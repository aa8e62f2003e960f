/// How often each block runs.
struct ExecutionRateSection: PageSection {
    let figures: ReportFigures

    let id = "blocks"
    let title = "Execution rate by block"

    private var gated: [(block: ModelFigures.Block, rate: Double)] {
        figures.model.blocks.enumerated().compactMap { index, block in
            guard block.isGated, let rate = figures.rates.byBlock[ifPresent: index], rate.isFinite else { return nil }
            return (block, rate)
        }
    }

    var summary: String {
        let gated = gated
        guard let most = gated.max(by: { $0.rate < $1.rate }), let least = gated.min(by: { $0.rate < $1.rate }) else {
            return "No block has a gate: every block runs for every picture."
        }
        let mean = gated.reduce(0) { $0 + $1.rate } / Double(gated.count)
        let beginning =
            "\(NumberText.count(gated.count, "gated block")) "
            + "\(gated.count == 1 ? "runs" : "run") for \(NumberText.percent(mean)) of the pictures"
        let always = gated.count { $0.rate >= 0.995 }
        let never = gated.count { $0.rate <= 0.005 }
        let extremes =
            gated.count == 1
            ? "."
            : " on average, from \(NumberText.percent(least.rate)) (\(least.block.name)) to "
                + "\(NumberText.percent(most.rate)) (\(most.block.name))."
        return beginning + extremes
            + (always + never > 0
                ? " At least 99.5 % of the pictures run \(always) of them, and at most 0.5 % run \(never)." : "")
    }

    func body() -> [Markup] {
        guard !figures.model.blocks.isEmpty else { return [] }
        let bars = BlockBars(
            label: "Bar chart of execution rate by block. " + summary, blocks: figures.model.blocks,
            rates: figures.rates.byBlock)
        return [
            Figure.chart(
                caption: "Share of the pictures that run each block, over all classes. Blocks marked “always” have no "
                    + "gate.", bars.svg)
        ]
    }
}
