import FileSystem
import Foundation

/// A table of labels for pictures that are in no class folders: a line for each, of the picture's name and its class.
///
/// Fields are separated by commas (RFC 4180, with quotes) or by tabs, of which the first two columns count: so the
/// annotations of Tiny ImageNet's validation pictures are read as they are. A first line that names no picture, where others
/// do, is a heading. A name is the path in the data set or its end, with the ending or without.
struct LabelFile {
    let path: String
    /// Name and label of each line.
    let rows: [(name: String, label: String)]

    /// - Throws: ``DataSetError`` if it cannot be read, or if a line has only one column.
    init(path: String) throws {
        self.path = path
        let bytes: [UInt8]
        do {
            let file = try MappedFile(path: path)
            bytes = withExtendedLifetime(file) { [UInt8](file.bytes) }
        } catch {
            throw DataSetError.unreadable(path: path, reason: "\(error)")
        }
        // Spreadsheets begin UTF-8 with a mark.
        let marked = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? Array(bytes.dropFirst(3)) : bytes
        let separator = Self.separator(marked)
        var rows: [(name: String, label: String)] = []
        for (line, fields) in Self.fields(marked, separator: separator).enumerated() {
            if fields.count == 1, fields[0].allSatisfy(\.isWhitespace) { continue }
            guard fields.count >= 2 else { throw DataSetError.unlabelledLine(path: path, line: line + 1) }
            rows.append((fields[0], fields[1].trimmingCharacters(in: .whitespaces)))
        }
        guard !rows.isEmpty else { throw DataSetError.unreadable(path: path, reason: "it has no lines") }
        self.rows = rows
    }

    /// Tabs if the first line has any, or else commas.
    private static func separator(_ bytes: [UInt8]) -> UInt8 {
        bytes.prefix { $0 != UInt8(ascii: "\n") }.contains(UInt8(ascii: "\t")) ? UInt8(ascii: "\t") : UInt8(ascii: ",")
    }

    private static func fields(_ bytes: [UInt8], separator: UInt8) -> [[String]] {
        let (quote, newline, carriageReturn) = (UInt8(ascii: "\""), UInt8(ascii: "\n"), UInt8(ascii: "\r"))
        var lines: [[String]] = []
        var fields: [String] = []
        var field: [UInt8] = []
        var isQuoted = false
        var position = 0
        func end(_ field: inout [UInt8]) -> String {
            defer { field.removeAll() }
            return String(pathBytes: field)
        }
        while position < bytes.count {
            let byte = bytes[position]
            position += 1
            if isQuoted {
                guard byte == quote else {
                    field.append(byte)
                    continue
                }
                // A quote in quotes is written twice.
                if position < bytes.count, bytes[position] == quote {
                    field.append(quote)
                    position += 1
                } else {
                    isQuoted = false
                }
            } else if byte == quote, field.isEmpty {
                isQuoted = true
            } else if byte == separator {
                fields.append(end(&field))
            } else if byte == newline || byte == carriageReturn {
                if byte == carriageReturn, position < bytes.count, bytes[position] == newline { position += 1 }
                fields.append(end(&field))
                lines.append(fields)
                fields = []
            } else {
                field.append(byte)
            }
        }
        if !field.isEmpty || !fields.isEmpty { lines.append(fields + [end(&field)]) }
        return lines
    }

    // MARK: Finding the pictures

    /// The label of each picture, where the table has one.
    /// - Parameter paths: of the pictures, in the data set.
    /// - Returns: the labels, and the names that are no pictures.
    func labels(of paths: [String]) -> (labels: [String?], missing: [String]) {
        // Nil stands for an end that several pictures have.
        var byName: [String: Int?] = [:]
        for (index, path) in paths.enumerated() {
            var names: Set<String> = []
            var rest = path[...]
            while true {
                names.insert(String(rest))
                names.insert(Self.withoutEnding(rest))
                guard let slash = rest.firstIndex(of: "/") else { break }
                rest = rest[rest.index(after: slash)...]
            }
            for name in names { byName[name] = byName[name] == nil ? index : .some(nil) }
        }
        // The whole path is always the picture's own.
        for (index, path) in paths.enumerated() { byName[path] = index }
        var labels = [String?](repeating: nil, count: paths.count)
        var missing: [String] = []
        for (line, row) in rows.enumerated() {
            var name = row.name.replacing("\\", with: "/")
            while name.hasPrefix("./") { name.removeFirst(2) }
            if let index = byName[name] ?? nil {
                labels[index] = row.label
            } else if line > 0 || rows.count == 1 {
                missing.append(row.name)
            }
        }
        return (labels, missing)
    }

    private static func withoutEnding(_ path: Substring) -> String {
        guard let point = path.lastIndex(of: "."), !path[point...].contains("/") else { return String(path) }
        return String(path[..<point])
    }
}
