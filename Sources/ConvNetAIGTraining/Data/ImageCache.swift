import ConvNetAIG
import Synchronization

/// The images of a dataset, decoded and prepared when they are asked for, and kept in memory up to a limit.
final class ImageCache: Sendable {
    private enum Entry {
        case unknown
        /// Read before, but not kept in memory.
        case readable
        case kept(Image)
        case unreadable(any Error)
    }

    private struct State {
        var entries: [Entry]
        var keptBytes = 0
        var decoded = 0
    }

    let images: any Dataset
    private let limit: Int
    private let prepare: @Sendable (Image) throws -> Image
    private let state: Mutex<State>

    /// - Parameters:
    ///   - limit: maximum bytes of pixels to keep.
    ///   - prepare: called with each decoded image, for what is kept instead.
    init(_ images: any Dataset, limit: Int, prepare: @escaping @Sendable (Image) throws -> Image) {
        self.images = images
        self.limit = limit
        self.prepare = prepare
        state = Mutex(State(entries: [Entry](repeating: .unknown, count: images.count)))
    }

    /// A prepared image.
    ///
    /// - Throws: the reason why it cannot be read. An unreadable image is not tried again.
    func image(_ index: Int) throws -> Image {
        switch state.withLock({ $0.entries[index] }) {
        case .kept(let image): return image
        case .unreadable(let error): throw error
        case .unknown, .readable: break
        }
        let result = Result { try prepare(images.image(index)) }
        state.withLock { state in
            state.decoded += 1
            switch result {
            case .failure(let error):
                state.entries[index] = .unreadable(error)
            case .success(let image):
                // Another thread may have been faster.
                if case .kept = state.entries[index] { return }
                state.entries[index] = .readable
                guard image.pixels.count <= limit - state.keptBytes else { return }
                state.keptBytes += image.pixels.count
                state.entries[index] = .kept(image)
            }
        }
        return try result.get()
    }

    /// How often an image has been read and decoded so far.
    var decodeCount: Int { state.withLock { $0.decoded } }

    /// Bytes of pixels that are kept.
    var keptBytes: Int { state.withLock { $0.keptBytes } }

    /// The images that could not be read so far, in the dataset's order.
    var failures: [ImageFailure] {
        let entries = state.withLock { $0.entries }
        return entries.enumerated().compactMap { index, entry in
            guard case .unreadable(let error) = entry else { return nil }
            return ImageFailure(name: images.name(index), reason: "\(error)")
        }
    }

    /// Looks for an image that can be read, first among those already tried.
    ///
    /// - Throws: `DatasetError` if there is none.
    func requireReadableImage() throws(DatasetError) {
        let isKnown = state.withLock {
            $0.entries.contains {
                switch $0 {
                case .kept, .readable: true
                case .unknown, .unreadable: false
                }
            }
        }
        guard !isKnown else { return }
        var example: ImageFailure?
        for index in 0..<images.count {
            do {
                _ = try image(index)
                return
            } catch {
                example = example ?? ImageFailure(name: images.name(index), reason: "\(error)")
            }
        }
        guard let example else { throw DatasetError.noImages(path: images.path, split: "") }
        throw DatasetError.everyImageBroken(path: images.path, count: images.count, example: example)
    }
}

/// A dataset whose decoded images are kept in memory up to a limit, for passing through it again and again.
struct CachedDataset: Dataset {
    private let cache: ImageCache

    /// - Parameter limit: maximum bytes of decoded images to keep.
    init(_ images: any Dataset, limit: Int) {
        cache = ImageCache(images, limit: limit) { $0 }
    }

    var path: String { cache.images.path }
    var classes: [String] { cache.images.classes }
    var count: Int { cache.images.count }

    func label(_ index: Int) -> Int { cache.images.label(index) }
    func name(_ index: Int) -> String { cache.images.name(index) }
    func image(_ index: Int) throws -> Image { try cache.image(index) }

    /// The images that could not be read so far, in the dataset's order.
    var failures: [ImageFailure] { cache.failures }

    /// How often an image has been read and decoded so far.
    var decodeCount: Int { cache.decodeCount }
}
