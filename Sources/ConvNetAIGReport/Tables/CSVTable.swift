/// A table in the format of RFC 4180: commas, lines that end with CR and LF, and quotes around cells that need them.
package struct CSVTable: Sendable {
    package private(set) var text = ""

    package init(header: [String]) {
        add(header)
    }

    package mutating func add(_ cells: [String]) {
        for (column, cell) in cells.enumerated() {
            if column > 0 { text += "," }
            text += Self.quoted(cell)
        }
        text += "\r\n"
    }

    /// A number with enough digits to read the same number again; empty for nil and for numbers that are not finite.
    package static func cell(_ value: Double?) -> String {
        guard let value, value.isFinite else { return "" }
        return value == value.rounded() && abs(value) < 1e15 ? String(Int64(value)) : String(value)
    }

    /// A number with enough digits to read the same `Float` again; empty for nil and for numbers that are not finite.
    package static func cell(_ value: Float?) -> String {
        guard let value, value.isFinite else { return "" }
        return value == value.rounded() && abs(value) < 1e6 ? String(Int64(value)) : String(value)
    }

    /// A whole number; empty for nil.
    package static func cell(_ value: Int?) -> String {
        value.map { String($0) } ?? ""
    }

    private static func quoted(_ cell: String) -> String {
        // Scalars, since CR and LF together are one character, and so is a quote with the combining marks behind it.
        let special: Set<Unicode.Scalar> = [",", "\"", "\r", "\n"]
        guard cell.unicodeScalars.contains(where: special.contains) else { return cell }
        var result = "\""
        for scalar in cell.unicodeScalars {
            if scalar == "\"" { result += "\"" }
            result.unicodeScalars.append(scalar)
        }
        return result + "\""
    }
}
