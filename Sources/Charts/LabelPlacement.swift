/// Finds room for the labels of points: beside a point where there is room, farther away where there is not.
struct LabelPlacement: Sendable {
    /// Where a label stands.
    struct Label: Sendable, Hashable {
        var box: Box
        /// Where a line to the point begins; nil if the label stands beside the point.
        var leader: Point?
    }

    private static let letterHeight = 11.0

    private let bounds: Box
    /// What a label must not cover: other labels and markers.
    private var taken: [Box]
    /// What a label should not cover if it can be helped: lines.
    private let lines: [Point]

    /// - Parameters:
    ///   - bounds: what labels stay within.
    ///   - markers: the marked points.
    ///   - curves: the lines, as the points that they join.
    init(bounds: Box, markers: [Point], curves: [[Point]]) {
        self.bounds = bounds
        taken = markers.map { Box(x: $0.x - 5, y: $0.y - 5, width: 10, height: 10) }
        lines = curves.flatMap { Self.dense($0) }
    }

    /// Places the next label; nil if there is no room for it.
    mutating func add(_ text: String, at point: Point) -> Label? {
        let width = TextWidth.of(text)
        var best: (label: Label, cost: Double)?
        for distance in [8.0, 16, 28, 44, 64] {
            for (preference, direction) in Self.directions.enumerated() {
                let center = Point(x: point.x + distance * direction.x, y: point.y + distance * direction.y)
                let box = Box(
                    x: center.x - width * (1 - direction.x) / 2,
                    y: center.y - Self.letterHeight * (1 - direction.y) / 2,
                    width: width, height: Self.letterHeight)
                let padded = Box(x: box.x - 2, y: box.y - 2, width: box.width + 4, height: box.height + 4)
                guard bounds.contains(box), !taken.contains(where: padded.intersects) else { continue }
                let crossed = lines.count { $0.x > box.x && $0.x < box.right && $0.y > box.y && $0.y < box.bottom }
                let cost = distance + Double(preference) + 3 * Double(crossed)
                if cost < best?.cost ?? .infinity {
                    best = (Label(box: box, leader: distance > 16 ? center : nil), cost)
                }
            }
        }
        guard let best else { return nil }
        taken.append(best.label.box)
        return best.label
    }

    /// The directions from a point to its label, the most natural first.
    private static let directions: [Point] = [
        Point(x: 1, y: 0), Point(x: -1, y: 0), Point(x: 0, y: -1), Point(x: 0, y: 1), Point(x: 0.7, y: -0.7),
        Point(x: 0.7, y: 0.7), Point(x: -0.7, y: -0.7), Point(x: -0.7, y: 0.7),
    ]

    /// Points along a line, so close together that no label fits between them.
    private static func dense(_ points: [Point]) -> [Point] {
        zip(points, points.dropFirst()).flatMap { start, end in
            let length = max(abs(end.x - start.x), abs(end.y - start.y))
            let count = max(1, Int((length / 5).rounded(.up)))
            return (0...count).map { step in
                let share = Double(step) / Double(count)
                return Point(x: start.x + share * (end.x - start.x), y: start.y + share * (end.y - start.y))
            }
        }
    }
}
