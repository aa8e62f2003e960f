import FileSystem
import Foundation

/// Why a folder or an archive cannot be listed or unpacked.
public enum ArchiveError: Error, Sendable, Hashable {
    case unreadable(path: String, problem: String)
    /// Neither a folder nor an archive of a kind that is read.
    case notAnArchive(path: String)
    /// It is damaged or cut short.
    case malformed(path: String, problem: String)
    /// A compressed archive has to be unpacked, for which there is no room.
    case noRoom(path: String, folder: String, needed: Int, available: Int)
    /// A compressed archive has to be unpacked, which failed.
    case notUnpacked(path: String, folder: String, problem: String)
}

extension ArchiveError {
    init(_ error: FileError) {
        switch error {
        case .unreadable(let path, let problem), .unwritable(let path, let problem):
            self = .unreadable(path: path, problem: problem)
        }
    }
}

extension ArchiveError: LocalizedError, CustomStringConvertible {
    public var description: String {
        switch self {
        case .unreadable(let path, let problem):
            "\(path) cannot be read: \(problem)"
        case .notAnArchive(let path):
            "\(path) is neither a folder nor an archive: give a folder, a tar archive (also compressed by gzip, bzip2, xz "
                + "or zstd), or a zip archive"
        case .malformed(let path, let problem):
            "\(path) is not a complete archive: \(problem); make or fetch it anew"
        case .noRoom(let path, let folder, let needed, let available):
            "\(path) has to be unpacked, which takes at least \(Self.megabytes(needed)) MB, and \(folder) has room for "
                + "\(Self.megabytes(available)) MB: free some, or let AIG_CACHE name another folder"
        case .notUnpacked(let path, let folder, let problem):
            "\(path) has to be unpacked, and \(folder) cannot be written to: \(problem); let AIG_CACHE name another folder"
        }
    }

    public var errorDescription: String? { description }

    private static func megabytes(_ bytes: Int) -> Int { bytes / 1_000_000 + (bytes % 1_000_000 == 0 ? 0 : 1) }
}
