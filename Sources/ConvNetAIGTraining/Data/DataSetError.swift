/// Why a data set cannot be read.
public enum DataSetError: Error, Sendable, Hashable, CustomStringConvertible {
    case unreadable(path: String, reason: String)
    case malformedArchive(path: String, problem: String)
    case noPictures(path: String, split: String)

    public var description: String {
        switch self {
        case .unreadable(let path, let reason):
            "\(path) cannot be read: \(reason)"
        case .malformedArchive(let path, let problem):
            "\(path) is not a complete tar archive: \(problem); make or fetch it anew (compressed archives have to be "
                + "unpacked first)"
        case .noPictures(let path, let split):
            "\(path) has no pictures in \(split.isEmpty ? "class folders" : "class folders of '\(split)'"); they are "
                + "expected as \(split.isEmpty ? "" : "\(split)/")CLASS/NAME.jpg or .png"
        }
    }
}
