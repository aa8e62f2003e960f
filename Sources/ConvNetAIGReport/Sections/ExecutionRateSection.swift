import Charts

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

/// A bar for each block, as high as the block runs often, with gaps between stages.
struct BlockBars: Sendable {
    var label: String
    var blocks: [ModelFigures.Block]
    /// The rate of each block, in 0...1.
    var rates: [Double]

    private static let title = "Pictures that run the block (%)"
    private static let height = 270.0
    private static let foot = 62.0
    private static let left = 36.0
    private static let smallestPitch = 14.0
    private static let largestPitch = 84.0
    private static let stageGap = 10.0

    /// - Parameter width: the room in pixels; the chart is wider if its bars would become too thin.
    func svg(width: Double) -> Markup {
        let stages = BlockLabels.stages(blocks)
        let gaps = Self.stageGap * Double(max(stages.count - 1, 0))
        let room = (width - Self.left - 8 - gaps) / Double(max(blocks.count, 1))
        let pitch = min(max(room, Self.smallestPitch), Self.largestPitch)
        let right = Self.left + 8 + gaps + pitch * Double(blocks.count)
        let yAxis = Axis(0...100, from: Self.height - Self.foot, to: 42, intervals: 4)
        var shapes = axis(yAxis, right: right)
        let labels = BlockLabels(blocks)
        let longest = labels.names.map { TextWidth.of($0) }.max() ?? 0
        // Where not every label fits, every second, fifth or tenth does.
        let every = [1, 2, 5, 10].first { Double($0) * pitch >= longest + 3 } ?? 10
        for (number, stage) in stages.enumerated() {
            let start = Self.left + 4 + Self.stageGap * Double(number) + pitch * Double(stage.blocks.lowerBound)
            let end = start + pitch * Double(stage.blocks.count)
            for index in stage.blocks {
                let x = start + pitch * Double(index - stage.blocks.lowerBound)
                shapes += bar(index, x: x, pitch: pitch, yAxis: yAxis)
                if (index - stage.blocks.lowerBound) % every == 0 {
                    shapes.append(
                        SVG.text(
                            labels.names[index], at: Point(x: x + pitch / 2, y: yAxis.start + 16), anchor: .middle,
                            class: "tick"))
                }
            }
            shapes += bracket(stage.stage, from: start, to: end, y: yAxis.start + 26)
        }
        return SVG.image(width: max(right, TextWidth.of(Self.title) + 4), height: Self.height, label: label, shapes)
    }

    private func axis(_ yAxis: Axis, right: Double) -> [Markup] {
        var shapes = [SVG.text(Self.title, at: Point(x: 0, y: 13), class: "axis-title")]
        for tick in yAxis.ticks {
            let y = yAxis.position(tick)
            shapes.append(
                SVG.line(
                    Point(x: Self.left, y: y), Point(x: right - 4, y: y), class: tick == 0 ? "axis" : "grid"))
            shapes.append(
                SVG.text(yAxis.label(tick), at: Point(x: Self.left - 6, y: y + 4), anchor: .end, class: "tick"))
        }
        return shapes
    }

    private func bar(_ index: Int, x: Double, pitch: Double, yAxis: Axis) -> [Markup] {
        let block = blocks[index]
        let rate = block.isGated ? rates[ifPresent: index] ?? 0 : 1
        guard rate.isFinite else { return [] }
        let top = yAxis.position(100 * min(max(rate, 0), 1))
        let side = min(max(pitch * 0.16, 1.5), 10)
        let box = Box(x: x + side, y: top, width: pitch - 2 * side, height: yAxis.start - top)
        let title = "\(block.name): " + (block.isGated ? NumberText.percent(rate) : "no gate, always runs")
        var shapes = [SVG.rectangle(box, class: block.isGated ? "bar" : "bar always", title: title)]
        let center = x + pitch / 2
        if !block.isGated {
            shapes.append(
                SVG.upwardText(
                    "always", at: Point(x: center + 4, y: yAxis.start - 8), class: "label on-always"))
        } else if pitch >= 26 {
            shapes.append(
                SVG.text(
                    NumberText.decimal(100 * rate, 0), at: Point(x: center, y: top - 5), anchor: .middle,
                    class: "value"))
        }
        return shapes
    }

    private func bracket(_ stage: Int, from start: Double, to end: Double, y: Double) -> [Markup] {
        let room = end - start
        let name = ["stage \(stage)", "\(stage)"].first { TextWidth.of($0) <= room + Self.stageGap }
        return [SVG.line(Point(x: start + 2, y: y), Point(x: end - 2, y: y), class: "axis")]
            + (name.map {
                [SVG.text($0, at: Point(x: (start + end) / 2, y: y + 16), anchor: .middle, class: "axis-title")]
            } ?? [])
    }
}

/// Names of blocks that are short enough to stand below a bar or above a column.
struct BlockLabels: Sendable {
    let names: [String]

    /// Shortens names by their common beginning, so that `layer2.1` becomes `2.1`; takes numbers if they are still long.
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
