import Archives

/// The splits and classes of a dataset by its folders.
///
/// Images are in `SPLIT/CLASS/…` or in `CLASS/…`: the class is the first folder, whatever folders are below it. A single
/// folder around everything is ignored.
struct DatasetLayout: Sendable {
    struct LabelledFile: Sendable {
        let file: FileTree.File
        let className: String
    }

    /// A folder of class folders.
    struct Split: Sendable {
        /// The folder's name; empty if the class folders are at the top.
        let name: String
        let images: [LabelledFile]
    }

    let tree: FileTree
    /// All images, with or without a class.
    let images: [FileTree.File]
    let splits: [Split]
    let notes: [DatasetNote]

    /// Names of training folders, in lower case.
    static let trainingNames = ["train", "training", "train_set", "training_set"]
    /// Names of test folders. The first with images of known classes counts: ImageNet's `test` has no class folders, but its
    /// `val` has.
    static let testNames = [
        "test", "testing", "test_set", "val", "valid", "validation", "val_set", "validation_set", "eval", "dev",
    ]

    /// - Parameter known: Names of classes, if known; a folder of such a name is a class.
    init(_ files: ImageFiles, known: Set<String> = []) {
        tree = files.tree
        images = files.files
        var notes = files.notes
        let entries = images.map { Entry(file: $0, parts: $0.path.split(separator: "/")) }
        let root = Self.root(entries[...], depth: 0, known)
        let below = entries.filter { $0.parts.count > root }
        let top = Dictionary(grouping: below.filter { $0.parts.count > root + 1 }) { String($0.parts[root]) }
        let loose = below.filter { $0.parts.count == root + 1 }
        if !loose.isEmpty { notes.append(DatasetNote(.inNoClass, example: loose[0].file.path, count: loose.count)) }
        let splitNames = top.keys.filter { Self.isSplit($0, top[$0] ?? [], root) }
        guard !splitNames.isEmpty else {
            splits =
                top.isEmpty
                ? [] : [Split(name: "", images: Self.images(below, classAt: root))]
            self.notes = DatasetNote.merged(notes)
            return
        }
        var splits: [Split] = []
        for (name, entries) in top.sorted(by: { $0.key < $1.key }) {
            guard splitNames.contains(name) else {
                notes.append(DatasetNote(.outsideOfSplits, example: entries[0].file.path, count: entries.count))
                continue
            }
            let depth = Self.classDepth(entries, splitAt: root)
            let unclassified = entries.filter { $0.parts.count == depth + 1 }
            if let first = unclassified.first {
                notes.append(DatasetNote(.inNoClass, example: first.file.path, count: unclassified.count))
            }
            splits.append(Split(name: name, images: Self.images(entries, classAt: depth)))
        }
        self.splits = splits
        self.notes = DatasetNote.merged(notes)
    }

    /// The splits of these names that have images, in the order of the names.
    func splits(called names: [String]) -> [Split] {
        names.flatMap { name in splits.filter { $0.name.lowercased() == name && !$0.images.isEmpty } }
    }

    private struct Entry {
        let file: FileTree.File
        let parts: [Substring]
    }

    private static func images(_ entries: [Entry], classAt depth: Int) -> [LabelledFile] {
        entries.filter { $0.parts.count > depth + 1 }.map {
            LabelledFile(file: $0.file, className: String($0.parts[depth]))
        }
    }

    /// The depth of a split's class folders. Unpacking an archive named like the split that it contains makes a split in a
    /// split.
    private static func classDepth(_ entries: [Entry], splitAt root: Int) -> Int {
        var depth = root + 1
        while let first = entries.first, first.parts.count > depth + 1,
            entries.allSatisfy({
                $0.parts.count > depth + 1 && $0.parts[depth].lowercased() == first.parts[root].lowercased()
            }), entries.contains(where: { $0.parts.count > depth + 2 })
        { depth += 1 }
        return depth
    }

    /// Whether a folder is a split: it has a split's name and contains class folders. Otherwise it is a class itself.
    private static func isSplit(_ name: String, _ entries: [Entry], _ depth: Int) -> Bool {
        isCalledSplit(name) && entries.contains { $0.parts.count > depth + 2 }
    }

    private static func isCalledSplit(_ name: String) -> Bool {
        (trainingNames + testNames).contains(name.lowercased())
    }

    /// Number of folders around everything.
    private static func root(_ entries: ArraySlice<Entry>, depth: Int, _ known: Set<String>) -> Int {
        var root = depth
        while let first = entries.first, first.parts.count > root + 1 {
            let name = first.parts[root]
            guard !known.contains(String(name)),
                entries.allSatisfy({ $0.parts.count > root + 1 && $0.parts[root] == name })
            else { break }
            if isSplit(String(name), Array(entries), root) { break }
            root += 1
        }
        // A chain of single folders that ends in images is a class and folders below it.
        let folders = Set(entries.compactMap { $0.parts.count > root + 1 ? $0.parts[root] : nil })
        let hasSplit = folders.contains { name in
            isCalledSplit(String(name))
                && isSplit(String(name), entries.filter { $0.parts.count > root + 1 && $0.parts[root] == name }, root)
        }
        return folders.count > 1 || hasSplit || folders.contains { known.contains(String($0)) } ? root : depth
    }
}
