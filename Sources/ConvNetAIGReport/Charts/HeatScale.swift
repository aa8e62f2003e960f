/// Shades of one hue for values in 0...1, and the letters that can be read on them.
enum HeatScale {
    static let steps = 11

    /// The shade of a value, as an index.
    static func step(_ value: Double) -> Int {
        guard value.isFinite else { return 0 }
        return Int((min(max(value, 0), 1) * Double(steps - 1)).rounded())
    }

    static func name(_ value: Double) -> String { "h\(step(value))" }

    /// From that of 0 to that of 1.
    static func shades(dark: Bool) -> [RGB] {
        let (low, high) = dark ? (RGB(0x20262C), RGB(0x9AD3F7)) : (RGB(0xF3F7FA), RGB(0x00497A))
        return (0..<steps).map { RGB.mix(low, high, Double($0) / Double(steps - 1)) }
    }

    /// Black or white, whichever is easier to read.
    static func ink(on shade: RGB) -> RGB {
        let inks = [RGB(0x000000), RGB(0xFFFFFF)]
        return shade.contrast(with: inks[0]) >= shade.contrast(with: inks[1]) ? inks[0] : inks[1]
    }

    /// Rules for the background of table cells and the filling of shapes.
    static func css(dark: Bool) -> String {
        shades(dark: dark).enumerated().map { index, shade in
            let ink = ink(on: shade).hex
            return "td.h\(index){background:\(shade.hex);color:\(ink)}"
                + "rect.h\(index){fill:\(shade.hex)}text.h\(index){fill:\(ink)}"
        }.joined()
    }
}
