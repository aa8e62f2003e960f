import Foundation

/// The shapes of SVG. A style sheet sets their colours, lines and fonts by class.
package enum SVG {
    /// Which part of a text stands at its point.
    package enum Anchor: String {
        case start
        case middle
        case end
    }

    /// A drawing at its natural size, in pixels.
    ///
    /// - Parameter label: what it shows, for people who cannot see it.
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

    /// A drawing that adds nothing to the text beside it.
    package static func ornament(width: Double, height: Double, class name: String, _ children: [Markup]) -> Markup {
        .tag(
            "svg",
            [
                "xmlns": "http://www.w3.org/2000/svg", "class": name, "aria-hidden": "true", "width": number(width),
                "height": number(height), "viewBox": "0 0 \(number(width)) \(number(height))",
            ], children)
    }

    package static func line(_ start: Point, _ end: Point, class name: String) -> Markup {
        .tag(
            "line",
            [
                "class": name, "x1": number(start.x), "y1": number(start.y), "x2": number(end.x), "y2": number(end.y),
            ])
    }

    /// A rectangle.
    ///
    /// - Parameter title: shown when the pointer is on the shape.
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

    /// A path.
    ///
    /// - Parameter commands: SVG's path commands, with numbers of ``number(_:)``.
    package static func path(_ commands: String, class name: String) -> Markup {
        .tag("path", ["class": name, "d": commands])
    }

    /// An image of pixels.
    ///
    /// - Parameter url: its address, or a data URL that holds it.
    package static func image(_ url: String, in box: Box) -> Markup {
        .tag(
            "image",
            [
                "x": number(box.x), "y": number(box.y), "width": number(box.width), "height": number(box.height),
                "href": url,
            ])
    }

    package static func circle(_ center: Point, radius: Double, class name: String, title: String? = nil) -> Markup {
        .tag(
            "circle", ["class": name, "cx": number(center.x), "cy": number(center.y), "r": number(radius)],
            titles(title))
    }

    package static func polyline(_ points: [Point], class name: String) -> Markup {
        .tag("polyline", ["class": name, "points": coordinates(points)])
    }

    package static func polygon(_ points: [Point], class name: String, title: String? = nil) -> Markup {
        .tag("polygon", ["class": name, "points": coordinates(points)], titles(title))
    }

    package static func text(
        _ text: String, at point: Point, anchor: Anchor = .start, class name: String = "label", title: String? = nil
    ) -> Markup {
        .tag(
            "text",
            ["class": name, "x": number(point.x), "y": number(point.y), "text-anchor": anchor.rawValue],
            [.text(text)] + titles(title))
    }

    /// Text that is turned to read upwards.
    package static func upwardText(
        _ text: String, at point: Point, anchor: Anchor = .start, class name: String = "label"
    ) -> Markup {
        .tag(
            "text",
            [
                "class": name, "transform": "translate(\(number(point.x)) \(number(point.y))) rotate(-90)",
                "text-anchor": anchor.rawValue,
            ], text)
    }

    package static func group(_ children: [Markup], at point: Point) -> Markup {
        .tag("g", ["transform": "translate(\(number(point.x)) \(number(point.y)))"], children)
    }

    /// Shapes that a style sheet and a pointer treat as one.
    ///
    /// - Parameter title: shown when the pointer is on any of them.
    package static func group(_ children: [Markup], class name: String, title: String? = nil) -> Markup {
        .tag("g", ["class": name], titles(title) + children)
    }

    /// A number with two decimals: nobody sees less than a hundredth of a pixel.
    package static func number(_ value: Double) -> String {
        var text = String(format: "%.2f", value)
        while text.hasSuffix("0") { text.removeLast() }
        if text.hasSuffix(".") { text.removeLast() }
        return text == "-0" ? "0" : text
    }

    private static func coordinates(_ points: [Point]) -> String {
        points.map { "\(number($0.x)),\(number($0.y))" }.joined(separator: " ")
    }

    private static func titles(_ title: String?) -> [Markup] {
        title.map { [.tag("title", [:], $0)] } ?? []
    }
}

/// A point of a drawing, in pixels from its upper left corner, or a pair of values in a chart.
package struct Point: Sendable, Hashable {
    package var x: Double
    package var y: Double

    package init(x: Double, y: Double) {
        self.x = x
        self.y = y
    }
}

/// A rectangle of a drawing.
package struct Box: Sendable, Hashable {
    package var x: Double
    package var y: Double
    package var width: Double
    package var height: Double

    package init(x: Double, y: Double, width: Double, height: Double) {
        self.x = x
        self.y = y
        self.width = width
        self.height = height
    }

    package var right: Double { x + width }
    package var bottom: Double { y + height }

    package func intersects(_ other: Box) -> Bool {
        x < other.right && other.x < right && y < other.bottom && other.y < bottom
    }

    package func contains(_ other: Box) -> Bool {
        x <= other.x && other.right <= right && y <= other.y && other.bottom <= bottom
    }
}

/// The width of text in a chart: a generous guess, as the reader's fonts are not known.
package enum TextWidth {
    /// The font size of charts, in pixels.
    package static let fontSize = 12.0

    package static func of(_ text: String, fontSize: Double = fontSize) -> Double {
        text.unicodeScalars.reduce(0) { $0 + share(of: $1) } * fontSize
    }

    /// The text, or its beginning and an ellipsis if it has more than `count` characters.
    package static func shortened(_ text: String, to count: Int) -> String {
        text.count <= count ? text : text.prefix(max(count - 1, 1)) + "…"
    }

    /// The width of a character in a wide font, as a share of the font size.
    private static func share(of character: Unicode.Scalar) -> Double {
        switch character {
        case "i", "j", "l", "I", ".", ",", ":", ";", "'", "|", "!": 0.34
        case " ", "\u{A0}", "f", "t", "r", "(", ")", "/", "-": 0.42
        case "m", "w", "M", "W", "%", "@": 0.97
        case "A"..."Z": 0.74
        case "\u{2E80}"..."\u{10FFFF}": 1.05
        default: 0.65
        }
    }
}
