// Errors of archives are part of this library's interface.
@_exported import enum Archives.ArchiveError

/// Why a dataset cannot be read. The description names it and says what to do.
public enum DatasetError: Error, Sendable, Hashable, CustomStringConvertible {
    /// A file cannot be read.
    case unreadable(path: String, reason: String)
    /// The folder or the archive cannot be listed.
    case archive(ArchiveError)
    /// There are no images, or none in a split.
    case noImages(path: String, split: String)
    /// All images are in one folder, so they have no classes.
    case imagesInNoClass(path: String, count: Int)
    /// There are no images, but archives that have to be given themselves or unpacked.
    case archivesOnly(path: String, example: String)
    /// The network does not have a class of the dataset.
    case unknownClass(path: String, name: String, classes: [String])
    /// The dataset has more classes than the network.
    case tooManyClasses(path: String, found: Int, classes: Int)
    /// The network's classes have no names, and there are fewer folders than classes.
    case unknownOrder(path: String, found: Int, classes: Int)
    /// A line of a table of labels has only one column.
    case unlabelledLine(path: String, line: Int)
    /// A table of labels names none of the images.
    case noLabelledImage(path: String, labels: String)
    /// Files of CIFAR are missing.
    case missingFiles(path: String, files: [String])
    /// A folder has both CIFAR-10 and CIFAR-100.
    case severalDatasets(path: String, folders: [String])
    /// A file of CIFAR does not consist of whole records.
    case incompleteRecords(path: String, bytes: Int, recordSize: Int)
    /// A record of CIFAR has an invalid label.
    case labelOutOfRange(path: String, record: Int, label: Int, classes: Int)
    /// A file of CIFAR has a wrong number of class names.
    case wrongClassNames(path: String, found: Int, expected: Int)
    /// A fraction that cannot be held out.
    case invalidShare(Double)
    /// All classes have too few images to hold any out.
    case nothingToHoldOut(path: String)
    /// None of the images can be read.
    case everyImageBroken(path: String, count: Int, example: ImageFailure)

    /// Maximum number of class names in a message.
    private static let maxNames = 20

    /// A message that says what is wrong and what to do.
    public var description: String {
        switch self {
        case .unreadable(let path, let reason):
            "\(path) cannot be read: \(reason)"
        case .archive(let error):
            error.description
        case .unknownClass(let path, let name, let classes):
            "\(path) has a class '\(name)', which the network does not know; it knows "
                + classes.prefix(Self.maxNames).joined(separator: ", ")
                + (classes.count > Self.maxNames ? " and \(classes.count - Self.maxNames) more" : "")
        case .tooManyClasses(let path, let found, let classes):
            "\(path) has \(found) classes, but the network has \(classes) classes"
        case .noImages(let path, let split):
            "\(path) has no pictures in \(split.isEmpty ? "class folders" : "class folders of '\(split)'"); they are "
                + "expected as \(split.isEmpty ? "" : "\(split)/")CLASS/NAME.jpg or .png"
        case .imagesInNoClass(let path, let count):
            "\(path) has no pictures in class folders, but \(count) in none: give the folder that holds the class folders, or "
                + "a table of labels (--labels)"
        case .archivesOnly(let path, let example):
            "\(path) has no pictures, but archives such as \(example): give one of them, or unpack them"
        case .unknownOrder(let path, let found, let classes):
            "\(path) has \(found) of the network's \(classes) classes, and the network does not name them: which they are is "
                + "not known; call the folders by the classes' numbers, from 0, or give the weights names ('aig convert "
                + "--classes')"
        case .unlabelledLine(let path, let line):
            "\(path), line \(line), has one column: give a picture's name and its class, separated by a comma or a tab"
        case .noLabelledImage(let path, let labels):
            "\(labels) names none of the pictures of \(path): give their paths in it, or the ends of these"
        case .missingFiles(let path, let files):
            "\(path) lacks \(files.joined(separator: ", ")); unpack the binary version of CIFAR-10 or CIFAR-100 anew"
        case .severalDatasets(let path, let folders):
            "\(path) holds several data sets; name one of \(folders.joined(separator: " and ")) in it"
        case .incompleteRecords(let path, let bytes, let recordSize):
            "\(path) has \(bytes) bytes, which are not whole records of \(recordSize); fetch it anew"
        case .labelOutOfRange(let path, let record, let label, let classes):
            "\(path) gives record \(record) the label \(label), but there are \(classes) classes, from 0; fetch it anew"
        case .wrongClassNames(let path, let found, let expected):
            "\(path) has \(found) different names, but there are \(expected) classes; fetch it anew, or remove it to have "
                + "classes called by number"
        case .invalidShare(let fraction):
            "\(fraction) is no share of the pictures that can be held out; give more than 0 and less than 1"
        case .nothingToHoldOut(let path):
            "\(path) has no class of two or more pictures, so that none can be held out; add pictures"
        case .everyImageBroken(let path, let count, let example):
            "\(path): none of the \(count) pictures can be read; \(example)"
        }
    }
}
