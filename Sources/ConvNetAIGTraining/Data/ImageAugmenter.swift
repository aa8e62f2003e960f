import ConvNetAIG

/// Makes the network's input from an image: augmented by random draws, and normalised.
struct ImageAugmenter: Sendable {
    private let width: Int
    private let height: Int
    private let augmentation: Augmentation
    private let erasing: RandomErasing?
    private let seed: UInt64
    /// Resizes as the images are that the network is measured with.
    private let evaluation: Preprocessing
    /// Resizes a part of an image.
    private let scaling: Preprocessing
    /// The normalised value of each sample value: 3 x 256. Looking it up is exact and saves a division.
    private let tables: [Float]

    /// - Throws: ``DataLoaderError`` if the input does not have three channels, ``AugmentationError`` or
    ///   `PreprocessingError`.
    init(
        input: FeatureShape, mean: [Float], std: [Float], augmentation: Augmentation,
        erasing: RandomErasing? = nil, seed: UInt64
    ) throws {
        guard input.channels == 3 else { throw DataLoaderError.notThreeChannels(input.channels) }
        evaluation = try Preprocessing.standard(
            inputWidth: input.width, inputHeight: input.height, mean: mean, std: std)
        scaling = try Preprocessing(
            resize: .exact(width: input.width, height: input.height), crop: nil, mean: mean, std: std)
        try augmentation.validate(width: input.width, height: input.height)
        try erasing?.validate()
        (width, height) = (input.width, input.height)
        self.augmentation = augmentation
        self.erasing = erasing
        self.seed = seed
        // In the order and precision of `Preprocessing`, so that an image that is not augmented is its very output.
        tables = (0..<3).flatMap { channel in
            (0...255).map { (Float($0) / 255 - mean[channel]) / std[channel] }
        }
    }

    /// The part of the work that is the same in every epoch.
    /// - Throws: `PreprocessingError`.
    func prepare(_ image: Image) throws -> Image {
        switch augmentation {
        case .off, .cropAndFlip: try evaluation.view(of: image)
        case .randomResizedCrop: image
        }
    }

    /// Writes an image that ``prepare(_:)`` made, augmented.
    ///
    /// - Parameters:
    ///   - index: the image's index in its set, which with the epoch and the seed decides what is drawn.
    ///   - target: 3 x height x width numbers. All are written, none is read.
    /// - Throws: `PreprocessingError`.
    func write(_ image: Image, index: Int, epoch: Int, into target: UnsafeMutableBufferPointer<Float>) throws {
        var words = RandomWords(seed: seed, purpose: .augmentation, stream: (index, epoch))
        switch augmentation {
        case .off:
            write(image, left: 0, top: 0, isMirrored: false, into: target)
        case .cropAndFlip(let padding, let mode):
            let top = words.below(2 * padding + 1) - padding
            let left = words.below(2 * padding + 1) - padding
            write(image, left: left, top: top, isMirrored: words.coin(), outside: mode, into: target)
        case .randomResizedCrop(let scale, let ratio):
            let box = CropBox.random(
                width: image.width, height: image.height, scale: scale, ratio: ratio, &words)
            let resized = try scaling.view(of: Self.part(of: image, box))
            write(resized, left: 0, top: 0, isMirrored: words.coin(), into: target)
        }
        if let box = erasing?.box(width: width, height: height, &words) { erase(box, in: target) }
    }

    /// Writes the mean colour, which is 0 once images are normalised.
    private func erase(_ box: CropBox, in target: UnsafeMutableBufferPointer<Float>) {
        for channel in 0..<3 {
            for row in box.top..<box.top + box.height {
                let start = (channel * height + row) * width + box.left
                target[start..<start + box.width].update(repeating: 0)
            }
        }
    }

    /// Writes the part of an image of the input's size that begins at `left` and `top`.
    ///
    /// - Parameter outside: what takes the place of pixels that the image does not have.
    private func write(
        _ image: Image, left: Int, top: Int, isMirrored: Bool, outside: Augmentation.PaddingMode = .black,
        into target: UnsafeMutableBufferPointer<Float>
    ) {
        let places = (0..<width).map { outside.source(of: left + (isMirrored ? width - 1 - $0 : $0), count: width) }
        // Black columns lie beside those of the image, so that there is nothing to decide for each sample.
        let before = places.prefix { $0 == nil }.count
        let columns = places.compactMap { $0 }
        tables.withUnsafeBufferPointer { tables in
            image.pixels.withUnsafeBufferPointer { pixels in
                guard let base = target.baseAddress, let samples = pixels.baseAddress,
                    let tables = tables.baseAddress
                else { return }
                for channel in 0..<3 {
                    let table = tables + 256 * channel
                    for row in 0..<height {
                        let line = base + (channel * height + row) * width
                        guard let source = outside.source(of: top + row, count: height) else {
                            line.initialize(repeating: table[0], count: width)
                            continue
                        }
                        let sourceLine = samples + 3 * width * source + channel
                        line.initialize(repeating: table[0], count: before)
                        var value = line + before
                        for column in columns {
                            value.initialize(to: table[Int(sourceLine[3 * column])])
                            value += 1
                        }
                        value.initialize(repeating: table[0], count: width - before - columns.count)
                    }
                }
            }
        }
    }

    private static func part(of image: Image, _ box: CropBox) throws -> Image {
        guard box.width < image.width || box.height < image.height else { return image }
        let rowCount = 3 * box.width
        let pixels = [UInt8](unsafeUninitializedCapacity: rowCount * box.height) { buffer, initializedCount in
            image.pixels.withUnsafeBufferPointer { source in
                guard let target = buffer.baseAddress, let source = source.baseAddress else { return }
                for row in 0..<box.height {
                    let start = source + 3 * ((box.top + row) * image.width + box.left)
                    (target + row * rowCount).initialize(from: start, count: rowCount)
                }
                initializedCount = rowCount * box.height
            }
        }
        return try Image(width: box.width, height: box.height, pixels: pixels)
    }
}

extension Augmentation.PaddingMode {
    /// The row or column of an image that is seen at a place in or beside it; nil for black.
    ///
    /// - Parameter count: the image's rows or columns; `place` is less than that far outside.
    fileprivate func source(of place: Int, count: Int) -> Int? {
        if (0..<count).contains(place) { return place }
        switch self {
        case .black: return nil
        case .reflect: return place < 0 ? -place : 2 * (count - 1) - place
        }
    }
}
