import Foundation

extension BinaryInteger {
    /// The number with a comma between groups of three digits.
    package var grouped: String {
        let digits = Array(String(magnitude))
        var text = self < 0 ? "-" : ""
        for (index, digit) in digits.enumerated() {
            if index > 0, (digits.count - index) % 3 == 0 { text += "," }
            text.append(digit)
        }
        return text
    }

    /// The number of bytes in the largest binary unit that leaves at least one.
    package var byteCount: String {
        let units = ["bytes", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"]
        var value = Double(self)
        var unit = 0
        while value >= 1024, unit < units.count - 1 {
            value /= 1024
            unit += 1
        }
        let text = value == value.rounded() ? String(Int(value)) : String(format: "%.1f", value)
        return "\(text) \(units[unit])"
    }
}

extension Int {
    /// The number with its noun, as in "1 image" or "1,024 images".
    package func counted(_ noun: String) -> String { "\(grouped) \(noun)\(self == 1 ? "" : "s")" }
}

extension BinaryFloatingPoint {
    /// A share as a percentage with one decimal, or two where one would show next to nothing.
    package var percentage: String {
        let percent = Double(self) * 100
        return percentage(decimals: percent > 0 && percent < 0.1 ? 2 : 1)
    }

    /// A share as a percentage.
    package func percentage(decimals: Int) -> String { "\(fixed(100 * Double(self), decimals: decimals)) %" }

    /// Three or more significant digits, and no more decimals than mean something: 0.123, 1.23, 12.3, 123, 12345.
    package var threeDigits: String {
        guard isFinite else { return "-" }
        let decimals =
            switch Double(magnitude) {
            case ..<0.9995: 3
            case ..<9.995: 2
            case ..<99.95: 1
            default: 0
            }
        return fixed(Double(self), decimals: decimals)
    }

    /// Thousands, millions or billions: "272 k", "40.8 M", "7.80 G".
    package var abbreviated: String {
        switch Double(self) {
        case ..<999.5e3: (self / 1000).threeDigits + " k"
        case ..<999.5e6: (self / 1_000_000).threeDigits + " M"
        default: (self / 1_000_000_000).threeDigits + " G"
        }
    }

    /// A ratio, as in "1.50x".
    package var factor: String { fixed(Double(self), decimals: 2) + "x" }
}

extension Collection<Int> {
    /// Extents, as in 3 x 32 x 32.
    package var extents: String { map(String.init).joined(separator: " x ") }
}

private func fixed(_ value: Double, decimals: Int) -> String { String(format: "%.\(decimals)f", value) }
