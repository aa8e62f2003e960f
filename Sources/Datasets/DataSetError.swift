/// Why a data set cannot be read.
public enum DataSetError: Error, Sendable, Hashable, CustomStringConvertible {
    case unreadable(path: String, reason: String)
    case malformedArchive(path: String, problem: String)
    case noPictures(path: String, split: String)
    case unknownClass(path: String, name: String, classes: [String])
    case tooManyClasses(path: String, found: Int, classes: Int)
    /// A test picture's class has no training pictures.
    case classNotTrained(path: String, split: String, name: String, classes: [String])
    /// Files of CIFAR are missing.
    case missingFiles(path: String, files: [String])
    /// A folder holds both CIFAR-10 and CIFAR-100.
    case severalSets(path: String, folders: [String])
    /// A file of CIFAR is not one of whole records.
    case incompleteRecords(path: String, bytes: Int, recordSize: Int)
    case labelOutOfRange(path: String, record: Int, label: Int, classes: Int)
    case wrongClassNames(path: String, found: Int, expected: Int)
    /// Not a share that can be held out.
    case invalidShare(Double)
    case nothingToHoldOut(path: String)
    case everyPictureBroken(path: String, count: Int, example: PictureFailure)

    public var description: String {
        switch self {
        case .unreadable(let path, let reason):
            "\(path) cannot be read: \(reason)"
        case .malformedArchive(let path, let problem):
            "\(path) is not a complete tar archive: \(problem); make or fetch it anew (compressed archives have to be "
                + "unpacked first)"
        case .unknownClass(let path, let name, let classes):
            "\(path) has a class folder '\(name)', which the network does not know; it knows "
                + classes.joined(separator: ", ")
        case .tooManyClasses(let path, let found, let classes):
            "\(path) has \(found) class folders, but the network has \(classes) classes"
        case .noPictures(let path, let split):
            "\(path) has no pictures in \(split.isEmpty ? "class folders" : "class folders of '\(split)'"); they are "
                + "expected as \(split.isEmpty ? "" : "\(split)/")CLASS/NAME.jpg or .png"
        case .classNotTrained(let path, let split, let name, let classes):
            "\(path) has a class folder '\(name)' in '\(split)' for which there are no training pictures; rename it to one "
                + "of \(classes.joined(separator: ", ")), or add pictures of it to train with"
        case .missingFiles(let path, let files):
            "\(path) lacks \(files.joined(separator: ", ")); unpack the binary version of CIFAR-10 or CIFAR-100 anew"
        case .severalSets(let path, let folders):
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
        case .everyPictureBroken(let path, let count, let example):
            "\(path): none of the \(count) pictures can be read; \(example)"
        }
    }
}
