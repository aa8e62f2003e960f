/// The shape that stands for a value, so that series differ without their colours.
enum Marker: Int, Sendable, Hashable, CaseIterable {
    case circle
    case square
    case triangle
    case diamond

    static let radius = 4.0

    /// - Parameter name: the classes of the style sheet.
    func markup(at place: Place, class name: String, title: String? = nil, radius: Double = radius) -> Markup {
        switch self {
        case .circle: return SVG.circle(place, radius: radius, class: name, title: title)
        case .square:
            let half = 0.9 * radius
            let box = Box(x: place.x - half, y: place.y - half, width: 2 * half, height: 2 * half)
            return SVG.rectangle(box, class: name, title: title)
        case .triangle:
            let half = 1.1 * radius
            return SVG.polygon(
                [
                    Place(x: place.x, y: place.y - half), Place(x: place.x + half, y: place.y + 0.8 * half),
                    Place(x: place.x - half, y: place.y + 0.8 * half),
                ], class: name, title: title)
        case .diamond:
            let half = 1.3 * radius
            return SVG.polygon(
                [
                    Place(x: place.x, y: place.y - half), Place(x: place.x + half, y: place.y),
                    Place(x: place.x, y: place.y + half), Place(x: place.x - half, y: place.y),
                ], class: name, title: title)
        }
    }
}
