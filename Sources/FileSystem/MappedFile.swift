import Foundation

/// Read-only contents of a file in memory: a regular file, which is mapped until this is released, or bytes.
package final class MappedFile: Sendable {
    /// The contents, valid as long as this object. The memory is never written, so threads can share it.
    package nonisolated(unsafe) let bytes: UnsafeRawBufferPointer
    private let storage: Storage

    private enum Storage { case mapped, allocated, `static` }

    /// Copies bytes, aligned to a cache line.
    package init(copying contents: [UInt8]) {
        let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: contents.count, alignment: 64)
        copy.copyBytes(from: contents)
        bytes = UnsafeRawBufferPointer(copy)
        storage = .allocated
    }

    /// Uses bytes in static memory, which are not copied.
    package init(static bytes: UnsafeRawBufferPointer) {
        self.bytes = bytes
        storage = .static
    }

    /// Maps a file.
    ///
    /// - Throws: ``FileError`` if there is no such file, or if it is not a regular file.
    package init(path: String) throws(FileError) {
        storage = .mapped
        let file: FileDescriptor
        let status: Stat
        do throws(Errno) {
            // Without O_NONBLOCK, opening a named pipe waits for a writer that may never come.
            file = try .open(path: path, .readOnly, options: .nonBlocking)
        } catch {
            throw .unreadable(path: path, problem: error.text)
        }
        defer { try? file.close() }
        do throws(Errno) {
            status = try file.status()
        } catch {
            throw .unreadable(path: path, problem: error.text)
        }
        guard status.type == .regular else {
            throw .unreadable(
                path: path,
                problem: status.type == .directory ? "it is a directory" : "it is not a regular file")
        }
        let size = Int(status.size)
        // Mapping an empty file is an error.
        guard size > 0 else {
            bytes = UnsafeRawBufferPointer(start: nil, count: 0)
            return
        }
        guard let address = mmap(nil, size, PROT_READ, MAP_PRIVATE, file.rawValue, 0), address != MAP_FAILED
        else {
            throw .unreadable(path: path, problem: systemErrorText())
        }
        bytes = UnsafeRawBufferPointer(start: address, count: size)
    }

    /// Removes the pages within a range of the bytes from the process's memory. They are read again, from the system's cache
    /// or from the disk, when they are next used.
    package func releasePages(_ range: Range<Int>) {
        guard storage == .mapped, let address = bytes.baseAddress else { return }
        let page = Int(sysconf(Int32(_SC_PAGESIZE)))
        let first = (range.lowerBound + page - 1) / page * page
        let last = range.upperBound / page * page
        guard page > 0, first < last else { return }
        // Only a hint, which the system may ignore.
        _ = madvise(UnsafeMutableRawPointer(mutating: address + first), last - first, MADV_DONTNEED)
    }

    deinit {
        switch storage {
        case .mapped:
            guard let address = bytes.baseAddress else { return }
            munmap(UnsafeMutableRawPointer(mutating: address), bytes.count)
        case .allocated: bytes.deallocate()
        case .static: break
        }
    }
}
