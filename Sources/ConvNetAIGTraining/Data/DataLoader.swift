import ConvNetAIG
import Foundation
import Synchronization

/// Training batches of a dataset: in a new order every epoch, augmented, normalised, and prepared ahead of time on threads
/// of its own.
///
/// ```swift
/// let loader = try DataLoader(
///     DataSource(path: "cifar-10-batches-bin").train, input: architecture.input, mean: mean, std: std,
///     augmentation: .cifar, batch: 128)
/// let batches = loader.batches(epoch: 0)
/// while let batch = try batches.next() { ... }
/// ```
///
/// Batches depend only on the images, the augmentation, the batch size, the seed and the epoch; not on threads, on what is
/// kept in memory, or on where an epoch is entered. An image that cannot be read makes its batch one image smaller, see
/// ``failures``.
public final class DataLoader: BatchSource, Sendable {
    /// Images per batch.
    public let batch: Int
    /// Batches of an epoch. Images that do not fill a last batch are left out of the epoch, unless there are no others.
    public let batchesPerEpoch: Int
    /// The images to learn from.
    public let images: any Dataset
    private let input: FeatureShape
    private let sizes: ImageSizes?
    /// By the shape of the images.
    private let augmenters: [FeatureShape: ImageAugmenter]
    private let cache: Mutex<SizedCache>
    private let seed: UInt64
    private let threads: Int
    private let ahead: Int
    private let unreadable = Mutex<[Int: ImageFailure]>([:])

    /// One thread for each processor.
    public static var defaultThreads: Int { max(ProcessInfo.processInfo.activeProcessorCount, 1) }

    /// Makes a loader; threads start when an epoch begins.
    ///
    /// - Parameters:
    ///   - images: the images to learn from.
    ///   - input: the network's input, of three channels.
    ///   - sizes: the images' size by epoch; nil means the size of `input` throughout.
    ///   - mean: mean of red, green and blue, for samples scaled to 0...1.
    ///   - std: standard deviation of red, green and blue.
    ///   - augmentation: random changes to each image in each epoch.
    ///   - erasing: random erasing after the augmentation; nil leaves the images whole.
    ///   - batch: images per batch.
    ///   - seed: seed of order and augmentation.
    ///   - threads: threads that read, decode and augment.
    ///   - batchesAhead: batches that are being prepared or ready, besides those already taken.
    ///   - cacheLimit: bytes of decoded images to keep in memory for later epochs. Images beyond that are read and decoded
    ///     each time.
    /// - Throws: ``DataLoaderError``, ``AugmentationError``, `PreprocessingError`, or `DatasetError` if there are no
    ///   images.
    public init(
        _ images: any Dataset, input: FeatureShape, sizes: ImageSizes? = nil, mean: [Float],
        std: [Float], augmentation: Augmentation = .off, erasing: RandomErasing? = nil, batch: Int, seed: UInt64 = 0,
        threads: Int = DataLoader.defaultThreads, batchesAhead: Int = 3, cacheLimit: Int = 1 << 30
    ) throws {
        for (name, value, minimum) in [
            ("the batch size", batch, 1), ("the number of threads", threads, 1),
            ("the number of batches ahead", batchesAhead, 1), ("the cache's limit in bytes", cacheLimit, 0),
        ] where value < minimum {
            throw DataLoaderError.tooFew(name: name, value: value, minimum: minimum)
        }
        guard images.count > 0 else { throw DatasetError.noImages(path: images.path, split: "") }
        var augmenters: [FeatureShape: ImageAugmenter] = [:]
        for input in sizes?.inputs(own: input) ?? [input] {
            augmenters[input] = try ImageAugmenter(
                input: input, mean: mean, std: std, augmentation: augmentation, erasing: erasing, seed: seed)
        }
        self.images = images
        self.augmenters = augmenters
        self.sizes = sizes
        cache = Mutex(SizedCache(images, limit: cacheLimit, isShared: !augmentation.preparesForSize))
        self.batch = batch
        batchesPerEpoch = max(images.count / batch, 1)
        self.input = input
        self.seed = seed
        self.threads = threads
        ahead = batchesAhead
    }

    /// Images that could not be read and were left out of the batches taken so far: each once, in the dataset's order.
    public var failures: [ImageFailure] {
        unreadable.withLock { images in images.sorted { $0.key < $1.key }.map(\.value) }
    }

    /// Begins to prepare the batches of an epoch.
    ///
    /// - Parameters:
    ///   - epoch: index of the epoch, from 0; each has its own order and augmentation.
    ///   - first: index of the batch to begin with, for a run that is resumed in the middle of an epoch.
    public func batches(epoch: Int, from first: Int = 0) -> Epoch {
        let order = order(epoch: epoch)
        let input = sizes?.input(epoch: max(epoch, 0), own: input) ?? input
        // Kept images of another size are dropped before there are any of this one.
        guard let augmenter = augmenters[input] else { preconditionFailure("no augmenter for \(input)") }
        let kept = cache.withLock { $0.cache(for: input, prepare: augmenter.prepare) }
        let pipeline = ImagePipeline(
            order: order, batchSize: batch, batches: min(max(first, 0), batchesPerEpoch)..<batchesPerEpoch,
            valueCount: input.count, threads: threads, ahead: ahead
        ) { index, memory in
            try augmenter.write(kept.image(index), index: index, epoch: epoch, into: memory)
        }
        return Epoch(self, pipeline)
    }

    /// The indices of the images in the order of an epoch.
    func order(epoch: Int) -> [Int] {
        var random = RandomSequence(seed: seed, purpose: .shuffle, stream: (epoch, 0))
        return random.shuffled(0..<images.count)
    }

    /// How often an image has been read and decoded so far.
    var decodeCount: Int { cache.withLock { $0.decodeCount } }

    /// Bytes of decoded images that are kept.
    var keptBytes: Int { cache.withLock { $0.cache?.keptBytes ?? 0 } }

    /// Records the images that are missing from a batch.
    fileprivate func report(_ failures: [Int: String]) {
        guard !failures.isEmpty else { return }
        unreadable.withLock { known in
            for (index, reason) in failures where known[index] == nil {
                known[index] = ImageFailure(name: images.name(index), reason: reason)
            }
        }
    }

    /// - Throws: `DatasetError` if none of the images can be read.
    fileprivate func requireReadableImage() throws(DatasetError) {
        try cache.withLock { $0.cache }?.requireReadableImage()
    }
}

// MARK: - Epochs

extension DataLoader {
    /// The batches of one epoch, in order. When it is released or stopped, the threads that prepare them end.
    public final class Epoch: BatchIterator, Sendable {
        private let loader: DataLoader
        private let pipeline: ImagePipeline
        private let missing = Atomic(0)

        fileprivate init(_ loader: DataLoader, _ pipeline: ImagePipeline) {
            self.loader = loader
            self.pipeline = pipeline
        }

        deinit { pipeline.stop() }

        /// The next batch, waiting for it if need be; nil after the last one. Every batch keeps its place, even if none of
        /// its images can be read.
        ///
        /// - Throws: `DatasetError` if no image of the whole dataset can be read.
        public func next() throws(DatasetError) -> Batch? {
            if let made = pipeline.next() {
                loader.report(made.failures)
                let labels = made.indices.filter { made.failures[$0] == nil }.map {
                    Int32(clamping: loader.images.label($0))
                }
                // Now, rather than when the epoch is over and nothing has been learnt.
                if labels.isEmpty { try loader.requireReadableImage() }
                missing.add(made.indices.count - labels.count, ordering: .relaxed)
                return Batch(images: made.images, labels: labels)
            }
            guard pipeline.isFinished else { return nil }
            // The threads have ended by themselves; this joins them.
            pipeline.stop()
            try loader.requireReadableImage()
            return nil
        }

        /// Number of images that were left out of the batches so far because they could not be read.
        public var skipped: Int { missing.load(ordering: .relaxed) }

        /// Ends the threads early; from then on there are no more batches.
        public func stop() { pipeline.stop() }
    }
}

/// The images of a dataset as they are prepared for one size at a time.
private struct SizedCache {
    private let images: any Dataset
    private let limit: Int
    /// Whether images are prepared in the same way for every size.
    private let isShared: Bool
    private(set) var cache: ImageCache?
    private var input: FeatureShape?
    private var decodedBefore = 0

    init(_ images: any Dataset, limit: Int, isShared: Bool) {
        self.images = images
        self.limit = limit
        self.isShared = isShared
    }

    var decodeCount: Int { decodedBefore + (cache?.decodeCount ?? 0) }

    mutating func cache(
        for input: FeatureShape, prepare: @escaping @Sendable (Image) throws -> Image
    ) -> ImageCache {
        if let cache, isShared || input == self.input { return cache }
        decodedBefore = decodeCount
        let made = ImageCache(images, limit: limit, prepare: prepare)
        (cache, self.input) = (made, input)
        return made
    }
}

// MARK: - Errors

/// Why images cannot be loaded as asked.
public enum DataLoaderError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The network's input does not have three channels.
    case notThreeChannels(Int)
    /// The number called `name` is too small.
    case tooFew(name: String, value: Int, minimum: Int)

    /// What is wrong and what to give instead.
    public var description: String {
        switch self {
        case .notThreeChannels(let channels):
            "pictures have 3 channels, but the network takes \(channels); train a network of 3 input channels"
        case .tooFew(let name, let value, let minimum):
            "\(name) is \(value); give \(minimum) or more"
        }
    }
}
