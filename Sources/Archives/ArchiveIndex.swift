import FileSystem
import Foundation

/// The files of an uncompressed tar archive in memory and the locations of their bytes, including files that links lead to
/// and those of tar archives inside it. Of several files of one name, the last counts.
struct ArchiveIndex {
    /// The location of a file's bytes in the archive.
    enum Place: Sendable, Hashable {
        case range(Range<Int>)
        /// Parts with zeros between them.
        case sparse(parts: [Part], size: Int)

        struct Part: Sendable, Hashable {
            let offset: Int
            let range: Range<Int>
        }
    }

    private enum Node {
        case file(Place)
        case folder(Folder)
        /// A path from the root of the archive.
        case link([FileName])
    }

    private final class Folder {
        var children: [FileName: Node] = [:]
    }

    /// A name, compared by its bytes: as text, two encodings of an accent would be equal.
    private struct FileName: Hashable {
        let text: String

        init(_ bytes: some Collection<UInt8>) { text = String(pathBytes: bytes) }

        static func == (left: FileName, right: FileName) -> Bool { left.text.utf8.elementsEqual(right.text.utf8) }

        func hash(into hasher: inout Hasher) {
            var text = text
            text.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
        }
    }

    private(set) var files: [(path: String, place: Place)] = []
    private(set) var problems: [(path: String, problem: FolderWalk.Problem)] = []
    private let root = Folder()
    /// The archive's name in errors.
    private let path: String
    private let bytes: UnsafeRawBufferPointer

    private static let maxDepth = 256
    private static let maxNestedArchives = 4
    /// Maximum number of files and folders that links lead to: a few links to links could lead to any number.
    private static let maxLinked = 1_000_000

    /// - Parameter bytes: The archive, which must stay valid as long as locations in it are used.
    /// - Returns: nil if the bytes are not an uncompressed tar archive.
    init?(_ bytes: UnsafeRawBufferPointer, path: String) throws(ArchiveError) {
        self.path = path
        self.bytes = bytes
        guard try read(bytes, into: [], depth: 0) else { return nil }
        try list()
    }

    // MARK: Reading

    /// Reads an archive into a folder.
    ///
    /// - Returns: Whether it is a tar archive.
    private func read(_ part: UnsafeRawBufferPointer, into folder: [FileName], depth: Int) throws(ArchiveError) -> Bool
    {
        guard let reader = try ArchiveReader(tar: part, path: path) else { return false }
        var count = 0
        while true {
            let entry: ArchiveReader.Entry?
            do {
                entry = try reader.next()
            } catch .notAnArchive where count == 0 {
                return false
            }
            guard let entry else { break }
            count += 1
            let names = try names(entry.path, in: folder)
            guard let name = names.last, names.count > folder.count else { continue }
            if names.dropFirst(folder.count).contains(where: { SystemFolders.isHidden($0.text) }) { continue }
            switch entry.kind {
            case .file:
                let place = try place(of: entry, reader)
                if let inner = nested(name, place), depth < Self.maxNestedArchives {
                    let stem = FileName(name.text.pathBytes.dropLast(4))
                    guard try read(inner, into: names.dropLast() + [stem], depth: depth + 1) else {
                        throw .malformed(path: path + ":" + text(names), problem: "it is called .tar and is none")
                    }
                } else {
                    insert(.file(place), at: names)
                }
            case .folder:
                if case .folder = node(at: names) { continue }
                insert(.folder(Folder()), at: names)
            case .hardLink(let target):
                guard let target = try? self.names(target, in: folder), let node = node(at: target) else {
                    continue  // The target is hidden or missing.
                }
                insert(node, at: names)
            case .symbolicLink(let target):
                let isAbsolute = target.first == UInt8(ascii: "/")
                insert(.link(try self.names(target, in: isAbsolute ? folder : names.dropLast())), at: names)
            case .other:
                continue
            }
        }
        return true
    }

    /// The names in a path, with `.` and `..` resolved, but never above the root of the archive.
    private func names(_ path: [UInt8], in folder: some Collection<FileName>) throws(ArchiveError) -> [FileName] {
        var names = Array(folder)
        for part in path.split(separator: UInt8(ascii: "/")) {
            switch FileName(part).text {
            case ".": continue
            case "..": _ = names.popLast()
            default: names.append(FileName(part))
            }
        }
        guard names.count <= Self.maxDepth else {
            throw .malformed(path: self.path, problem: "it has a path of \(names.count) folders")
        }
        return names
    }

    private func place(of entry: ArchiveReader.Entry, _ reader: ArchiveReader) throws(ArchiveError) -> Place {
        var parts: [Place.Part] = []
        var end = 0
        try reader.forEachPart { (part, offset) throws(ArchiveError) in
            guard let start = part.baseAddress, let base = bytes.baseAddress, start >= base,
                start + part.count <= base + bytes.count
            else { throw .malformed(path: path, problem: "a file of it does not lie in one piece") }
            let lower = start - base
            parts.append(.init(offset: offset, range: lower..<lower + part.count))
            end = max(end, offset + part.count)
        }
        if parts.isEmpty, entry.size == 0 { return .range(0..<0) }
        if parts.count == 1, let only = parts.first, only.offset == 0, only.range.count >= entry.size {
            return .range(only.range)
        }
        let size = max(end, entry.size)
        guard size <= ArchiveReader.maxSparseFileSize else {
            throw .malformed(path: path, problem: "it has a sparse file of \(size) bytes")
        }
        return .sparse(parts: parts, size: size)
    }

    /// The bytes of a tar archive inside this one.
    private func nested(_ name: FileName, _ place: Place) -> UnsafeRawBufferPointer? {
        guard case .range(let range) = place, name.text.count > 4, name.text.lowercased().hasSuffix(".tar") else {
            return nil
        }
        return UnsafeRawBufferPointer(rebasing: bytes[range])
    }

    private func insert(_ node: Node, at names: [FileName]) {
        guard let last = names.last else { return }
        var folder = root
        for name in names.dropLast() {
            if case .folder(let next) = folder.children[name] {
                folder = next
            } else {
                let next = Folder()
                folder.children[name] = .folder(next)
                folder = next
            }
        }
        folder.children[last] = node
    }

    /// The node at a path, without following links.
    private func node(at names: [FileName]) -> Node? {
        var node = Node.folder(root)
        for name in names {
            guard case .folder(let folder) = node, let next = folder.children[name] else { return nil }
            node = next
        }
        return node
    }

    // MARK: Listing

    /// The node at a path, with links followed.
    private func resolve(_ names: [FileName], _ followed: Int = 0) -> Node? {
        // The limit of Linux.
        guard followed < 40 else { return nil }
        var node = Node.folder(root)
        for (index, name) in names.enumerated() {
            guard case .folder(let folder) = node, let next = folder.children[name] else { return nil }
            if case .link(let target) = next {
                let whole = target + names[(index + 1)...]
                return whole.count <= Self.maxDepth ? resolve(whole, followed + 1) : nil
            }
            node = next
        }
        return node
    }

    private mutating func list() throws(ArchiveError) {
        var linked = 0
        try list(root, at: "", above: [ObjectIdentifier(root)], isLinked: false, &linked)
    }

    private mutating func list(
        _ folder: Folder, at path: String, above: [ObjectIdentifier], isLinked: Bool, _ linked: inout Int
    ) throws(ArchiveError) {
        let names = folder.children.keys.sorted { $0.text.utf8.lexicographicallyPrecedes($1.text.utf8) }
        for name in names {
            guard let child = folder.children[name] else { continue }
            let path = path.isEmpty ? name.text : path + "/" + name.text
            var node: Node? = child
            var isLinked = isLinked
            if case .link(let target) = child {
                node = resolve(target)
                isLinked = true
            }
            if isLinked {
                linked += 1
                guard linked <= Self.maxLinked else {
                    throw .malformed(path: self.path, problem: "its links lead to over \(Self.maxLinked) files")
                }
            }
            switch node {
            case .file(let place):
                files.append((path, place))
            case .folder(let next):
                guard !next.children.isEmpty else {
                    problems.append((path, .emptyFolder))
                    continue
                }
                guard !above.contains(ObjectIdentifier(next)), above.count < Self.maxDepth else {
                    problems.append((path, .loop))
                    continue
                }
                try list(next, at: path, above: above + [ObjectIdentifier(next)], isLinked: isLinked, &linked)
            case .link, nil:
                problems.append((path, .brokenLink))
            }
        }
    }

    private func text(_ names: [FileName]) -> String { names.map(\.text).joined(separator: "/") }
}
