import ConvNetAIG
import Foundation
import Synchronization
import TestSupport
import Testing

@testable import ConvNetAIGTraining

@Suite struct DataLoaderTests {
    static func loader(
        _ images: any Dataset, side: Int = 8, augmentation: Augmentation = .cropAndFlip(padding: 2),
        batch: Int = 4, seed: UInt64 = 1, threads: Int = 2, ahead: Int = 3, cacheLimit: Int = 1 << 30
    ) throws -> DataLoader {
        try DataLoader(
            images, input: .init(height: side, width: side), mean: AugmentationTests.mean,
            std: AugmentationTests.std, augmentation: augmentation, batch: batch, seed: seed, threads: threads,
            batchesAhead: ahead, cacheLimit: cacheLimit)
    }

    static func all(_ batches: DataLoader.Epoch) throws -> [Batch] {
        var result: [Batch] = []
        while let batch = try batches.next() { result.append(batch) }
        return result
    }

    @Test(arguments: [
        Augmentation.off, .cropAndFlip(padding: 2), .randomResizedCrop(scale: 0.2...1, ratio: 0.5...2),
    ])
    func theSameOnAnyThreadsAndWithAnyMemory(_ augmentation: Augmentation) throws {
        // Images of another size than the input's, some of them broken.
        let images = SyntheticImages(61, width: 13, height: 11, broken: [5, 17, 44])
        let bytes = augmentation == .off || augmentation == .cropAndFlip(padding: 2) ? 3 * 64 : 3 * 143
        var reference: [[Batch]] = []
        for (threads, ahead, limit) in [
            (1, 1, 0), (1, 3, 1 << 30), (2, 1, 20 * bytes + 1), (2, 3, 0), (5, 1, 1 << 30), (5, 7, 1 << 30), (5, 4, 0),
        ] {
            let loader = try Self.loader(
                images, augmentation: augmentation, batch: 5, threads: threads, ahead: ahead, cacheLimit: limit)
            let epochs = try (0..<3).map { try Self.all(loader.batches(epoch: $0)) }
            if reference.isEmpty { reference = epochs }
            #expect(epochs == reference, "\(threads) threads, \(ahead) ahead, \(limit) bytes")
            #expect(loader.keptBytes == min(limit / bytes, 58) * bytes)
        }
        #expect(reference.allSatisfy { $0.count == 12 })
    }

    /// Against the definition: the order's images, each augmented by itself.
    @Test func batchesAreTheOrdersImages() throws {
        let images = SyntheticImages(22)
        let loader = try Self.loader(images, batch: 5)
        let augmenter = try ImageAugmenter(
            input: .init(height: 8, width: 8), mean: AugmentationTests.mean, std: AugmentationTests.std,
            augmentation: .cropAndFlip(padding: 2), seed: 1)
        for epoch in [0, 4] {
            let order = loader.order(epoch: epoch)
            #expect(order.sorted() == Array(0..<22))
            let batches = try Self.all(loader.batches(epoch: epoch))
            #expect(batches.count == 4)
            for (number, batch) in batches.enumerated() {
                let indices = order[5 * number..<5 * number + 5]
                #expect(batch.labels == indices.map { Int32($0 % 3) })
                let expected = try indices.flatMap {
                    try AugmentationTests.output(
                        augmenter, images.image($0), count: 192, index: $0, epoch: epoch)
                }
                #expect(batch.images == expected)
            }
        }
    }

    @Test func ordersDifferByEpochAndSeed() throws {
        let images = SyntheticImages(50)
        let first = try Self.loader(images, seed: 1)
        let second = try Self.loader(images, seed: 2)
        let orders = (0..<5).flatMap { [first.order(epoch: $0), second.order(epoch: $0)] }
        #expect(Set(orders).count == 10)
        #expect(!orders.contains(Array(0..<50)))
    }

    /// Each image should come first as often as any other.
    @Test func ordersAreFair() throws {
        let loader = try Self.loader(SyntheticImages(6))
        var counts = [[Int]](repeating: [Int](repeating: 0, count: 6), count: 6)
        for epoch in 0..<3000 {
            for (place, image) in loader.order(epoch: epoch).enumerated() { counts[place][image] += 1 }
        }
        // Five standard deviations about 500.
        #expect(counts.joined().allSatisfy { abs($0 - 500) < 103 }, "\(counts)")
    }

    @Test(arguments: [(10, 4, [4, 4]), (8, 4, [4, 4]), (3, 4, [3]), (4, 4, [4]), (1, 1, [1]), (3, 1, [1, 1, 1])])
    func whatIsLeftOverIsLeftOut(_ count: Int, _ batch: Int, _ sizes: [Int]) throws {
        let loader = try Self.loader(SyntheticImages(count), batch: batch)
        #expect(loader.batchesPerEpoch == sizes.count)
        let batches = try Self.all(loader.batches(epoch: 0))
        #expect(batches.map(\.count) == sizes)
        #expect(batches.allSatisfy { $0.images.count == $0.count * 192 })
    }

    @Test func anEpochCanBeEnteredAnywhere() throws {
        let loader = try Self.loader(SyntheticImages(30), batch: 4)
        let whole = try Self.all(loader.batches(epoch: 2))
        #expect(whole.count == 7)
        for first in [0, 1, 6, 7, 100, -3] {
            #expect(try Self.all(loader.batches(epoch: 2, from: first)) == Array(whole.dropFirst(max(first, 0))))
        }
    }

    @Test func everyImageIsDecodedOnce() throws {
        let images = SyntheticImages(40, width: 16, height: 16)
        let loader = try Self.loader(images, batch: 4)
        for epoch in 0..<3 { _ = try Self.all(loader.batches(epoch: epoch)) }
        #expect(images.readCount == 40)
        #expect(loader.keptBytes == 40 * 192)
        let forgetful = try Self.loader(images, batch: 4, cacheLimit: 0)
        for epoch in 0..<3 { _ = try Self.all(forgetful.batches(epoch: epoch)) }
        #expect(images.readCount == 160)
    }

    // MARK: Broken images

    @Test func brokenImagesAreLeftOutAndReportedOnce() throws {
        let images = SyntheticImages(20, broken: [3, 11])
        let loader = try Self.loader(images, batch: 5)
        #expect(loader.failures.isEmpty)
        for epoch in 0..<2 {
            let order = loader.order(epoch: epoch)
            let batches = try Self.all(loader.batches(epoch: epoch))
            for (number, batch) in batches.enumerated() {
                let indices = order[5 * number..<5 * number + 5].filter { ![3, 11].contains($0) }
                #expect(batch.labels == indices.map { Int32($0 % 3) })
                #expect(batch.images.count == 192 * indices.count)
            }
        }
        #expect(
            loader.failures == [
                ImageFailure(name: "picture 3", reason: "picture 3 is broken"),
                ImageFailure(name: "picture 11", reason: "picture 11 is broken"),
            ])
        // Nor are they read again.
        #expect(images.readCount == 20)
    }

    @Test func onlyBatchesThatWereTakenAreReported() throws {
        let loader = try Self.loader(SyntheticImages(12, broken: [0, 1, 2]), batch: 1, ahead: 12)
        let order = loader.order(epoch: 0)
        let batches = loader.batches(epoch: 0)
        let firstReadable = try #require(order.firstIndex { $0 > 2 })
        for _ in 0...firstReadable { _ = try batches.next() }
        #expect(loader.failures.count == firstReadable)
        _ = try Self.all(batches)
        #expect(loader.failures.map(\.name) == ["picture 0", "picture 1", "picture 2"])
    }

    @Test func batchesWithoutAnImageKeepTheirPlace() throws {
        let broken: Set<Int> = [0, 2, 4, 5, 6, 8]
        let loader = try Self.loader(SyntheticImages(9, broken: broken), batch: 1)
        let batches = loader.batches(epoch: 0)
        let all = try Self.all(batches)
        #expect(all.map(\.count) == loader.order(epoch: 0).map { broken.contains($0) ? 0 : 1 })
        #expect(Set(all.flatMap(\.labels)) == [0, 1])
        #expect(batches.skipped == 6)
    }

    @Test(arguments: [1, 4, 7])
    func everyImageBroken(_ batch: Int) throws {
        let loader = try Self.loader(SyntheticImages(7, broken: Set(0..<7)), batch: batch)
        for epoch in 0..<2 {
            let batches = loader.batches(epoch: epoch)
            let example = ImageFailure(name: "picture 0", reason: "picture 0 is broken")
            for _ in 0..<2 {
                #expect(throws: DatasetError.everyImageBroken(path: "synthetic", count: 7, example: example)) {
                    try batches.next()
                }
            }
        }
    }

    /// The images of the only whole batch are broken, but others are not.
    @Test func notEveryImageBroken() throws {
        let order = try Self.loader(SyntheticImages(7), batch: 4).order(epoch: 0)
        let images = SyntheticImages(7, broken: Set(order.prefix(4)))
        let loader = try Self.loader(images, batch: 4)
        #expect(try Self.all(loader.batches(epoch: 0)).map(\.count) == [0])
        #expect(try Self.all(loader.batches(epoch: 1)).allSatisfy { $0.count > 0 })
    }

    @Test(arguments: [false, true])
    func brokenFile(_ isArchive: Bool) throws {
        let folder = try SampleImages.makeFolder()
        let path = isArchive ? try SampleImages.makeArchive(folder) : folder.path
        let set = try ImageDataset(path: path, split: "test")
        let loader = try Self.loader(set, side: 32, batch: 4)
        for epoch in 0..<2 {
            let batches = try Self.all(loader.batches(epoch: epoch))
            #expect(batches.map(\.count) == [3])
            #expect(batches[0].labels.sorted() == [0, 1, 1])
        }
        let failure = try #require(loader.failures.first)
        #expect(loader.failures.count == 1)
        #expect(failure.name == "test/cat/broken.png")
        #expect(failure.description.contains("broken.png"))
        #expect(failure.reason.contains("signature"))
    }

    // MARK: Ending

    /// Images that wait until they are allowed to be read.
    private final class Barrier: Sendable {
        private let state = Mutex((isOpen: false, waiting: 0))

        var waiting: Int { state.withLock { $0.waiting } }

        func open() { state.withLock { $0.isOpen = true } }

        func wait() {
            state.withLock { $0.waiting += 1 }
            while !state.withLock({ $0.isOpen }) { usleep(1000) }
            state.withLock { $0.waiting -= 1 }
        }
    }

    @Test(arguments: [1, 2, 5])
    func breakingOffEndsTheThreads(_ threads: Int) throws {
        let images = SyntheticImages(400) { _ in usleep(200) }
        let loader = try Self.loader(images, threads: threads)
        for epoch in 0..<5 {
            let batches = loader.batches(epoch: epoch)
            if epoch > 0 { #expect(try batches.next()?.count == 4) }
        }
        // Released: no thread reads on.
        let count = images.readCount
        #expect(count < 400)
        usleep(20_000)
        #expect(images.readCount == count)
    }

    /// Threads keep what they work on: when that is gone, so are they.
    @Test func threadsDoNotOutliveTheEpoch() throws {
        weak var pipeline: ImagePipeline?
        do {
            let made = ImagePipeline(
                order: Array(0..<100), batchSize: 3, batches: 0..<34, valueCount: 2, threads: 4, ahead: 2
            ) { index, memory in memory.update(repeating: Float(index)) }
            pipeline = made
            #expect(made.next()?.images == [0, 0, 1, 1, 2, 2])
            made.stop()
            #expect(made.next() == nil)
        }
        #expect(pipeline == nil)
    }

    @Test func whatWasStoppedHasNoMoreBatches() throws {
        let loader = try Self.loader(SyntheticImages(40))
        let batches = loader.batches(epoch: 0)
        #expect(try batches.next() != nil)
        batches.stop()
        batches.stop()
        #expect(try batches.next() == nil)
        // The loader goes on.
        #expect(try Self.all(loader.batches(epoch: 0)).count == 10)
    }

    @Test func stoppingWakesWhoeverWaits() throws {
        let barrier = Barrier()
        let loader = try Self.loader(SyntheticImages(40) { _ in barrier.wait() }, threads: 2)
        let batches = loader.batches(epoch: 0)
        let result = Mutex<Batch??>(nil)
        let ended = DispatchSemaphore(value: 0)
        Thread {
            let batch = try? batches.next()
            result.withLock { $0 = .some(batch) }
            ended.signal()
        }.start()
        while barrier.waiting == 0 { usleep(1000) }
        Thread {
            batches.stop()
            ended.signal()
        }.start()
        // Whoever takes batches need not wait for the images that are being read; stopping does.
        ended.wait()
        #expect(result.withLock { $0 } == .some(nil))
        barrier.open()
        ended.wait()
        #expect(try batches.next() == nil)
    }

    @Test func severalEpochsAtATime() throws {
        let loader = try Self.loader(SyntheticImages(30))
        let expected = try (0..<3).map { try Self.all(loader.batches(epoch: $0)) }
        let epochs = (0..<3).map { loader.batches(epoch: $0) }
        for number in 0..<loader.batchesPerEpoch {
            for (epoch, batches) in epochs.enumerated() { #expect(try batches.next() == expected[epoch][number]) }
        }
    }

    /// As where the system has no thread to give.
    @Test func withoutThreads() {
        let pipeline = ImagePipeline(
            order: [4, 2, 9, 1, 7], batchSize: 2, batches: 0..<3, valueCount: 1, threads: 0, ahead: 1
        ) { index, memory in
            if index == 9 { throw SyntheticImages.Broken(description: "no nine") }
            memory[0] = Float(index)
        }
        #expect(pipeline.next()?.images == [4, 2])
        let second = pipeline.next()
        #expect(second?.images == [1])
        #expect(second?.failures == [9: "no nine"])
        #expect(!pipeline.isFinished)
        #expect(pipeline.next()?.images == [7])
        #expect(pipeline.next() == nil)
        #expect(pipeline.isFinished)
    }

    @Test func whatCannotBe() throws {
        let images = SyntheticImages(4)
        #expect(throws: DataLoaderError.tooFew(name: "the batch size", value: 0, minimum: 1)) {
            try Self.loader(images, batch: 0)
        }
        #expect(throws: DataLoaderError.self) { try Self.loader(images, threads: 0) }
        #expect(throws: DataLoaderError.self) { try Self.loader(images, ahead: 0) }
        #expect(throws: DataLoaderError.self) { try Self.loader(images, cacheLimit: -1) }
        #expect(throws: AugmentationError.self) { try Self.loader(images, augmentation: .cropAndFlip(padding: 8)) }
        #expect(throws: DatasetError.noImages(path: "synthetic", split: "")) {
            try Self.loader(SyntheticImages(0))
        }
    }
}
