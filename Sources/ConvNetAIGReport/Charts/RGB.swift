import Foundation

/// A colour of the screen.
struct RGB: Sendable, Hashable {
    var red: Double
    var green: Double
    var blue: Double

    /// - Parameter hex: such as 0xD55E00.
    init(_ hex: UInt32) {
        red = Double(hex >> 16 & 0xFF)
        green = Double(hex >> 8 & 0xFF)
        blue = Double(hex & 0xFF)
    }

    private init(red: Double, green: Double, blue: Double) {
        self.red = red
        self.green = green
        self.blue = blue
    }

    var hex: String {
        String(format: "#%02x%02x%02x", Int(red.rounded()), Int(green.rounded()), Int(blue.rounded()))
    }

    static func mix(_ first: RGB, _ second: RGB, _ share: Double) -> RGB {
        RGB(
            red: first.red + share * (second.red - first.red),
            green: first.green + share * (second.green - first.green),
            blue: first.blue + share * (second.blue - first.blue))
    }

    /// The contrast ratio of WCAG 2: 1 for the same colour, 21 for black and white.
    func contrast(with other: RGB) -> Double {
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
