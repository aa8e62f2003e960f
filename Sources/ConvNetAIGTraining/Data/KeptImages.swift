import ConvNetAIG

/// A set of images that stay in memory once they are decoded, as far as it may be taken: for those who go through it
/// again and again.
struct KeptImages: Dataset {
    private let store: ImageStore

    /// - Parameter limit: bytes of decoded images that are kept, at most.
    init(_ images: any Dataset, limit: Int) {
        store = ImageStore(images, limit: limit) { $0 }
    }

    var path: String { store.images.path }
    var classes: [String] { store.images.classes }
    var count: Int { store.images.count }

    func label(_ index: Int) -> Int { store.images.label(index) }
    func name(_ index: Int) -> String { store.images.name(index) }
    func image(_ index: Int) throws -> Image { try store.image(index) }

    /// The images that could not be read so far, in the order of the set.
    var failures: [ImageFailure] { store.failures }

    /// Images read and decoded so far, each time counted.
    var decodeCount: Int { store.decodeCount }
}
