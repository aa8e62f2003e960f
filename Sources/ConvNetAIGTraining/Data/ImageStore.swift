import ConvNetAIG
import Synchronization

/// The images of a set, decoded and prepared for augmentation when they are asked for, and kept as far as memory may be
/// taken.
final class ImageStore: Sendable {
    private enum Entry {
        case unknown
        /// Read before, but not kept.
        case readable
        case kept(Image)
        case broken(any Error)
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
    ///   - limit: bytes of pixels that are kept, at most.
    ///   - prepare: what is done to a decoded image before it is kept.
    init(_ images: any Dataset, limit: Int, prepare: @escaping @Sendable (Image) throws -> Image) {
        self.images = images
        self.limit = limit
        self.prepare = prepare
        state = Mutex(State(entries: [Entry](repeating: .unknown, count: images.count)))
    }

    /// An image, prepared.
    /// - Throws: what is wrong with it. An image found broken is not read again.
    func image(_ index: Int) throws -> Image {
        switch state.withLock({ $0.entries[index] }) {
        case .kept(let image): return image
        case .broken(let error): throw error
        case .unknown, .readable: break
        }
        let result = Result { try prepare(images.image(index)) }
        state.withLock { state in
            state.decoded += 1
            switch result {
            case .failure(let error):
                state.entries[index] = .broken(error)
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

    /// Images read and decoded so far, each time counted.
    var decodeCount: Int { state.withLock { $0.decoded } }

    /// Bytes of pixels that are kept.
    var keptBytes: Int { state.withLock { $0.keptBytes } }

    /// The images that were found broken, in the order of the set.
    var failures: [ImageFailure] {
        let entries = state.withLock { $0.entries }
        return entries.enumerated().compactMap { index, entry in
            guard case .broken(let error) = entry else { return nil }
            return ImageFailure(name: images.name(index), reason: "\(error)")
        }
    }

    /// Looks for an image that can be read, at those that are known first.
    /// - Throws: ``DatasetError`` if there is none.
    func requireReadableImage() throws {
        let isKnown = state.withLock {
            $0.entries.contains {
                switch $0 {
                case .kept, .readable: true
                case .unknown, .broken: false
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
