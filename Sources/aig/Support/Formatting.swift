import Foundation

extension BinaryInteger {
    /// The number with a comma between groups of three digits.
    var grouped: String {
        let digits = Array(String(magnitude))
        var text = self < 0 ? "-" : ""
        for (index, digit) in digits.enumerated() {
            if index > 0, (digits.count - index) % 3 == 0 { text += "," }
            text.append(digit)
        }
        return text
    }

    /// The number of bytes in the largest binary unit that leaves at least one.
    var byteCount: String {
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

extension BinaryFloatingPoint {
    /// A share as a percentage with one decimal, or two where one would show next to nothing.
    var percentage: String {
        let percent = Double(self) * 100
        return String(format: percent > 0 && percent < 0.1 ? "%.2f %%" : "%.1f %%", percent)
    }
}

extension Collection<Int> {
    /// Extents, as in 3 x 32 x 32.
    var extents: String { map(String.init).joined(separator: " x ") }
}

extension Int {
    /// The number with its noun, as in "1 image" or "1,024 images".
    func counted(_ noun: String) -> String { "\(grouped) \(noun)\(self == 1 ? "" : "s")" }
}
