/// Why a data set cannot be read.
public enum DataSetError: Error, Sendable, Hashable, CustomStringConvertible {
    case unreadable(path: String, reason: String)
    case malformedArchive(path: String, problem: String)
    case noPictures(path: String, split: String)
    case unknownClass(path: String, name: String, classes: [String])
    case tooManyClasses(path: String, found: Int, classes: Int)

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
        }
    }
}
