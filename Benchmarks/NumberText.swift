import Foundation

/// Numbers as the tables show them.
enum NumberText {
    /// Three or more significant digits, and no more decimals than say something: 0.123, 1.23, 12.3, 123,
    /// 12345.
    static func short(_ value: Double) -> String {
        guard value.isFinite else { return "-" }
        let decimals =
            switch abs(value) {
            case ..<0.9995: 3
            case ..<9.995: 2
            case ..<99.95: 1
            default: 0
            }
        return fixed(value, decimals: decimals)
    }

    /// Thousands, millions or billions: "272 k", "40.8 M", "7.80 G".
    static func large(_ value: Double) -> String {
        switch value {
        case ..<999.5e3: short(value / 1e3) + " k"
        case ..<999.5e6: short(value / 1e6) + " M"
        default: short(value / 1e9) + " G"
        }
    }

    static func percent(_ share: Double) -> String { fixed(100 * share, decimals: 1) + " %" }

    static func factor(_ value: Double) -> String { fixed(value, decimals: 2) + "x" }

    private static func fixed(_ value: Double, decimals: Int) -> String {
        String(format: "%.\(decimals)f", value)
    }
}
