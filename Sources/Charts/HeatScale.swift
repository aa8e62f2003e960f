import Foundation

/// Shades of one hue for values in 0...1, and text colours that can be read on them.
package enum HeatScale {
    /// The number of shades.
    package static let steps = 11

    /// The index of a value's shade; values outside of 0...1 get the nearer end, those that are not finite the first.
    package static func step(_ value: Double) -> Int {
        guard value.isFinite else { return 0 }
        return Int((min(max(value, 0), 1) * Double(steps - 1)).rounded())
    }

    /// The style sheet's class for a value's shade.
    package static func name(_ value: Double) -> String { "h\(step(value))" }

    /// The shades, from that of 0 to that of 1.
    ///
    /// - Parameter dark: whether they stand on a dark background.
    package static func shades(dark: Bool) -> [RGB] {
        let (low, high) = dark ? (RGB(0x20262C), RGB(0x9AD3F7)) : (RGB(0xF3F7FA), RGB(0x00497A))
        return (0..<steps).map { RGB.mix(low, high, Double($0) / Double(steps - 1)) }
    }

    /// Black or white, whichever is easier to read.
    package static func ink(on shade: RGB) -> RGB {
        let inks = [RGB(0x000000), RGB(0xFFFFFF)]
        return shade.contrast(with: inks[0]) >= shade.contrast(with: inks[1]) ? inks[0] : inks[1]
    }

    /// Rules of a style sheet for the background of table cells and the filling of shapes.
    package static func css(dark: Bool) -> String {
        shades(dark: dark).enumerated().map { index, shade in
            let ink = ink(on: shade).hex
            return "td.h\(index){background:\(shade.hex);color:\(ink)}"
                + "rect.h\(index){fill:\(shade.hex)}text.h\(index){fill:\(ink)}"
        }.joined()
    }
}

/// A colour, with components in 0...255.
package struct RGB: Sendable, Hashable {
    private var red: Double
    private var green: Double
    private var blue: Double

    /// - Parameter hex: such as 0xD55E00.
    package init(_ hex: UInt32) {
        red = Double(hex >> 16 & 0xFF)
        green = Double(hex >> 8 & 0xFF)
        blue = Double(hex & 0xFF)
    }

    private init(red: Double, green: Double, blue: Double) {
        self.red = red
        self.green = green
        self.blue = blue
    }

    /// Such as `#d55e00`.
    package var hex: String {
        String(format: "#%02x%02x%02x", Int(red.rounded()), Int(green.rounded()), Int(blue.rounded()))
    }

    /// - Parameter share: 0 for the first colour, 1 for the second.
    static func mix(_ first: RGB, _ second: RGB, _ share: Double) -> RGB {
        RGB(
            red: first.red + share * (second.red - first.red),
            green: first.green + share * (second.green - first.green),
            blue: first.blue + share * (second.blue - first.blue))
    }

    /// The contrast ratio of WCAG 2: 1 for equal colours, 21 for black and white.
    package func contrast(with other: RGB) -> Double {
        let (first, second) = (luminance, other.luminance)
        return (max(first, second) + 0.05) / (min(first, second) + 0.05)
    }

    private var luminance: Double {
        let linear = [red, green, blue].map { value -> Double in
            let share = value / 255
            return share <= 0.04045 ? share / 12.92 : pow((share + 0.055) / 1.055, 2.4)
        }
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    }
}
