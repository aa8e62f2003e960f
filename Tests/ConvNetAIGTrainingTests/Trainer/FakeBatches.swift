import ConvNetAIG

@testable import ConvNetAIGTraining

/// Batches of numbers that depend on the epoch and the place in it. Every third batch lacks an image.
struct FakeBatches: BatchSource {
    struct Iterator: BatchIterator {
        let epoch: Int
        let end: Int
        var index: Int
        var skipped = 0

        mutating func next() -> Batch? {
            guard index < end else { return nil }
            let count = index % 3 == 2 ? 3 : 4
            skipped += 4 - count
            let words = Philox4x32(seed: 99)(counter: (UInt32(epoch), UInt32(index), 0, 0))
            let images = (0..<count * 32).map { Philox4x32.uniform(words.0 &+ UInt32($0) &* 0x9E37_79B9) }
            let labels = (0..<count).map { Int32((words.1 >> ($0 * 2)) % 3) }
            index += 1
            return Batch(images: images, labels: labels)
        }
    }

    var batchesPerEpoch = 5
    /// Batches that there really are.
    var given = 5

    func batches(epoch: Int, from first: Int) -> Iterator {
        Iterator(epoch: epoch, end: given, index: first)
    }
}
