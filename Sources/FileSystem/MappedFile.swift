import Foundation

/// A file's contents in memory for reading: a regular file mapped, and unmapped when released, or bytes that are in memory
/// already.
package final class MappedFile: Sendable {
    /// Valid for as long as the object is. The memory is never written, so threads can share it.
    package nonisolated(unsafe) let bytes: UnsafeRawBufferPointer
    private let storage: Storage

    private enum Storage { case mapped, allocated, `static` }

    /// A copy of `contents`, aligned as a mapped file is.
    package init(copying contents: [UInt8]) {
        let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: contents.count, alignment: 64)
        copy.copyBytes(from: contents)
        bytes = UnsafeRawBufferPointer(copy)
        storage = .allocated
    }

    /// Bytes that stay where they are for as long as the program runs. They are not copied.
    package init(static bytes: UnsafeRawBufferPointer) {
        self.bytes = bytes
        storage = .static
    }

    /// - Throws: ``FileError`` if there is no such file, or if it is a folder, a pipe or the like.
    package init(path: String) throws(FileError) {
        storage = .mapped
        // Without O_NONBLOCK, opening a named pipe waits for a writer that may never come.
        let descriptor = openFile(path, O_RDONLY | O_NONBLOCK)
        guard descriptor >= 0 else { throw .unreadable(path: path, problem: systemErrorText()) }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else {
            throw .unreadable(path: path, problem: systemErrorText())
        }
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw .unreadable(
                path: path,
                problem: status.st_mode & S_IFMT == S_IFDIR ? "it is a directory" : "it is not a regular file"
            )
        }
        let size = Int(status.st_size)
        // Mapping no bytes is an error to the system.
        guard size > 0 else {
            bytes = UnsafeRawBufferPointer(start: nil, count: 0)
            return
        }
        guard let address = mmap(nil, size, PROT_READ, MAP_PRIVATE, descriptor, 0), address != MAP_FAILED
        else {
            throw .unreadable(path: path, problem: systemErrorText())
        }
        bytes = UnsafeRawBufferPointer(start: address, count: size)
    }

    /// Takes the pages that lie within a range of the bytes out of the process's memory. They are read from the system's
    /// cache, or from the disk, when they are touched again.
    package func releasePages(_ range: Range<Int>) {
        guard storage == .mapped, let address = bytes.baseAddress else { return }
        let page = Int(sysconf(Int32(_SC_PAGESIZE)))
        let first = (range.lowerBound + page - 1) / page * page
        let last = range.upperBound / page * page
        guard page > 0, first < last else { return }
        // It is a hint: where the system does not take it, nothing is wrong.
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
