import ConvNetAIG
import ConvNetAIGTraining
import Synchronization

/// Images of noise that are made when they are asked for; image i is of class i modulo the number of classes.
package final class SyntheticImages: Dataset {
    package struct Broken: Error, CustomStringConvertible {
        package let description: String

        package init(description: String) { self.description = description }
    }

    package let path = "synthetic"
    package let classes: [String]
    package let count: Int
    private let width: Int
    private let height: Int
    private let broken: Set<Int>
    private let whenRead: @Sendable (Int) -> Void
    private let reads = Mutex(0)

    package init(
        _ count: Int, width: Int = 8, height: Int = 8, classes: Int = 3, broken: Set<Int> = [],
        whenRead: @escaping @Sendable (Int) -> Void = { _ in }
    ) {
        self.count = count
        self.width = width
        self.height = height
        self.classes = (0..<classes).map { "class \($0)" }
        self.broken = broken
        self.whenRead = whenRead
    }

    /// Calls of ``image(_:)`` so far.
    package var readCount: Int { reads.withLock { $0 } }

    package func label(_ index: Int) -> Int { index % classes.count }

    package func name(_ index: Int) -> String { "picture \(index)" }

    package func image(_ index: Int) throws -> Image {
        reads.withLock { $0 += 1 }
        whenRead(index)
        if broken.contains(index) { throw Broken(description: "picture \(index) is broken") }
        return try Image(width: width, height: height, pixels: Self.noise(3 * width * height, seed: index))
    }

    package static func noise(_ count: Int, seed: Int) -> [UInt8] {
        var state = UInt64(truncatingIfNeeded: seed) &* 0x9E37_79B9_7F4A_7C15 &+ 1
        return (0..<count).map { _ in
            state ^= state << 13
            state ^= state >> 7
            state ^= state << 17
            return UInt8(truncatingIfNeeded: state >> 32)
        }
    }
}
