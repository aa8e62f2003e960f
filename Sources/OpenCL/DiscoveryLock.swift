import Synchronization

/// Lets one thread at a time look for platforms and devices.
///
/// OpenCL has these calls thread-safe, but drivers set themselves up at the first of them, and not every
/// one guards that: PoCL 3.1 hands out devices that another thread is still filling in, and crashes.
enum DiscoveryLock {
    private static let lock = Mutex(())

    static func serialized<Result>(_ body: () throws -> sending Result) rethrows -> sending Result {
        try lock.withLock { _ in try body() }
    }
}
