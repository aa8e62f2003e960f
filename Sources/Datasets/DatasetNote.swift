import FileSystem

/// A note about a dataset for its user: files that were left out, or a choice that was made. There is one note for each kind,
/// with a count.
public struct DatasetNote: Sendable, Hashable, CustomStringConvertible {
    /// The subject of a note.
    public enum Kind: Sendable, Hashable {
        /// Files of other formats than JPEG, PNG and WebP, by their extension in lower case.
        case notAnImage(ending: String)
        /// Images beside class folders.
        case inNoClass
        /// Images in folders beside those of the splits.
        case outsideOfSplits
        /// Images in a folder such as `val`, because `test` is used.
        case otherSplit(name: String, used: String)
        /// Images of a class without training images.
        case notTrained(className: String)
        /// Images that the table of labels does not name.
        case unlabelled
        /// Images with contradictory labels in the table.
        case contradicted
        /// Archives beside their unpacked contents.
        case unpackedBeside
        /// Names in the table of labels that are not images of the dataset.
        case missing(labels: String)
        /// Links to folders that contain them.
        case loop
        /// Links whose targets do not exist.
        case brokenLink
        /// Empty folders, which are not classes.
        case emptyFolder
        /// Pipes, sockets and devices.
        case special
        /// Files or folders that cannot be read, with the system's message.
        case unreadable(problem: String)
        /// There are only training images, on which networks are evaluated.
        case evaluatedOnTraining
        /// Classes are matched by the order of their names.
        case classesByOrder
    }

    /// The subject of the note.
    public let kind: Kind
    /// The path of an example; empty if the note is about the whole dataset.
    public let example: String
    /// Number of files, folders or lines.
    public private(set) var count: Int

    init(_ kind: Kind, example: String = "", count: Int = 1) {
        self.kind = kind
        self.example = example
        self.count = count
    }

    /// Training images take the place of missing test images.
    package static let evaluatedOnTraining = DatasetNote(.evaluatedOnTraining)
    /// Classes are matched only by the order of their names.
    package static let classesByOrder = DatasetNote(.classesByOrder)

    init(problem: FolderWalk.Problem, path: String) {
        switch problem {
        case .loop: self.init(.loop, example: path)
        case .brokenLink: self.init(.brokenLink, example: path)
        case .emptyFolder: self.init(.emptyFolder, example: path)
        case .special: self.init(.special, example: path)
        case .unreadable(let text): self.init(.unreadable(problem: text), example: path)
        }
    }

    /// One note for each kind, in the order of their first occurrences.
    static func merged(_ notes: [DatasetNote]) -> [DatasetNote] {
        var places: [Kind: Int] = [:]
        var result: [DatasetNote] = []
        for note in notes {
            if let place = places[note.kind] {
                result[place].count += note.count
            } else {
                places[note.kind] = result.count
                result.append(note)
            }
        }
        return result
    }

    /// The note in words, with the count and the example.
    public var description: String {
        let images = count == 1 ? "1 picture" : "\(count) pictures"
        let such = example.isEmpty ? "" : count == 1 ? " (\(example))" : ", such as \(example)"
        switch kind {
        case .notAnImage(let ending):
            let name = ending.isEmpty ? "file without an ending" : ".\(ending) file"
            return "\(count) \(name)\(count == 1 ? "" : "s") left out: not JPEG, PNG or WebP\(such)"
        case .inNoClass: return "\(images) left out: in no class folder\(such)"
        case .outsideOfSplits: return "\(images) left out: neither in a training nor in a test folder\(such)"
        case .otherSplit(let name, let used): return "\(images) of \(name) left out: \(used) is there too"
        case .notTrained(let name):
            return "\(images) left out: there are no training pictures of their class, \(name)"
        case .unlabelled: return "\(images) left out: without a label\(such)"
        case .contradicted: return "\(images) left out: with several labels\(such)"
        case .unpackedBeside:
            return "\(count) \(count == 1 ? "archive" : "archives") left out: unpacked beside\(such)"
        case .missing(let labels):
            return "\(count) \(count == 1 ? "line" : "lines") of \(labels) left out: no such picture\(such)"
        case .loop: return "\(count) \(count == 1 ? "link" : "links") left out: to a folder that it is in itself\(such)"
        case .brokenLink: return "\(count) \(count == 1 ? "link" : "links") left out: to nothing\(such)"
        case .emptyFolder: return "\(count) \(count == 1 ? "folder" : "folders") left out: empty\(such)"
        case .special: return "\(count) left out: not a file but a pipe, a socket or a device\(such)"
        case .unreadable(let problem): return "\(count) left out: \(problem)\(such)"
        case .evaluatedOnTraining: return "there are no test pictures: the training pictures are measured"
        case .classesByOrder:
            return
                "neither the network nor the folders say which class is which: folders are taken in the order of their names"
        }
    }
}

extension DatasetNote.Kind {
    /// Whether the note is about files rather than their folders.
    var isOfFiles: Bool {
        switch self {
        case .inNoClass, .outsideOfSplits: false
        default: true
        }
    }
}
