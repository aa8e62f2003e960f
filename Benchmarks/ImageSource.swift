import ConvNetAIG

/// The images that networks are timed on.
enum ImageSource {
    case synthetic(seed: UInt64)
    /// The user's, repeated in turn where a batch takes more.
    case given([Image])

    /// So many different synthetic images, where they are small; trained gates answer each in its own way.
    private static let smallImages = 64

    /// Batches of prepared input, to be used in turn. Every network of a model gets the same.
    func batches(of size: Int, for session: Session) throws -> [Tensor] {
        let shape = session.architecture.input
        guard let preprocessing = session.preprocessing else {
            throw SessionError.notThreeChannels(shape.channels)
        }
        let images: [Image]
        switch self {
        case .given(let given): images = given
        case .synthetic(let seed):
            let count = shape.height <= 64 ? max(size, Self.smallImages) : size
            // As large as preprocessing wants it, so that resizing leaves the colours as they are.
            let side = shape.height <= 64 ? shape.height : shape.height * 256 / 224
            images = try (0..<count).map { try SyntheticImage(number: $0, seed: seed).image(side: side) }
        }
        let inputs = try images.map { try preprocessing($0) }
        // Each batch goes on where the last one ended, until every image had its turn.
        let batchCount = (inputs.count + size - 1) / size
        return try (0..<batchCount).map { batch in
            let values = (0..<size).flatMap { inputs[(batch * size + $0) % inputs.count] }
            return try Tensor(shape: [size, shape.channels, shape.height, shape.width], values: values)
        }
    }

    var description: String {
        switch self {
        case .synthetic: "synthetic: smooth random colour fields, normalised like the training data"
        case .given(let images): images.count == 1 ? "1 picture given" : "\(images.count) pictures given"
        }
    }
}
