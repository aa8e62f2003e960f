import Foundation

/// A table as RFC 4180 has it: commas, lines that end with CR and LF, and quotes around what needs them.
struct CSVTable: Sendable {
    private var lines: [[String]]

    init(header: [String]) {
        lines = [header]
    }

    mutating func add(_ cells: [String]) {
        lines.append(cells)
    }

    var text: String {
        lines.map { $0.map(Self.quoted).joined(separator: ",") + "\r\n" }.joined()
    }

    /// A number such that reading it gives the same number; nothing where there is none.
    static func cell(_ value: Double?) -> String {
        guard let value, value.isFinite else { return "" }
        return value == value.rounded() && abs(value) < 1e15 ? String(Int64(value)) : String(value)
    }

    static func cell(_ value: Int?) -> String {
        value.map { String($0) } ?? ""
    }

    private static func quoted(_ cell: String) -> String {
        // Scalars, since CR and LF together are one character.
        let special: Set<Unicode.Scalar> = [",", "\"", "\r", "\n"]
        guard cell.unicodeScalars.contains(where: special.contains) else { return cell }
        return "\"" + cell.replacingOccurrences(of: "\"", with: "\"\"") + "\""
    }
}
