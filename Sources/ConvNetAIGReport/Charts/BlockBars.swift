import Foundation

/// How often each block runs: a bar for each, in stages.
struct BlockBars: Sendable {
    var label: String
    var blocks: [ModelFigures.Block]
    /// Of each block, in 0...1.
    var rates: [Double]

    private static let title = "Pictures that run the block (%)"
    private static let height = 270.0
    private static let foot = 62.0
    private static let left = 36.0
    private static let smallestPitch = 14.0
    private static let largestPitch = 84.0
    private static let stageGap = 10.0

    /// As wide as there is room, and wider where the bars would otherwise be too thin.
    func svg(width: Double) -> Markup {
        let stages = BlockLabels.stages(blocks)
        let gaps = Self.stageGap * Double(max(stages.count - 1, 0))
        let room = (width - Self.left - 8 - gaps) / Double(max(blocks.count, 1))
        let pitch = min(max(room, Self.smallestPitch), Self.largestPitch)
        let right = Self.left + 8 + gaps + pitch * Double(blocks.count)
        let up = Axis(0...100, from: Self.height - Self.foot, to: 42, intervals: 4)
        var shapes = axis(up, right: right)
        let labels = BlockLabels(blocks)
        let longest = labels.names.map { TextWidth.of($0) }.max() ?? 0
        // Where not every label fits, every second or fifth does.
        let every = [1, 2, 5, 10].first { Double($0) * pitch >= longest + 3 } ?? 10
        for (number, stage) in stages.enumerated() {
            let start = Self.left + 4 + Self.stageGap * Double(number) + pitch * Double(stage.blocks.lowerBound)
            let end = start + pitch * Double(stage.blocks.count)
            for index in stage.blocks {
                let x = start + pitch * Double(index - stage.blocks.lowerBound)
                shapes += bar(index, x: x, pitch: pitch, up: up)
                if (index - stage.blocks.lowerBound) % every == 0 {
                    shapes.append(
                        SVG.text(
                            labels.names[index], at: Place(x: x + pitch / 2, y: up.start + 16), anchor: .middle,
                            class: "tick"))
                }
            }
            shapes += bracket(stage.stage, from: start, to: end, y: up.start + 26)
        }
        return SVG.image(width: max(right, TextWidth.of(Self.title) + 4), height: Self.height, label: label, shapes)
    }

    private func axis(_ up: Axis, right: Double) -> [Markup] {
        var shapes = [SVG.text(Self.title, at: Place(x: 0, y: 13), class: "axis-title")]
        for tick in up.ticks {
            let y = up.position(tick)
            shapes.append(
                SVG.line(
                    Place(x: Self.left, y: y), Place(x: right - 4, y: y), class: tick == 0 ? "axis" : "grid"))
            shapes.append(
                SVG.text(up.label(tick), at: Place(x: Self.left - 6, y: y + 4), anchor: .end, class: "tick"))
        }
        return shapes
    }

    private func bar(_ index: Int, x: Double, pitch: Double, up: Axis) -> [Markup] {
        let block = blocks[index]
        let rate = block.isGated ? rates[ifPresent: index] ?? 0 : 1
        guard rate.isFinite else { return [] }
        let top = up.position(100 * min(max(rate, 0), 1))
        let side = min(max(pitch * 0.16, 1.5), 10)
        let box = Box(x: x + side, y: top, width: pitch - 2 * side, height: up.start - top)
        let title = "\(block.name): " + (block.isGated ? NumberText.percent(rate) : "no gate, always runs")
        var shapes = [SVG.rectangle(box, class: block.isGated ? "bar" : "bar always", title: title)]
        let center = x + pitch / 2
        if !block.isGated {
            shapes.append(
                SVG.upwardText(
                    "always", at: Place(x: center + 4, y: up.start - 8), class: "label on-always"))
        } else if pitch >= 26 {
            shapes.append(
                SVG.text(
                    NumberText.decimal(100 * rate, 0), at: Place(x: center, y: top - 5), anchor: .middle,
                    class: "value"))
        }
        return shapes
    }

    private func bracket(_ stage: Int, from start: Double, to end: Double, y: Double) -> [Markup] {
        let room = end - start
        let name = ["stage \(stage)", "\(stage)"].first { TextWidth.of($0) <= room + Self.stageGap }
        return [SVG.line(Place(x: start + 2, y: y), Place(x: end - 2, y: y), class: "axis")]
            + (name.map {
                [SVG.text($0, at: Place(x: (start + end) / 2, y: y + 16), anchor: .middle, class: "axis-title")]
            } ?? [])
    }
}
