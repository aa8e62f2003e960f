import ConvNetAIG

/// The images of `aig profile`: images, or noise where there are none.
struct ProfileInput {
    private let files: [String]
    private let session: Session

    /// Noise of unit variance, as normalised images have.
    private static let noise = Philox4x32(seed: 0x4149_4750)
    private static let amplitude = Float(3).squareRoot()

    init(files: [String], session: Session) {
        self.files = files
        self.session = session
    }

    /// So many images, the images again and again if they are fewer.
    ///
    /// - Throws: what is wrong with an image, with the path of its file.
    func tensor(images: Int) throws -> Tensor {
        let input = session.architecture.input
        let shape = [images, input.channels, input.height, input.width]
        guard !files.isEmpty else {
            let count = images * input.count
            let values = (0..<(count + 3) / 4).flatMap { index in
                let index = UInt64(index)
                let words = Self.noise(
                    counter: (UInt32(truncatingIfNeeded: index), UInt32(truncatingIfNeeded: index >> 32), 0, 0))
                return [words.0, words.1, words.2, words.3].map { Self.amplitude * (2 * Philox4x32.uniform($0) - 1) }
            }
            return try Tensor(shape: shape, values: Array(values.prefix(count)))
        }
        guard let preprocessing = session.preprocessing else {
            throw SessionError.notThreeChannels(input.channels)
        }
        let inputs = try files.map { try preprocessing(Image(contentsOf: $0)) }
        return try Tensor(shape: shape, values: (0..<images).flatMap { inputs[$0 % inputs.count] })
    }
}
