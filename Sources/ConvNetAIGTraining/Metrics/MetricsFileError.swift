/// Why a file of metrics cannot be read.
public enum MetricsFileError: Error, Sendable, Hashable, CustomStringConvertible {
    case unreadable(path: String, problem: String)
    case malformed(path: String, line: Int)

    public var description: String {
        switch self {
        case .unreadable(let path, let problem):
            "\(path) cannot be read: \(problem)"
        case .malformed(let path, let line):
            "line \(line) of \(path) is not the metrics of an epoch; resuming the run writes the file anew"
        }
    }
}
