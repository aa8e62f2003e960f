import ConvNetAIG
import FileSystem
import Foundation

/// The metrics of a run as JSON lines: an object per epoch, see ``EpochMetrics``.
public struct MetricsFile: Sendable, Hashable {
    /// Where the file is.
    public let path: String

    /// Names a file, which need not exist.
    public init(path: String) {
        self.path = path
    }

    /// Replaces the file by these epochs.
    ///
    /// - Throws: `FileError.unwritable`, leaving the file as it was.
    func write(_ metrics: [EpochMetrics]) throws {
        try AtomicFile.write(metrics.flatMap { try Self.line($0) }, to: path)
    }

    /// Reads the file, except for a last line that a killed process left incomplete.
    ///
    /// - Throws: ``MetricsFileError``.
    public func read() throws(MetricsFileError) -> [EpochMetrics] {
        let data: Data
        do {
            data = Data(try readBytes(path))
        } catch {
            throw .unreadable(path: path, problem: error.problem)
        }
        var metrics: [EpochMetrics] = []
        let lines = data.split(separator: UInt8(ascii: "\n"))
        for (index, line) in lines.enumerated() {
            do {
                metrics.append(try JSONDecoder().decode(EpochMetrics.self, from: line))
            } catch {
                if index == lines.count - 1, data.last != UInt8(ascii: "\n") { break }
                throw .malformed(path: path, line: index + 1)
            }
        }
        return metrics
    }

    private static func line(_ metrics: EpochMetrics) throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return try encoder.encode(metrics) + [UInt8(ascii: "\n")]
    }
}

/// Why a file of metrics cannot be read.
public enum MetricsFileError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The file cannot be read.
    case unreadable(path: String, problem: String)
    /// A line, counted from 1, is not the metrics of an epoch.
    case malformed(path: String, line: Int)

    /// What is wrong and what to do.
    public var description: String {
        switch self {
        case .unreadable(let path, let problem):
            "\(path) cannot be read: \(problem)"
        case .malformed(let path, let line):
            "line \(line) of \(path) is not the metrics of an epoch; resuming the run writes the file anew"
        }
    }
}
