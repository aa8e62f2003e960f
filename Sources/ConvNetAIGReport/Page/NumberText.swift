import Foundation

/// Numbers as the page writes them. Units follow a space that does not break.
enum NumberText {
    static let missing = "–"
    private static let space = "\u{A0}"

    static func decimal(_ value: Double, _ decimals: Int) -> String {
        guard value.isFinite else { return missing }
        let text = String(format: "%.\(decimals)f", abs(value))
        // What rounds to nothing has no sign.
        return value < 0 && text.contains { ("1"..."9").contains($0) } ? "−" + text : text
    }

    /// A share in 0...1 as `51.7 %`.
    static func percent(_ share: Double?, _ decimals: Int = 1) -> String {
        guard let share, share.isFinite else { return missing }
        return decimal(100 * share, decimals) + space + "%"
    }

    /// The 95 % interval of a share as `90.5–91.6 %`.
    static func interval(_ interval: ConfidenceInterval, _ decimals: Int = 1) -> String {
        decimal(100 * interval.low, decimals) + "–" + percent(interval.high, decimals)
    }

    /// That of a difference of shares, in percentage points: `−0.8 to +0.3`.
    static func points(_ interval: ConfidenceInterval, _ decimals: Int = 2) -> String {
        signed(100 * interval.low, decimals) + " to " + signed(100 * interval.high, decimals)
    }

    /// `+0.3` or `−0.8`; nothing stands before 0.
    static func signed(_ value: Double, _ decimals: Int) -> String {
        let text = decimal(value, decimals)
        return value > 0 && text.contains { ("1"..."9").contains($0) } ? "+" + text : text
    }

    /// `10,000`.
    static func count(_ value: Int) -> String {
        let digits = Array(String(value.magnitude))
        var result = value < 0 ? "−" : ""
        for (index, digit) in digits.enumerated() {
            if index > 0, (digits.count - index) % 3 == 0 { result += "," }
            result.append(digit)
        }
        return result
    }

    /// A count and its noun: `1 image`, `2 images`.
    static func count(_ value: Int, _ noun: String, _ plural: String? = nil) -> String {
        count(value) + space + (value == 1 ? noun : plural ?? noun + "s")
    }

    /// `26.7 M` or `4.1 G`: three digits, or four.
    static func short(_ value: Double) -> String {
        guard value.isFinite else { return missing }
        for (limit, suffix) in [(1e9, "G"), (1e6, "M"), (1e3, "k")] where abs(value) >= limit {
            let scaled = value / limit
            return decimal(scaled, abs(scaled) >= 100 ? 0 : 1) + space + suffix
        }
        return decimal(value, 0)
    }

    /// Milliseconds as `0.44 ms`.
    static func milliseconds(_ value: Double?) -> String {
        guard let value, value.isFinite else { return missing }
        return decimal(value, abs(value) >= 100 ? 0 : abs(value) >= 10 ? 1 : 2) + space + "ms"
    }

    /// A p-value, which is never nothing.
    static func probability(_ value: Double) -> String {
        value < 0.001 ? "p\(space)<\(space)0.001" : "p\(space)=\(space)" + decimal(value, 3)
    }

    /// `cat, dog and frog`.
    static func list(_ items: [String]) -> String {
        guard items.count > 1, let last = items.last else { return items.first ?? "" }
        return items.dropLast().joined(separator: ", ") + " and " + last
    }
}
