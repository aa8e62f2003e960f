import Foundation

/// The shapes that charts are made of. Colours, lines and letters are the style sheet's, by class.
package enum SVG {
    /// Where a text stands relative to its place.
    package enum Anchor: String {
        case start
        case middle
        case end
    }

    /// An image of its natural size.
    /// - Parameter label: what it shows, for those who do not see it.
    package static func image(
        width: Double, height: Double, label: String, class name: String = "chart", _ children: [Markup]
    ) -> Markup {
        .tag(
            "svg",
            [
                "xmlns": "http://www.w3.org/2000/svg", "class": name, "role": "img", "aria-label": label,
                "width": number(width), "height": number(height), "viewBox": "0 0 \(number(width)) \(number(height))",
            ], children)
    }

    /// An image that adds nothing to the words beside it.
    static func ornament(width: Double, height: Double, class name: String, _ children: [Markup]) -> Markup {
        .tag(
            "svg",
            [
                "xmlns": "http://www.w3.org/2000/svg", "class": name, "aria-hidden": "true", "width": number(width),
                "height": number(height), "viewBox": "0 0 \(number(width)) \(number(height))",
            ], children)
    }

    package static func line(_ start: Place, _ end: Place, class name: String) -> Markup {
        .tag(
            "line",
            [
                "class": name, "x1": number(start.x), "y1": number(start.y), "x2": number(end.x), "y2": number(end.y),
            ])
    }

    /// - Parameter title: shown when the shape is pointed at.
    package static func rectangle(_ box: Box, class name: String, title: String? = nil) -> Markup {
        .tag(
            "rect",
            [
                "class": name, "x": number(box.x), "y": number(box.y), "width": number(box.width),
                "height": number(box.height),
            ], titles(title))
    }

    package static func roundedRectangle(_ box: Box, radius: Double, class name: String) -> Markup {
        .tag(
            "rect",
            [
                "class": name, "x": number(box.x), "y": number(box.y), "width": number(box.width),
                "height": number(box.height), "rx": number(radius),
            ])
    }

    /// - Parameter commands: as SVG has them, with numbers of ``number(_:)``.
    package static func path(_ commands: String, class name: String) -> Markup {
        .tag("path", ["class": name, "d": commands])
    }

    /// An image of pixels.
    /// - Parameter url: where it is, or a data URL that holds it.
    package static func image(_ url: String, in box: Box) -> Markup {
        .tag(
            "image",
            [
                "x": number(box.x), "y": number(box.y), "width": number(box.width), "height": number(box.height),
                "href": url,
            ])
    }

    package static func circle(_ center: Place, radius: Double, class name: String, title: String? = nil) -> Markup {
        .tag(
            "circle", ["class": name, "cx": number(center.x), "cy": number(center.y), "r": number(radius)],
            titles(title))
    }

    package static func polyline(_ places: [Place], class name: String) -> Markup {
        .tag("polyline", ["class": name, "points": points(places)])
    }

    static func polygon(_ places: [Place], class name: String, title: String? = nil) -> Markup {
        .tag("polygon", ["class": name, "points": points(places)], titles(title))
    }

    package static func text(
        _ text: String, at place: Place, anchor: Anchor = .start, class name: String = "label", title: String? = nil
    ) -> Markup {
        .tag(
            "text",
            ["class": name, "x": number(place.x), "y": number(place.y), "text-anchor": anchor.rawValue],
            [.text(text)] + titles(title))
    }

    /// Text that reads upwards.
    static func upwardText(
        _ text: String, at place: Place, anchor: Anchor = .start, class name: String = "label"
    ) -> Markup {
        .tag(
            "text",
            [
                "class": name, "transform": "translate(\(number(place.x)) \(number(place.y))) rotate(-90)",
                "text-anchor": anchor.rawValue,
            ], text)
    }

    package static func group(_ children: [Markup], at place: Place) -> Markup {
        .tag("g", ["transform": "translate(\(number(place.x)) \(number(place.y)))"], children)
    }

    /// Shapes that a style sheet or a pointer takes for one.
    /// - Parameter title: shown when any of them is pointed at.
    package static func group(_ children: [Markup], class name: String, title: String? = nil) -> Markup {
        .tag("g", ["class": name], titles(title) + children)
    }

    /// A hundredth of a pixel is more than can be seen.
    package static func number(_ value: Double) -> String {
        var text = String(format: "%.2f", value)
        while text.hasSuffix("0") { text.removeLast() }
        if text.hasSuffix(".") { text.removeLast() }
        return text == "-0" ? "0" : text
    }

    private static func points(_ places: [Place]) -> String {
        places.map { "\(number($0.x)),\(number($0.y))" }.joined(separator: " ")
    }

    private static func titles(_ title: String?) -> [Markup] {
        title.map { [.tag("title", [:], $0)] } ?? []
    }
}
