import FileSystem

/// Something about a dataset that its user has to know: files that are left out, or a choice that was made. Notes are given
/// once per kind, with a count.
public struct DatasetNote: Sendable, Hashable, CustomStringConvertible {
    public enum Kind: Sendable, Hashable {
        /// Neither JPEG, PNG nor WebP; by the file's ending, in small letters.
        case notAnImage(ending: String)
        /// Images beside class folders.
        case inNoClass
        /// Images in folders beside those of the splits.
        case outsideOfSplits
        /// Images of a folder such as `val` where `test` is there.
        case otherSplit(name: String, used: String)
        /// Images of a class that there are no training images of.
        case notTrained(className: String)
        /// Images that a file of labels does not name.
        case unlabelled
        /// Images that a file of labels gives several labels.
        case contradicted
        /// Archives beside the folder that they were unpacked to.
        case unpackedBeside
        /// Names in a file of labels that are no images of the dataset.
        case missing(labels: String)
        /// A link to a folder that it is in itself.
        case loop
        case brokenLink
        /// Folders with nothing in them, which are no classes.
        case emptyFolder
        /// Pipes, sockets and devices.
        case special
        /// In the system's words.
        case unreadable(problem: String)
        /// There is a folder of training images, and none to measure on.
        case measuredOnTraining
        /// Neither the network nor the dataset says which class is which.
        case classesByOrder
    }

    public let kind: Kind
    /// A path that it is true of; empty where it is of the whole.
    public let example: String
    public private(set) var count: Int

    init(_ kind: Kind, example: String = "", count: Int = 1) {
        self.kind = kind
        self.example = example
        self.count = count
    }

    /// There are no test images, and training images take their place.
    package static let measuredOnTraining = DatasetNote(.measuredOnTraining)
    /// Classes are matched by nothing but the order of their names.
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

    /// One note for each kind, in the order of the first.
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
        case .measuredOnTraining: return "there are no test pictures: the training pictures are measured"
        case .classesByOrder:
            return
                "neither the network nor the folders say which class is which: folders are taken in the order of their names"
        }
    }
}

extension DatasetNote.Kind {
    /// Whether it is about files, and not about the folders that they are in.
    var isOfFiles: Bool {
        switch self {
        case .inNoClass, .outsideOfSplits: false
        default: true
        }
    }
}
