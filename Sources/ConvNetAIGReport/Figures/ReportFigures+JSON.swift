import Foundation

extension ReportFigures {
    /// What `report.json` holds: the same figures give the same text.
    /// - Throws: `EncodingError` if a figure is not a number.
    public func json() throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(self), as: UTF8.self) + "\n"
    }
}
