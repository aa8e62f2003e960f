import FileSystem
import Foundation

/// Why a folder or an archive cannot be listed or unpacked. The description names it and says what to do.
public enum ArchiveError: Error, Sendable, Hashable {
    /// The file or folder cannot be read.
    case unreadable(path: String, problem: String)
    /// The file is neither a folder nor an archive of a supported kind.
    case notAnArchive(path: String)
    /// The file is something else that is often found in place of an archive.
    case otherContent(path: String, Content)
    /// The archive cannot be read without a password.
    case encrypted(path: String)
    /// The archive is damaged or cut short.
    case malformed(path: String, problem: String)
    /// A compressed archive has to be unpacked, and the disk has too little space.
    case noRoom(path: String, folder: String, needed: Int, available: Int)
    /// A compressed archive has to be unpacked, which failed.
    case notUnpacked(path: String, folder: String, problem: String)
}

extension ArchiveError {
    /// What a file that is not a supported archive turns out to be. Raw values complete an error message.
    public enum Content: String, Sendable, Hashable, CaseIterable {
        /// An empty file.
        case nothing = "it is empty; make or fetch it anew"
        /// HTML, as of a failed download.
        case webPage = "it is a web page; a download has to be of the file itself"
        /// A pointer of Git LFS to a file that was not fetched.
        case gitLFSPointer =
            "it is a pointer of Git LFS, which stands for a file that was not fetched; run git lfs pull"
        /// A 7z archive.
        case sevenZip = "it is a 7z archive, which is not read; unpack it, and give the folder"
        /// A RAR archive.
        case rar = "it is a RAR archive, which is not read; unpack it, and give the folder"
        /// One part of a zip archive in several files.
        case partOfZip = "it is a part of a zip archive; join the parts ('zip -s 0 NAME.zip --out WHOLE.zip')"
        /// A single image.
        case picture = "it is one picture; give the folder that it is in"

        init?(_ bytes: UnsafeRawBufferPointer) {
            let signatures: [(Content, [UInt8])] = [
                (.gitLFSPointer, Array("version https://git-lfs.github.com/spec/".utf8)),
                (.sevenZip, [0x37, 0x7A, 0xBC, 0xAF, 0x27, 0x1C]), (.rar, Array("Rar!\u{1A}\u{07}".utf8)),
                (.partOfZip, [0x50, 0x4B, 0x07, 0x08]), (.picture, [0xFF, 0xD8, 0xFF]),
                (.picture, [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]),
            ]
            let start = String(decoding: bytes.prefix(256), as: UTF8.self).drop { $0.isWhitespace || $0 == "\u{FEFF}" }
            // The record at the end of a zip archive, whose second field is the number of the last part.
            let end = bytes.suffix(22)
            let isLastPart =
                end.count == 22 && end.starts(with: [0x50, 0x4B, 0x05, 0x06])
                && end.dropFirst(4).prefix(2).contains { $0 != 0 } && !end.dropFirst(4).starts(with: [0xFF, 0xFF])
            if bytes.isEmpty {
                self = .nothing
            } else if isLastPart {
                self = .partOfZip
            } else if let found = signatures.first(where: { bytes.starts(with: $0.1) }) {
                self = found.0
            } else if ["<!doctype html", "<html"].contains(where: start.lowercased().hasPrefix) {
                self = .webPage
            } else {
                return nil
            }
        }
    }
}

extension ArchiveError: FileFormatError, LocalizedError, CustomStringConvertible {
    /// A message that names the archive, the problem and the remedy.
    public var description: String {
        switch self {
        case .unreadable(let path, let problem):
            "\(path) cannot be read: \(problem)"
        case .notAnArchive(let path):
            "\(path) is neither a folder nor an archive: give a folder, a tar archive (also compressed by gzip, bzip2, xz "
                + "or zstd), or a zip archive"
        case .otherContent(let path, let content):
            "\(path) is no archive that can be read: \(content.rawValue)"
        case .encrypted(let path):
            "\(path) is encrypted: unpack it with its password, and give the folder"
        case .malformed(let path, let problem):
            "\(path) is not a complete archive: \(problem); make or fetch it anew"
        case .noRoom(let path, let folder, let needed, let available):
            "\(path) has to be unpacked, which takes at least \(Self.megabytes(needed)) MB, and \(folder) has room for "
                + "\(Self.megabytes(available)) MB: free some, or let AIG_CACHE name another folder"
        case .notUnpacked(let path, let folder, let problem):
            "\(path) has to be unpacked, and \(folder) cannot be written to: \(problem); let AIG_CACHE name another folder"
        }
    }

    /// The same as ``description``.
    public var errorDescription: String? { description }

    private static func megabytes(_ bytes: Int) -> Int { bytes / 1_000_000 + (bytes % 1_000_000 == 0 ? 0 : 1) }
}
