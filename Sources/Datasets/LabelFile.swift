import FileSystem
import Foundation

/// A table of labels for images that are in no class folders: a line for each, of the image's name and its class.
///
/// Fields are separated by commas (RFC 4180, with quotes), tabs, semicolons, as spreadsheets of many countries write them, or
/// spaces, as in Caffe's lists; which, is told by the lines' naming images. The first two columns count, so that the
/// annotations of Tiny ImageNet's validation images are read as they are; where the first holds no names, but the rows'
/// numbers or the labels, the second does. A heading that calls another column the label is believed.
struct LabelFile {
    let path: String
    private let bytes: [UInt8]

    /// What the table says of images.
    struct Labels {
        /// Of each image; nil where the table has none.
        var labels: [String?]
        /// Names that are no images.
        var missing: [String] = []
        /// Images that have several labels, of which none is taken.
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

    /// What headings call the column of labels.
    private static let labelTitles: Set<String> = [
        "label", "labels", "class", "classes", "class_name", "classname", "category", "target",
    ]

    /// - Throws: ``DatasetError`` if it cannot be read, or holds nothing.
    init(path: String) throws {
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

    /// Without the mark that spreadsheets begin text with, and from UTF-16 where that says so.
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
    /// - Parameters:
    ///   - paths: of the images, in the dataset.
    ///   - root: the dataset's path, which names in the table may begin with.
    /// - Throws: ``DatasetError`` if a line has only one column, or a quote has no end.
    func labels(of paths: [String], in root: String) throws(DatasetError) -> Labels {
        let names = ImageNames(paths, in: root)
        var best: (rows: [[String]], columns: Columns, found: Int)?
        for separator in Separator.allCases {
            guard let rows = try? rows(separator) else { continue }
            for name in 0...1 {
                // A column that a line lacks is an error only where no other reading makes sense.
                let found = rows.count { $0.count > 1 && names.index(of: $0[name]) != nil }
                guard found > best?.found ?? 0, let columns = Self.columns(rows, name, names) else { continue }
                best = (rows, columns, found)
            }
        }
        guard let (rows, columns, _) = best else {
            // Why there is nothing: it is no table, or one of other images.
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
            // Spreadsheets may say what separates fields, and people what the table is.
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

    /// Numbers of classes that went through a column of floating-point numbers are `3.0`.
    private static func takeWholeNumbers(_ labels: inout [String?]) {
        let whole = labels.map { label in
            label.flatMap { label -> String? in
                guard label.hasSuffix(".0"), let number = Int(label.dropLast(2)), number >= 0 else { return nil }
                return String(number)
            }
        }
        if zip(labels, whole).allSatisfy({ ($0 == nil) == ($1 == nil) }) { labels = whole }
    }

    /// - Parameter name: the column of names.
    /// - Returns: nil if it is not known which column has the labels.
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
        // The rows' numbers, as tables are written by pandas.
        let numbers = rows.dropFirst(isHeading ? 1 : 0).filter { $0.count > 1 }.map { Int($0[0]) }
        guard let first = numbers.first, let first, (0...1).contains(first),
            numbers.enumerated().allSatisfy({ $0.element == first + $0.offset })
        else { return nil }
        return Columns(name: 1, label: 2)
    }

    // MARK: Fields

    /// - Throws: ``DatasetError/unreadable(path:reason:)`` if a quote has no end.
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
            // Between words there may be several spaces, and behind the last.
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
                // A quote in quotes is written twice.
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

/// The images of a dataset by what tables call them: the path in the set or its end, with the ending or without, and also
/// the whole path on the computer where the table was made, which the set has in a folder of the same name here.
struct ImageNames {
    /// Nil stands for an end that several images have.
    private var places: [String: Int?] = [:]
    /// What the folder or the archive is called.
    private let rootName: String

    /// - Parameters:
    ///   - paths: in the dataset.
    ///   - root: the dataset's path.
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
        // The whole path is always the image's own.
        for (index, path) in paths.enumerated() { places[path] = index }
    }

    /// The image that a table calls so; nil if there is none, or several.
    func index(of name: String) -> Int? {
        if let index = place(of: name) { return index }
        let trimmed = name.trimmingCharacters(in: .whitespaces)
        if trimmed != name, let index = place(of: trimmed) { return index }
        // Only where a name is no image as it stands: a percent sign may be a name's own.
        guard trimmed.contains("%"), let decoded = trimmed.removingPercentEncoding else { return nil }
        return place(of: decoded)
    }

    private func place(of name: String) -> Int? {
        var name = name.contains("\\") ? name.replacing("\\", with: "/") : name
        while name.hasPrefix("./") { name.removeFirst(2) }
        if let known = places[name] { return known }
        // Not by any end: a table of other images that are called alike would be believed.
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
