/// Finds room for the labels of points: beside them where there is room, further off where there is not.
struct LabelPlacement: Sendable {
    /// Where a label ended up.
    struct Label: Sendable, Hashable {
        var box: Box
        /// Where a line to the point begins; nil where the label stands beside it.
        var leader: Place?
    }

    static let lineHeight = 15.0
    private static let letterHeight = 11.0

    private let bounds: Box
    /// What a label must not cover: other labels and markers.
    private var taken: [Box]
    /// What a label should rather not cover: lines.
    private let soft: [Place]

    /// - Parameters:
    ///   - bounds: labels stay within.
    ///   - markers: the marked places.
    ///   - curves: the lines, as the places that they join.
    init(bounds: Box, markers: [Place], curves: [[Place]]) {
        self.bounds = bounds
        taken = markers.map { Box(x: $0.x - 5, y: $0.y - 5, width: 10, height: 10) }
        soft = curves.flatMap { Self.dense($0) }
    }

    /// The place of the next label, or nil if there is none that is free.
    mutating func add(_ text: String, at point: Place) -> Label? {
        let width = TextWidth.of(text)
        var best: (label: Label, cost: Double)?
        for distance in [8.0, 16, 28, 44, 64] {
            for (preference, direction) in Self.directions.enumerated() {
                let center = Place(x: point.x + distance * direction.x, y: point.y + distance * direction.y)
                let box = Box(
                    x: center.x - width * (1 - direction.x) / 2,
                    y: center.y - Self.letterHeight * (1 - direction.y) / 2,
                    width: width, height: Self.letterHeight)
                let padded = Box(x: box.x - 2, y: box.y - 2, width: box.width + 4, height: box.height + 4)
                guard bounds.contains(box), !taken.contains(where: padded.intersects) else { continue }
                let crossed = soft.count { $0.x > box.x && $0.x < box.right && $0.y > box.y && $0.y < box.bottom }
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

    /// From the point to its label, the most natural first.
    private static let directions: [Place] = [
        Place(x: 1, y: 0), Place(x: -1, y: 0), Place(x: 0, y: -1), Place(x: 0, y: 1), Place(x: 0.7, y: -0.7),
        Place(x: 0.7, y: 0.7), Place(x: -0.7, y: -0.7), Place(x: -0.7, y: 0.7),
    ]

    /// Places along a line that are close enough together for no label to slip between.
    private static func dense(_ places: [Place]) -> [Place] {
        zip(places, places.dropFirst()).flatMap { start, end in
            let length = max(abs(end.x - start.x), abs(end.y - start.y))
            let count = max(1, Int((length / 5).rounded(.up)))
            return (0...count).map { step in
                let share = Double(step) / Double(count)
                return Place(x: start.x + share * (end.x - start.x), y: start.y + share * (end.y - start.y))
            }
        }
    }
}
