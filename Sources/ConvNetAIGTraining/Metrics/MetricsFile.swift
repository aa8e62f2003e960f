import ConvNetAIG
import FileSystem
import Foundation

/// The metrics of a run as JSON lines, an object per epoch.
public struct MetricsFile: Sendable, Hashable {
    public let path: String

    public init(path: String) {
        self.path = path
    }

    /// Writes the file anew: what it holds beyond these epochs is dropped.
    /// - Throws: `FileError.unwritable`; the file is then as it was.
    func write(_ metrics: [EpochMetrics]) throws {
        try AtomicFile.write(metrics.flatMap { try Self.line($0) }, to: path)
    }

    /// Reads the file. A last line that a killed process left incomplete is left out.
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
