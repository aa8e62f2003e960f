import FileSystem
import Foundation

/// The images of a data set by what tables call them: the path in the set or its end, with the ending or without, and also
/// the whole path on the computer where the table was made, which the set has in a folder of the same name here.
struct ImageNames {
    /// Nil stands for an end that several images have.
    private var places: [String: Int?] = [:]
    /// What the folder or the archive is called.
    private let rootName: String

    /// - Parameters:
    ///   - paths: in the data set.
    ///   - root: the data set's path.
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
