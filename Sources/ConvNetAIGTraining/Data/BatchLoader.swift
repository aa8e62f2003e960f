import ConvNetAIG
import Foundation
import Synchronization

/// Training batches of a set of pictures: in a new order every epoch, augmented, normalised, and made on threads of its own
/// ahead of who takes them.
///
/// ```swift
/// let loader = try BatchLoader(
///     DataSource(path: "cifar-10-batches-bin").train, input: architecture.input, mean: mean, std: std,
///     augmentation: .cifar, batch: 128)
/// let batches = loader.batches(epoch: 0)
/// while let batch = try batches.next() { ... }
/// ```
///
/// Batches depend on the pictures, the augmentation, the batch size, the seed and the epoch alone; not on threads, on what is
/// kept in memory, or on where an epoch is entered. A picture that cannot be read makes its batch that much smaller, see
/// ``failures``.
public final class BatchLoader: Sendable {
    /// Pictures of a batch.
    public let batch: Int
    /// Batches of an epoch. What is left over at its end waits for another epoch's order, unless there is nothing else.
    public let batchesPerEpoch: Int
    /// What is learnt from.
    public let pictures: any LabelledPictures
    private let input: FeatureShape
    private let sizes: PictureSizes?
    /// Of every size that there is.
    private let augmenters: [FeatureShape: PictureAugmenter]
    private let kept: Mutex<PreparedPictures>
    private let seed: UInt64
    private let threads: Int
    private let ahead: Int
    private let broken = Mutex<[Int: PictureFailure]>([:])

    /// One for each processor.
    public static var usualThreads: Int { max(ProcessInfo.processInfo.activeProcessorCount, 1) }

    /// - Parameters:
    ///   - pictures: what to learn from.
    ///   - input: the network's input, of three channels.
    ///   - sizes: what pictures there are instead in each epoch; nil for those of `input`.
    ///   - mean: of red, green and blue, for samples scaled to 0...1.
    ///   - std: standard deviation of red, green and blue.
    ///   - augmentation: what is changed about each picture in each epoch.
    ///   - erasing: what is then painted over; nil leaves the pictures whole.
    ///   - batch: pictures of a batch.
    ///   - seed: what order and augmentation are drawn from.
    ///   - threads: how many threads read, decode and augment.
    ///   - batchesAhead: batches that are in the making or ready, beside those already taken.
    ///   - cacheLimit: bytes of decoded pictures that are kept in memory, for epochs to come. Pictures beyond that are read
    ///     and decoded each time.
    /// - Throws: ``BatchLoaderError``, ``AugmentationError``, `PreprocessingError`, or ``DataSetError`` if there are no
    ///   pictures.
    public init(
        _ pictures: any LabelledPictures, input: FeatureShape, sizes: PictureSizes? = nil, mean: [Float],
        std: [Float], augmentation: Augmentation = .off, erasing: RandomErasing? = nil, batch: Int, seed: UInt64 = 0,
        threads: Int = BatchLoader.usualThreads,
        batchesAhead: Int = 3, cacheLimit: Int = 1 << 30
    ) throws {
        for (name, value, minimum) in [
            ("the batch size", batch, 1), ("the number of threads", threads, 1),
            ("the number of batches ahead", batchesAhead, 1), ("the cache's limit in bytes", cacheLimit, 0),
        ] where value < minimum {
            throw BatchLoaderError.tooFew(name: name, value: value, minimum: minimum)
        }
        guard pictures.count > 0 else { throw DataSetError.noPictures(path: pictures.path, split: "") }
        var augmenters: [FeatureShape: PictureAugmenter] = [:]
        for input in sizes?.inputs(own: input) ?? [input] {
            augmenters[input] = try PictureAugmenter(
                input: input, mean: mean, std: std, augmentation: augmentation, erasing: erasing, seed: seed)
        }
        self.pictures = pictures
        self.augmenters = augmenters
        self.sizes = sizes
        kept = Mutex(PreparedPictures(pictures, limit: cacheLimit, sharesSizes: !augmentation.preparesForSize))
        self.batch = batch
        batchesPerEpoch = max(pictures.count / batch, 1)
        self.input = input
        self.seed = seed
        self.threads = threads
        ahead = batchesAhead
    }

    /// The pictures that could not be read and were left out of batches taken so far: each once, in the order of the set.
    public var failures: [PictureFailure] {
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
        let pipeline = PicturePipeline(
            order: order, batchSize: batch, batches: min(max(first, 0), batchesPerEpoch)..<batchesPerEpoch,
            valueCount: input.count, threads: threads, ahead: ahead
        ) { index, memory in
            try augmenter.write(store.image(index), index: index, epoch: epoch, into: memory)
        }
        return EpochBatches(self, pipeline)
    }

    /// The pictures by index, in the order of an epoch.
    func order(epoch: Int) -> [Int] {
        var words = RandomWords(seed: seed, purpose: .shuffle, stream: (epoch, 0))
        return words.shuffled(0..<pictures.count)
    }

    /// Pictures read and decoded so far, each time counted.
    var decodeCount: Int { kept.withLock { $0.decodeCount } }

    /// Bytes of decoded pictures that are kept.
    var keptBytes: Int { kept.withLock { $0.store?.keptBytes ?? 0 } }

    /// Takes note of the pictures that are missing from a batch.
    func report(_ failures: [Int: String]) {
        guard !failures.isEmpty else { return }
        broken.withLock { broken in
            for (index, reason) in failures where broken[index] == nil {
                broken[index] = PictureFailure(name: pictures.name(index), reason: reason)
            }
        }
    }

    /// - Throws: ``DataSetError`` if none of the pictures can be read.
    func requireReadablePicture() throws { try kept.withLock { $0.store }?.requireReadablePicture() }
}

/// The pictures of a set as they are prepared for one size.
private struct PreparedPictures {
    private let pictures: any LabelledPictures
    private let limit: Int
    /// Whether pictures are prepared in the same way for every size.
    private let sharesSizes: Bool
    private(set) var store: PictureStore?
    private var input: FeatureShape?
    private var decodedBefore = 0

    init(_ pictures: any LabelledPictures, limit: Int, sharesSizes: Bool) {
        self.pictures = pictures
        self.limit = limit
        self.sharesSizes = sharesSizes
    }

    var decodeCount: Int { decodedBefore + (store?.decodeCount ?? 0) }

    mutating func store(
        for input: FeatureShape, prepare: @escaping @Sendable (Image) throws -> Image
    ) -> PictureStore {
        if let store, sharesSizes || input == self.input { return store }
        decodedBefore = decodeCount
        let made = PictureStore(pictures, limit: limit, prepare: prepare)
        (store, self.input) = (made, input)
        return made
    }
}
