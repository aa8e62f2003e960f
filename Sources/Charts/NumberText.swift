import Foundation
import Statistics

/// Numbers as charts and pages write them. A space that does not break stands before a unit.
package enum NumberText {
    /// What stands for a number that is missing, infinite or not a number.
    package static let missing = "–"
    private static let space = "\u{A0}"

    /// A number with so many decimals.
    package static func decimal(_ value: Double, _ decimals: Int) -> String {
        guard value.isFinite else { return missing }
        let text = String(format: "%.\(decimals)f", abs(value))
        // What rounds to 0 has no sign.
        return value < 0 && text.contains { ("1"..."9").contains($0) } ? "−" + text : text
    }

    /// A share in 0...1 as `51.7 %`.
    package static func percent(_ share: Double?, _ decimals: Int = 1) -> String {
        guard let share, share.isFinite else { return missing }
        return decimal(100 * share, decimals) + space + "%"
    }

    /// The 95 % interval of a share as `90.5–91.6 %`.
    package static func interval(_ interval: ConfidenceInterval, _ decimals: Int = 1) -> String {
        decimal(100 * interval.low, decimals) + "–" + percent(interval.high, decimals)
    }

    /// The interval of a difference of shares in percentage points, as `−0.8 to +0.3`.
    package static func points(_ interval: ConfidenceInterval, _ decimals: Int = 2) -> String {
        signed(100 * interval.low, decimals) + " to " + signed(100 * interval.high, decimals)
    }

    /// A number with its sign, as `+0.3` or `−0.8`; 0 has none.
    package static func signed(_ value: Double, _ decimals: Int) -> String {
        let text = decimal(value, decimals)
        return value > 0 && text.contains { ("1"..."9").contains($0) } ? "+" + text : text
    }

    /// A whole number with separated thousands, as `10,000`.
    package static func count(_ value: Int) -> String {
        let digits = Array(String(value.magnitude))
        var result = value < 0 ? "−" : ""
        for (index, digit) in digits.enumerated() {
            if index > 0, (digits.count - index) % 3 == 0 { result += "," }
            result.append(digit)
        }
        return result
    }

    /// A count and its noun, as `1 image` or `2 images`.
    ///
    /// - Parameter plural: nil for the noun with an `s`.
    package static func count(_ value: Int, _ noun: String, _ plural: String? = nil) -> String {
        count(value) + space + (value == 1 ? noun : plural ?? noun + "s")
    }

    /// A large number as `26.7 M` or `4.1 G`, with three or four digits.
    package static func short(_ value: Double) -> String {
        guard value.isFinite else { return missing }
        for (limit, suffix) in [(1e9, "G"), (1e6, "M"), (1e3, "k")] where abs(value) >= limit {
            let scaled = value / limit
            return decimal(scaled, abs(scaled) >= 100 ? 0 : 1) + space + suffix
        }
        return decimal(value, 0)
    }

    /// Milliseconds as `0.44 ms`.
    package static func milliseconds(_ value: Double?) -> String {
        guard let value, value.isFinite else { return missing }
        return decimal(value, abs(value) >= 100 ? 0 : abs(value) >= 10 ? 1 : 2) + space + "ms"
    }

    /// A p-value as `p = 0.042`, or `p < 0.001`, since it is never 0.
    package static func probability(_ value: Double) -> String {
        value < 0.001 ? "p\(space)<\(space)0.001" : "p\(space)=\(space)" + decimal(value, 3)
    }

    /// A list as a sentence has it: `cat, dog and frog`.
    package static func list(_ items: [String]) -> String {
        guard items.count > 1, let last = items.last else { return items.first ?? "" }
        return items.dropLast().joined(separator: ", ") + " and " + last
    }
}
