import Foundation

/// What a worker is at, in memory that it shares with the process that watches it: there whatever becomes of the worker.
final class FuzzStatus: @unchecked Sendable {
    // Unchecked: each number is written by one process, and read whole by the other.
    private let numbers: UnsafeMutablePointer<Int>
    private static let byteCount = 5 * MemoryLayout<Int>.size

    struct Failure: Error {}

    /// - Parameter path: a file that both processes map.
    init(_ path: String) throws {
        let descriptor = open(path, O_RDWR | O_CREAT, 0o600)
        guard descriptor >= 0, ftruncate(descriptor, off_t(Self.byteCount)) == 0,
            let address = mmap(nil, Self.byteCount, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0),
            address != MAP_FAILED
        else { throw Failure() }
        close(descriptor)
        numbers = address.bindMemory(to: Int.self, capacity: 5)
    }

    deinit { munmap(numbers, Self.byteCount) }

    /// The input that is being read; -1 before the first.
    var index: Int {
        get { numbers[0] }
        set { numbers[0] = newValue }
    }

    /// Inputs that were read as something.
    var readCount: Int {
        get { numbers[1] }
        set { numbers[1] = newValue }
    }

    /// The longest that an input took, in milliseconds.
    var longest: Int {
        get { numbers[2] }
        set { numbers[2] = newValue }
    }

    /// The input that took it.
    var slowest: Int {
        get { numbers[4] }
        set { numbers[4] = newValue }
    }

    /// The most memory of the process so far, in bytes.
    var peak: Int {
        get { numbers[3] }
        set { numbers[3] = newValue }
    }
}
