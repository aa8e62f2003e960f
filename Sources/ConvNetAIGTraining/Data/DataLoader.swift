import ConvNetAIG
import Foundation
import Synchronization

/// Training batches of a set of images: in a new order every epoch, augmented, normalised, and made on threads of its own
/// ahead of who takes them.
///
/// ```swift
/// let loader = try DataLoader(
///     DataSource(path: "cifar-10-batches-bin").train, input: architecture.input, mean: mean, std: std,
///     augmentation: .cifar, batch: 128)
/// let batches = loader.batches(epoch: 0)
/// while let batch = try batches.next() { ... }
/// ```
///
/// Batches depend on the images, the augmentation, the batch size, the seed and the epoch alone; not on threads, on what is
/// kept in memory, or on where an epoch is entered. An image that cannot be read makes its batch that much smaller, see
/// ``failures``.
public final class DataLoader: Sendable {
    /// Images of a batch.
    public let batch: Int
    /// Batches of an epoch. What is left over at its end waits for another epoch's order, unless there is nothing else.
    public let batchesPerEpoch: Int
    /// What is learnt from.
    public let images: any Dataset
    private let input: FeatureShape
    private let sizes: ImageSizes?
    /// Of every size that there is.
    private let augmenters: [FeatureShape: ImageAugmenter]
    private let kept: Mutex<PreparedImages>
    private let seed: UInt64
    private let threads: Int
    private let ahead: Int
    private let broken = Mutex<[Int: ImageFailure]>([:])

    /// One for each processor.
    public static var usualThreads: Int { max(ProcessInfo.processInfo.activeProcessorCount, 1) }

    /// - Parameters:
    ///   - images: what to learn from.
    ///   - input: the network's input, of three channels.
    ///   - sizes: what images there are instead in each epoch; nil for those of `input`.
    ///   - mean: of red, green and blue, for samples scaled to 0...1.
    ///   - std: standard deviation of red, green and blue.
    ///   - augmentation: what is changed about each image in each epoch.
    ///   - erasing: what is then painted over; nil leaves the images whole.
    ///   - batch: images of a batch.
    ///   - seed: what order and augmentation are drawn from.
    ///   - threads: how many threads read, decode and augment.
    ///   - batchesAhead: batches that are in the making or ready, beside those already taken.
    ///   - cacheLimit: bytes of decoded images that are kept in memory, for epochs to come. Images beyond that are read
    ///     and decoded each time.
    /// - Throws: ``DataLoaderError``, ``AugmentationError``, `PreprocessingError`, or ``DatasetError`` if there are no
    ///   images.
    public init(
        _ images: any Dataset, input: FeatureShape, sizes: ImageSizes? = nil, mean: [Float],
        std: [Float], augmentation: Augmentation = .off, erasing: RandomErasing? = nil, batch: Int, seed: UInt64 = 0,
        threads: Int = DataLoader.usualThreads,
        batchesAhead: Int = 3, cacheLimit: Int = 1 << 30
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
        kept = Mutex(PreparedImages(images, limit: cacheLimit, sharesSizes: !augmentation.preparesForSize))
        self.batch = batch
        batchesPerEpoch = max(images.count / batch, 1)
        self.input = input
        self.seed = seed
        self.threads = threads
        ahead = batchesAhead
    }

    /// The images that could not be read and were left out of batches taken so far: each once, in the order of the set.
    public var failures: [ImageFailure] {
        broken.withLock { broken in broken.sorted { $0.key < $1.key }.map(\.value) }
    }

    /// Begins to make the batches of an epoch.
    /// - Parameters:
    ///   - epoch: counts from 0; each has its own order and augmentation.
    ///   - first: the batch to begin with, for a training run that is taken up in the middle of an epoch.
    public func batches(epoch: Int, from first: Int = 0) -> EpochBatches {
        let order = order(epoch: epoch)
        let input = sizes?.input(epoch: max(epoch, 0), own: input) ?? input
        // Those of another size are given up before there are any of this one.
        guard let augmenter = augmenters[input] else { preconditionFailure("no augmenter for \(input)") }
        let store = kept.withLock { $0.store(for: input, prepare: augmenter.prepare) }
        let pipeline = ImagePipeline(
            order: order, batchSize: batch, batches: min(max(first, 0), batchesPerEpoch)..<batchesPerEpoch,
            valueCount: input.count, threads: threads, ahead: ahead
        ) { index, memory in
            try augmenter.write(store.image(index), index: index, epoch: epoch, into: memory)
        }
        return EpochBatches(self, pipeline)
    }

    /// The images by index, in the order of an epoch.
    func order(epoch: Int) -> [Int] {
        var words = RandomWords(seed: seed, purpose: .shuffle, stream: (epoch, 0))
        return words.shuffled(0..<images.count)
    }

    /// Images read and decoded so far, each time counted.
    var decodeCount: Int { kept.withLock { $0.decodeCount } }

    /// Bytes of decoded images that are kept.
    var keptBytes: Int { kept.withLock { $0.store?.keptBytes ?? 0 } }

    /// Takes note of the images that are missing from a batch.
    func report(_ failures: [Int: String]) {
        guard !failures.isEmpty else { return }
        broken.withLock { broken in
            for (index, reason) in failures where broken[index] == nil {
                broken[index] = ImageFailure(name: images.name(index), reason: reason)
            }
        }
    }

    /// - Throws: ``DatasetError`` if none of the images can be read.
    func requireReadableImage() throws { try kept.withLock { $0.store }?.requireReadableImage() }
}

/// The images of a set as they are prepared for one size.
private struct PreparedImages {
    private let images: any Dataset
    private let limit: Int
    /// Whether images are prepared in the same way for every size.
    private let sharesSizes: Bool
    private(set) var store: ImageStore?
    private var input: FeatureShape?
    private var decodedBefore = 0

    init(_ images: any Dataset, limit: Int, sharesSizes: Bool) {
        self.images = images
        self.limit = limit
        self.sharesSizes = sharesSizes
    }

    var decodeCount: Int { decodedBefore + (store?.decodeCount ?? 0) }

    mutating func store(
        for input: FeatureShape, prepare: @escaping @Sendable (Image) throws -> Image
    ) -> ImageStore {
        if let store, sharesSizes || input == self.input { return store }
        decodedBefore = decodeCount
        let made = ImageStore(images, limit: limit, prepare: prepare)
        (store, self.input) = (made, input)
        return made
    }
}
