import ConvNetAIG

/// A set of pictures that stay in memory once they are decoded, as far as it may be taken: for those who go through it
/// again and again.
struct KeptPictures: LabelledPictures {
    private let store: PictureStore

    /// - Parameter limit: bytes of decoded pictures that are kept, at most.
    init(_ pictures: any LabelledPictures, limit: Int) {
        store = PictureStore(pictures, limit: limit) { $0 }
    }

    var path: String { store.pictures.path }
    var classes: [String] { store.pictures.classes }
    var count: Int { store.pictures.count }

    func label(_ index: Int) -> Int { store.pictures.label(index) }
    func name(_ index: Int) -> String { store.pictures.name(index) }
    func image(_ index: Int) throws -> Image { try store.image(index) }

    /// The pictures that could not be read so far, in the order of the set.
    var failures: [PictureFailure] { store.failures }

    /// Pictures read and decoded so far, each time counted.
    var decodeCount: Int { store.decodeCount }
}
