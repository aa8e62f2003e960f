import FileSystem
import Foundation

/// A table of labels for images without class folders: each line has an image's name and its class.
///
/// Fields are separated by commas (RFC 4180, with quotes), tabs, semicolons, as by spreadsheets in many countries, or spaces,
/// as in Caffe's lists: whichever lets the most lines name images. The first two columns are names and labels, as in the
/// annotations of Tiny ImageNet's validation images; if the first has row numbers or labels, the second has the names. A
/// heading can name another column for the labels.
struct LabelFile {
    let path: String
    private let bytes: [UInt8]

    /// The labels in the table.
    struct Labels {
        /// The label of each image; nil if the table has none.
        var labels: [String?]
        /// Names in the table that are not images.
        var missing: [String] = []
        /// Images with contradictory labels, all of which are ignored.
        var contradicted: Set<Int> = []
    }

    private enum Separator: CaseIterable {
        case tab, comma, semicolon, space

        var byte: UInt8 {
            switch self {
            case .tab: UInt8(ascii: "\t")
            case .comma: UInt8(ascii: ",")
            case .semicolon: UInt8(ascii: ";")
            case .space: UInt8(ascii: " ")
            }
        }
    }

    /// The columns of names and of labels.
    private struct Columns {
        let name: Int
        let label: Int
    }

    /// Headings of a column of labels.
    private static let labelTitles: Set<String> = [
        "label", "labels", "class", "classes", "class_name", "classname", "category", "target",
    ]

    /// - Throws: ``DatasetError`` if the file cannot be read or is blank.
    init(path: String) throws(DatasetError) {
        self.path = path
        do {
            bytes = Self.inUTF8(try readBytes(path))
        } catch {
            throw DatasetError.unreadable(path: path, reason: error.problem)
        }
        guard !bytes.starts(with: [0x50, 0x4B, 0x03, 0x04]) else {
            throw DatasetError.unreadable(
                path: path, reason: "it is a spreadsheet or an archive; save the table as CSV")
        }
        guard bytes.contains(where: { !Character(Unicode.Scalar($0)).isWhitespace }) else {
            throw DatasetError.unreadable(path: path, reason: "it has no lines")
        }
    }

    /// The text without a byte-order mark, and converted from UTF-16 if the mark says so.
    private static func inUTF8(_ bytes: [UInt8]) -> [UInt8] {
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { return Array(bytes.dropFirst(3)) }
        let isLittle = bytes.starts(with: [0xFF, 0xFE])
        guard isLittle || bytes.starts(with: [0xFE, 0xFF]) else { return bytes }
        let units = stride(from: 2, to: bytes.count - 1, by: 2).map { at in
            let (low, high) = isLittle ? (bytes[at], bytes[at + 1]) : (bytes[at + 1], bytes[at])
            return UInt16(high) << 8 | UInt16(low)
        }
        return Array(String(decoding: units, as: UTF16.self).utf8)
    }

    // MARK: Finding the images

    /// The labels of images.
    ///
    /// - Parameters:
    ///   - paths: The paths of the images in the dataset.
    ///   - root: The dataset's path, which names in the table may begin with.
    /// - Throws: ``DatasetError`` if a line has only one column, or a quote is not closed.
    func labels(of paths: [String], in root: String) throws(DatasetError) -> Labels {
        let names = ImageNames(paths, in: root)
        var best: (rows: [[String]], columns: Columns, found: Int)?
        for separator in Separator.allCases {
            guard let rows = try? rows(separator) else { continue }
            for name in 0...1 {
                // A missing column is an error only if no other interpretation works.
                let found = rows.count { $0.count > 1 && names.index(of: $0[name]) != nil }
                guard found > best?.found ?? 0, let columns = Self.columns(rows, name, names) else { continue }
                best = (rows, columns, found)
            }
        }
        guard let (rows, columns, _) = best else {
            // Either it is not a table, or one of other images.
            let tabbed = try rows(.tab)
            let lines = tabbed.contains { $0.count > 1 } ? tabbed : try rows(.comma)
            if let line = lines.firstIndex(where: { $0.count == 1 && !$0[0].allSatisfy(\.isWhitespace) }) {
                throw .unlabelledLine(path: path, line: line + 1)
            }
            return Labels(labels: [String?](repeating: nil, count: paths.count), missing: lines.map { $0[0] })
        }
        return try labels(rows, columns, names, count: paths.count)
    }

    private func labels(
        _ rows: [[String]], _ columns: Columns, _ names: ImageNames, count: Int
    ) throws(DatasetError) -> Labels {
        var result = Labels(labels: [String?](repeating: nil, count: count))
        for (line, row) in rows.enumerated() {
            if row.count == 1, row[0].allSatisfy(\.isWhitespace) { continue }
            // Spreadsheets may declare the separator.
            if line == 0, row[0].lowercased().hasPrefix("sep=") { continue }
            guard columns.name < row.count, let index = names.index(of: row[columns.name]) else {
                if row[0].hasPrefix("#") { continue }
                guard row.count > max(columns.name, columns.label) else {
                    throw .unlabelledLine(path: path, line: line + 1)
                }
                if line > 0 || rows.count == 1 { result.missing.append(row[columns.name]) }
                continue
            }
            guard columns.label < row.count else { throw .unlabelledLine(path: path, line: line + 1) }
            let label = row[columns.label].trimmingCharacters(in: .whitespaces)
            guard !label.isEmpty else { continue }
            if let other = result.labels[index], other != label { result.contradicted.insert(index) }
            result.labels[index] = label
        }
        for index in result.contradicted { result.labels[index] = nil }
        Self.takeWholeNumbers(&result.labels)
        return result
    }

    /// Turns class numbers that a column of floating-point numbers turned into `3.0` back to integers.
    private static func takeWholeNumbers(_ labels: inout [String?]) {
        let whole = labels.map { label in
            label.flatMap { label -> String? in
                guard label.hasSuffix(".0"), let number = Int(label.dropLast(2)), number >= 0 else { return nil }
                return String(number)
            }
        }
        if zip(labels, whole).allSatisfy({ ($0 == nil) == ($1 == nil) }) { labels = whole }
    }

    /// - Parameter name: The column of names.
    /// - Returns: nil if the column of labels is unknown.
    private static func columns(_ rows: [[String]], _ name: Int, _ names: ImageNames) -> Columns? {
        let heading = rows.first { !$0[0].lowercased().hasPrefix("sep=") } ?? []
        let isHeading = name < heading.count && names.index(of: heading[name]) == nil
        let titled = heading.indices.filter { column in
            labelTitles.contains(heading[column].trimmingCharacters(in: .whitespaces).lowercased())
        }
        if isHeading, titled.count == 1, titled[0] != name { return Columns(name: name, label: titled[0]) }
        guard name == 1 else { return Columns(name: 0, label: 1) }
        let width = rows.map(\.count).max() ?? 0
        if width == 2 { return Columns(name: 1, label: 0) }
        // The row numbers in tables of pandas.
        let numbers = rows.dropFirst(isHeading ? 1 : 0).filter { $0.count > 1 }.map { Int($0[0]) }
        guard let first = numbers.first, let first, (0...1).contains(first),
            numbers.enumerated().allSatisfy({ $0.element == first + $0.offset })
        else { return nil }
        return Columns(name: 1, label: 2)
    }

    // MARK: Fields

    /// - Throws: ``DatasetError/unreadable(path:reason:)`` if a quote is not closed.
    private func rows(_ separator: Separator) throws(DatasetError) -> [[String]] {
        let (quote, newline, carriageReturn) = (UInt8(ascii: "\""), UInt8(ascii: "\n"), UInt8(ascii: "\r"))
        var lines: [[String]] = []
        var fields: [String] = []
        var field: [UInt8] = []
        var quoted: Int?
        var position = 0
        func end(_ field: inout [UInt8]) -> String {
            defer { field.removeAll() }
            return String(pathBytes: field)
        }
        func endLine() {
            fields.append(end(&field))
            // There may be several spaces between words, and after the last.
            if separator == .space, fields.count > 1 { fields.removeAll { $0.isEmpty } }
            lines.append(fields.isEmpty ? [""] : fields)
            fields = []
        }
        while position < bytes.count {
            let byte = bytes[position]
            position += 1
            if quoted != nil {
                guard byte == quote else {
                    field.append(byte)
                    continue
                }
                // Two quotes in quotes stand for one.
                if position < bytes.count, bytes[position] == quote {
                    field.append(quote)
                    position += 1
                } else {
                    quoted = nil
                }
            } else if byte == quote, field.isEmpty {
                quoted = lines.count + 1
            } else if byte == separator.byte {
                fields.append(end(&field))
            } else if byte == newline || byte == carriageReturn {
                if byte == carriageReturn, position < bytes.count, bytes[position] == newline { position += 1 }
                endLine()
            } else {
                field.append(byte)
            }
        }
        if let quoted { throw .unreadable(path: path, reason: "a quote that begins in line \(quoted) has no end") }
        if !field.isEmpty || !fields.isEmpty { endLine() }
        return lines
    }
}

/// The images of a dataset by their names in tables: the path in the dataset or its end, with or without the extension, or the
/// whole path on another computer on which the folder of the dataset has the same name.
struct ImageNames {
    /// The indices of images by name; nil for a name that is ambiguous.
    private var places: [String: Int?] = [:]
    /// The name of the dataset's folder or archive.
    private let rootName: String

    /// - Parameters:
    ///   - paths: The paths of the images in the dataset.
    ///   - root: The dataset's path.
    init(_ paths: [String], in root: String) {
        let name = (resolvedPath(root) ?? root).split(separator: "/").last.map(String.init) ?? ""
        rootName = Self.withoutArchiveEnding(name)
        for (index, path) in paths.enumerated() {
            var names: Set<String> = []
            var rest = path[...]
            while true {
                names.insert(String(rest))
                names.insert(Self.withoutEnding(rest))
                guard let slash = rest.firstIndex(of: "/") else { break }
                rest = rest[rest.index(after: slash)...]
            }
            for name in names { places[name] = places[name] == nil ? index : .some(nil) }
        }
        // A whole path always refers to its own image.
        for (index, path) in paths.enumerated() { places[path] = index }
    }

    /// The index of the image of a name; nil if there is none, or several.
    func index(of name: String) -> Int? {
        if let index = place(of: name) { return index }
        let trimmed = name.trimmingCharacters(in: .whitespaces)
        if trimmed != name, let index = place(of: trimmed) { return index }
        // Only after the name itself, which may contain a percent sign.
        guard trimmed.contains("%"), let decoded = trimmed.removingPercentEncoding else { return nil }
        return place(of: decoded)
    }

    private func place(of name: String) -> Int? {
        var name = name.contains("\\") ? name.replacing("\\", with: "/") : name
        while name.hasPrefix("./") { name.removeFirst(2) }
        if let known = places[name] { return known }
        // Only below a folder of the same name, as the table might be about other images of like names.
        let parts = name.split(separator: "/")
        guard let root = parts.dropLast().lastIndex(where: { $0 == rootName }) else { return nil }
        return places[parts[(root + 1)...].joined(separator: "/")] ?? nil
    }

    private static func withoutEnding(_ path: Substring) -> String {
        guard let point = path.lastIndex(of: "."), !path[point...].contains("/") else { return String(path) }
        return String(path[..<point])
    }

    private static func withoutArchiveEnding(_ name: String) -> String {
        let lowercased = name.lowercased()
        let endings = [
            ".tar", ".zip", ".tgz", ".txz", ".tbz2", ".tar.gz", ".tar.bz2", ".tar.xz", ".tar.zst", ".tar.lz4",
        ]
        let ending = endings.filter { lowercased.hasSuffix($0) }.max { $0.count < $1.count } ?? ""
        return String(name.dropLast(ending.count))
    }
}
