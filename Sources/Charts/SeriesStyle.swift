/// How a series looks. Its colour, its dashes and its marker each tell it from the other series.
package struct SeriesStyle: Sendable, Hashable {
    /// The number of colours that the style sheet has to have.
    package static let colors = 6
    private static let dashes = 4

    /// An index into the style sheet's colours.
    package var color: Int
    /// 0 for a line without gaps.
    package var dash: Int
    package var marker: Marker

    /// The style of the series with this index, where series differ in nothing else.
    package init(_ index: Int) {
        self.init(color: index, dash: index, marker: index)
    }

    /// Indices beyond the last start again from the first.
    package init(color: Int, dash: Int, marker: Int) {
        self.color = color % Self.colors
        self.dash = dash % Self.dashes
        self.marker = Marker(rawValue: marker % Marker.allCases.count) ?? .circle
    }

    /// The style sheet's classes for the line.
    package var curve: String { "curve c\(color) d\(dash)" }
    /// The style sheet's classes for the markers.
    package var dot: String { "dot c\(color)" }
}

/// The shape that marks a value, so that series differ without their colours.
package enum Marker: Int, Sendable, Hashable, CaseIterable {
    case circle
    case square
    case triangle
    case diamond

    package static let radius = 4.0

    /// - Parameters:
    ///   - name: the style sheet's classes.
    ///   - title: shown when the pointer is on the marker.
    ///   - radius: in pixels.
    package func markup(at center: Point, class name: String, title: String? = nil, radius: Double = radius) -> Markup {
        switch self {
        case .circle: return SVG.circle(center, radius: radius, class: name, title: title)
        case .square:
            let half = 0.9 * radius
            let box = Box(x: center.x - half, y: center.y - half, width: 2 * half, height: 2 * half)
            return SVG.rectangle(box, class: name, title: title)
        case .triangle:
            let half = 1.1 * radius
            return SVG.polygon(
                [
                    Point(x: center.x, y: center.y - half), Point(x: center.x + half, y: center.y + 0.8 * half),
                    Point(x: center.x - half, y: center.y + 0.8 * half),
                ], class: name, title: title)
        case .diamond:
            let half = 1.3 * radius
            return SVG.polygon(
                [
                    Point(x: center.x, y: center.y - half), Point(x: center.x + half, y: center.y),
                    Point(x: center.x, y: center.y + half), Point(x: center.x - half, y: center.y),
                ], class: name, title: title)
        }
    }
}
