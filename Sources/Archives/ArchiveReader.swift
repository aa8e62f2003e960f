import CArchive
import FileSystem
import Foundation

/// Reads the entries of an archive one after another with libarchive.
final class ArchiveReader {
    /// The header of an entry.
    struct Entry {
        enum Kind {
            case file
            case folder
            /// A link to a path from the root of the archive.
            case hardLink([UInt8])
            /// A link to a path from the link's own folder.
            case symbolicLink([UInt8])
            /// A device, a pipe, or something that only one archive format has.
            case other
        }

        let path: [UInt8]
        let kind: Kind
        let size: Int
        fileprivate let handle: OpaquePointer
    }

    /// The archive's name in errors.
    private let path: String
    /// The archive, if it was given and not read from a file.
    private let memory: UnsafeRawBufferPointer?
    private let handle: OpaquePointer
    private let locale = UTF8Locale()

    private static let blockSize = 1 << 16
    private static let tarBlockSize: la_int64_t = 512
    /// In bytes. Sparse files are read in full, could be of any size, and are neither images nor tables.
    static let maxSparseFileSize = 256 << 20

    /// Reads an uncompressed tar archive in memory, which must stay valid as long as this object.
    ///
    /// - Returns: nil if it is not one.
    convenience init?(tar bytes: UnsafeRawBufferPointer, path: String) throws(ArchiveError) {
        try self.init(path, memory: bytes) { archive in
            Self.supportTar(archive)
            // In one piece, so that libarchive returns pointers to the contents and does not copy them.
            return archive_read_open_memory(archive, bytes.baseAddress, bytes.count)
        }
        guard status == ARCHIVE_OK else { return nil }
    }

    /// Reads a compressed tar archive or a zip archive.
    convenience init(compressed path: String) throws(ArchiveError) {
        try self.init(path, memory: nil) { archive in
            Self.supportTar(archive)
            // By its table of contents: otherwise a truncated archive would pass for a complete one.
            archive_read_support_format_zip_seekable(archive)
            Self.supportFilters(archive)
            return path.withPathBytes { archive_read_open_filename(archive, $0, Self.blockSize) }
        }
        guard status == ARCHIVE_OK else { throw problem() }
    }

    /// Has tar archives that were concatenated (`cat a.tar b.tar`) read to the end of the last one.
    private static func supportTar(_ archive: OpaquePointer) {
        archive_read_support_format_tar(archive)
        archive_read_set_format_option(archive, "tar", "read_concatenated_archives", "1")
    }

    private static func supportFilters(_ archive: OpaquePointer) {
        archive_read_support_filter_gzip(archive)
        archive_read_support_filter_bzip2(archive)
        archive_read_support_filter_xz(archive)
        archive_read_support_filter_lzma(archive)
        archive_read_support_filter_zstd(archive)
        archive_read_support_filter_lz4(archive)
        archive_read_support_filter_compress(archive)
    }

    private var status: Int32
    /// Whether the contents of an entry come next, or what is left of them.
    private var isInEntry = false

    private init(
        _ path: String, memory: UnsafeRawBufferPointer?, open: (OpaquePointer) -> Int32
    ) throws(ArchiveError) {
        guard let handle = archive_read_new() else {
            throw .unreadable(path: path, problem: systemErrorText(ENOMEM))
        }
        self.path = path
        self.memory = memory
        self.handle = handle
        status = ARCHIVE_OK
        status = locale.applied { open(handle) }
    }

    deinit { locale.applied { _ = archive_read_free(handle) } }

    /// Number of bytes of the file read so far, before decompression.
    var bytesRead: Int { Int(archive_filter_bytes(handle, -1)) }

    /// The next entry, or nil after the last.
    ///
    /// - Throws: ``ArchiveError/malformed(path:problem:)``, or ``ArchiveError/notAnArchive(path:)`` in place of the first.
    func next() throws(ArchiveError) -> Entry? {
        if isInEntry {
            isInEntry = false
            // What is left of the entry's contents, so that the position after it is known.
            let code = locale.applied { archive_read_data_skip(handle) }
            guard code == ARCHIVE_OK || code == ARCHIVE_WARN else { throw problem() }
        }
        var entry: OpaquePointer?
        let start = archive_filter_bytes(handle, 0)
        var code = locale.applied { archive_read_next_header(handle, &entry) }
        while code == ARCHIVE_RETRY { code = locale.applied { archive_read_next_header(handle, &entry) } }
        if code == ARCHIVE_EOF || code == ARCHIVE_FATAL && isPastEnd(start) { return nil }
        // Warnings are about names or times that cannot be expressed here; the contents are sound.
        guard code == ARCHIVE_OK || code == ARCHIVE_WARN, let entry else { throw problem() }
        isInEntry = true
        return locale.applied { Self.entry(entry) }
    }

    /// Whether libarchive failed at bytes after the end of a tar archive, which is a block of zeros: reading on past that, it
    /// takes bytes that do not fill a block for a truncated archive. A header that is cut is one.
    ///
    /// - Parameter start: The position after the last entry, where the next header or the end begins.
    private func isPastEnd(_ start: la_int64_t) -> Bool {
        let text = archive_error_string(handle).map { String(cString: $0) } ?? ""
        guard text.hasPrefix("Truncated tar archive") else { return false }
        guard start >= 0, archive_filter_bytes(handle, 0) - start >= Self.tarBlockSize else { return false }
        if let memory {
            return memory.dropFirst(Int(clamping: start)).prefix(Int(Self.tarBlockSize)).allSatisfy { $0 == 0 }
        }
        return Self.isZeroBlock(of: path, at: Int(clamping: start))
    }

    /// Whether a block of zeros begins at an offset of a file's uncompressed contents.
    private static func isZeroBlock(of path: String, at offset: Int) -> Bool {
        let contents = try? ArchiveReader(path, memory: nil) { archive in
            archive_read_support_format_raw(archive)
            supportFilters(archive)
            return path.withPathBytes { archive_read_open_filename(archive, $0, blockSize) }
        }
        guard let contents, contents.status == ARCHIVE_OK, (try? contents.next()) != nil else { return false }
        let block = offset..<offset + Int(tarBlockSize)
        var (isZero, seen) = (true, 0)
        do throws(ArchiveError) {
            try contents.forEachPart { part, start in
                let places = block.clamped(to: start..<start + part.count)
                seen += places.count
                isZero = isZero && places.allSatisfy { part[$0 - start] == 0 }
            }
        } catch {
            return false
        }
        return isZero && seen == block.count
    }

    private static func entry(_ handle: OpaquePointer) -> Entry {
        func bytes(_ text: UnsafePointer<CChar>?) -> [UInt8]? {
            text.map { [UInt8](UnsafeRawBufferPointer(start: $0, count: strlen($0))) }
        }
        let path = bytes(archive_entry_pathname(handle)) ?? bytes(archive_entry_pathname_utf8(handle)) ?? []
        let size = Int(clamping: archive_entry_size(handle))
        let kind: Entry.Kind
        if let target = bytes(archive_entry_hardlink(handle)) {
            kind = .hardLink(target)
        } else {
            switch archive_entry_filetype(handle) & S_IFMT {
            case S_IFREG: kind = .file
            case S_IFDIR: kind = .folder
            case S_IFLNK: kind = .symbolicLink(bytes(archive_entry_symlink(handle)) ?? [])
            default: kind = .other
            }
        }
        return Entry(path: path, kind: kind, size: max(size, 0), handle: handle)
    }

    /// Calls `body` with each part of the contents of the last entry, and with its offset in the entry. Gaps between the parts
    /// of a sparse file are zeros.
    func forEachPart(_ body: (UnsafeRawBufferPointer, _ offset: Int) throws(ArchiveError) -> Void) throws(ArchiveError)
    {
        while true {
            var start: UnsafeRawPointer?
            var count = 0
            var offset: la_int64_t = 0
            let code = locale.applied { archive_read_data_block(handle, &start, &count, &offset) }
            if code == ARCHIVE_EOF { return }
            if code == ARCHIVE_RETRY { continue }
            guard code == ARCHIVE_OK || code == ARCHIVE_WARN, offset >= 0 else { throw problem() }
            if count > 0 { try body(UnsafeRawBufferPointer(start: start, count: count), Int(offset)) }
        }
    }

    private func malformed(_ problem: String) -> ArchiveError { .malformed(path: path, problem: problem) }

    /// The last error of libarchive.
    private func problem() -> ArchiveError {
        let text = archive_error_string(handle).map { String(cString: $0) } ?? "no more is known"
        if text.contains("Unrecognized archive format") {
            guard (try? readBytes(path, limit: 4)) == [0x50, 0x4B, 0x03, 0x04] else { return .notAnArchive(path: path) }
            return .malformed(
                path: path, problem: "it is a zip archive whose table of contents, at its end, is missing")
        }
        if text.lowercased().contains("passphrase") || text.lowercased().contains("encrypt") {
            return .encrypted(path: path)
        }
        return .malformed(path: path, problem: text.prefix(1).lowercased() + text.dropFirst())
    }

    /// Writes entries of an archive to an uncompressed tar archive.
    final class Copy {
        private let handle: OpaquePointer
        private let path: String
        private let locale = UTF8Locale()
        private var isFinished = false
        private static let zeros = [UInt8](repeating: 0, count: ArchiveReader.blockSize)

        /// - Parameter path: The folder of the new archive, for errors.
        init(to descriptor: Int32, _ path: String) throws(ArchiveError) {
            guard let handle = archive_write_new() else {
                throw .unreadable(path: path, problem: systemErrorText(ENOMEM))
            }
            self.handle = handle
            self.path = path
            // The tar format whose names are bytes.
            archive_write_set_format_gnutar(handle)
            archive_write_add_filter_none(handle)
            archive_write_set_bytes_per_block(handle, Int32(ArchiveReader.blockSize))
            try check(archive_write_open_fd(handle, descriptor))
        }

        deinit {
            // Otherwise the rest of the last entry would be filled with zeros, however large its header claims it to be.
            if !isFinished { archive_write_fail(handle) }
            archive_write_free(handle)
        }

        func add(_ entry: Entry, from reader: ArchiveReader) throws(ArchiveError) {
            guard case .file = entry.kind else {
                archive_entry_set_size(entry.handle, 0)
                return try check(locale.applied { archive_write_header(handle, entry.handle) })
            }
            // Holes are filled with zeros, because the copy is read in place.
            let isSparse = archive_entry_sparse_count(entry.handle) > 0
            guard !isSparse || entry.size <= ArchiveReader.maxSparseFileSize else {
                throw reader.malformed("it has a sparse file of \(entry.size) bytes")
            }
            archive_entry_sparse_clear(entry.handle)
            try check(locale.applied { archive_write_header(handle, entry.handle) })
            var position = 0
            try reader.forEachPart { (bytes, offset) throws(ArchiveError) in
                while position < offset { try write(zeros: min(offset - position, ArchiveReader.blockSize), &position) }
                try write(bytes, &position)
            }
            guard isSparse || position == entry.size else {
                throw reader.malformed("a file of \(entry.size) bytes has \(position)")
            }
            while position < entry.size {
                try write(zeros: min(entry.size - position, ArchiveReader.blockSize), &position)
            }
        }

        func finish() throws(ArchiveError) {
            try check(archive_write_close(handle))
            isFinished = true
        }

        private func write(zeros count: Int, _ position: inout Int) throws(ArchiveError) {
            let code = Self.zeros.withUnsafeBytes { archive_write_data(handle, $0.baseAddress, count) }
            try checkWritten(code, count, &position)
        }

        private func write(_ bytes: UnsafeRawBufferPointer, _ position: inout Int) throws(ArchiveError) {
            try checkWritten(archive_write_data(handle, bytes.baseAddress, bytes.count), bytes.count, &position)
        }

        private func checkWritten(_ written: Int, _ count: Int, _ position: inout Int) throws(ArchiveError) {
            guard written == count else { throw failure() }
            position += count
        }

        private func check(_ code: Int32) throws(ArchiveError) {
            guard code == ARCHIVE_OK || code == ARCHIVE_WARN else { throw failure() }
        }

        private func failure() -> ArchiveError {
            let text = archive_error_string(handle).map { String(cString: $0) } ?? systemErrorText()
            return .notUnpacked(path: path, folder: path, problem: text)
        }
    }
}

/// A UTF-8 locale, applied to the current thread during a call. libarchive converts names by the locale, and without UTF-8
/// loses names of zip and pax archives that are not ASCII.
final class UTF8Locale {
    private let handle: locale_t?

    init() { handle = newlocale(1 << LC_CTYPE, "C.UTF-8", nil) }

    deinit { if let handle { freelocale(handle) } }

    func applied<Result>(_ body: () -> Result) -> Result {
        guard let handle else { return body() }
        let usual = uselocale(handle)
        defer { uselocale(usual) }
        return body()
    }
}
