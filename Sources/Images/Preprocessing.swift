/// The transformation of an image into a network's input: resize, centre crop, scale to 0...1, normalise.
///
/// The result equals that of torchvision's `Resize`, `CenterCrop`, `ToTensor` and `Normalize` on a Pillow image: resizing is
/// antialiased (except for ``Interpolation/nearest``) in Pillow's fixed-point arithmetic, and a sample v becomes
/// (v / 255 - mean) / std in single precision.
///
/// ```swift
/// let input = try Preprocessing.imageNet(Image(contentsOf: "cat.jpg"))  // 3 x 224 x 224 numbers
/// ```
public struct Preprocessing: Sendable, Hashable {
    /// The size to which the image is scaled.
    public let resize: Resize

    /// The interpolation of the scaled image.
    public let interpolation: Interpolation

    /// The size cropped from the centre of the scaled image, or nil to keep all of it. A smaller image is padded with black,
    /// before normalisation, as by torchvision.
    public let crop: Size?

    /// The means of red, green and blue, which are subtracted from samples scaled to 0...1.
    public let mean: [Float]

    /// The standard deviations of red, green and blue, by which the differences are divided.
    public let std: [Float]

    /// Creates a preprocessing.
    ///
    /// - Parameters:
    ///   - resize: The size to which the image is scaled.
    ///   - interpolation: The interpolation of the scaled image. Networks trained with torchvision's defaults use bilinear,
    ///     many of timm's bicubic interpolation.
    ///   - crop: The size cropped from the centre of the scaled image, or nil to keep all of it.
    ///   - mean: Three finite means, for samples scaled to 0...1.
    ///   - std: Three positive finite standard deviations, for samples scaled to 0...1.
    /// - Throws: ``PreprocessingError/invalidSize(role:width:height:)`` or
    ///   ``PreprocessingError/invalidStatistics(reason:)``.
    public init(
        resize: Resize, interpolation: Interpolation = .bilinear, crop: Size?, mean: [Float], std: [Float]
    ) throws(PreprocessingError) {
        switch resize {
        case .shorterSide(let size):
            try Preprocessing.checkSize(width: size, height: size, role: "resize", limitsPixels: false)
        case .exact(let width, let height):
            try Preprocessing.checkSize(
                width: width, height: height, role: "resize", limitsPixels: crop == nil)
        case .none:
            break
        }
        if let crop {
            try Preprocessing.checkSize(
                width: crop.width, height: crop.height, role: "crop", limitsPixels: true)
        }
        try Preprocessing.checkStatistics(mean: mean, std: std)
        self.init(uncheckedResize: resize, interpolation: interpolation, crop: crop, mean: mean, std: std)
    }

    /// The evaluation preprocessing of ImageNet networks: shorter side 256, centre crop 224 x 224, ImageNet's
    /// mean and standard deviation.
    public static let imageNet = Preprocessing(
        uncheckedResize: .shorterSide(256), crop: Size(width: 224, height: 224), mean: [0.485, 0.456, 0.406],
        std: [0.229, 0.224, 0.225])

    /// The evaluation preprocessing of CIFAR-10 networks: exactly 32 x 32, CIFAR-10's mean and standard
    /// deviation.
    public static let cifar10 = Preprocessing(
        uncheckedResize: .exact(width: 32, height: 32), crop: nil, mean: [0.4914, 0.4822, 0.4465],
        std: [0.2023, 0.1994, 0.2010])

    /// The customary preprocessing for a network of any input size. If neither side exceeds 64, images are resized to exactly
    /// that size. Otherwise the shorter side is resized to round(longer input side x 256 / 224), and the input size is cropped
    /// from the centre, which for 224 x 224 is ``imageNet``.
    ///
    /// - Parameters:
    ///   - inputWidth: The width of the network's input.
    ///   - inputHeight: The height of the network's input.
    ///   - interpolation: The interpolation of the scaled image.
    ///   - mean: Three finite means, for samples scaled to 0...1.
    ///   - std: Three positive finite standard deviations, for samples scaled to 0...1.
    /// - Throws: ``PreprocessingError/invalidSize(role:width:height:)`` or
    ///   ``PreprocessingError/invalidStatistics(reason:)``.
    public static func standard(
        inputWidth: Int, inputHeight: Int, interpolation: Interpolation = .bilinear, mean: [Float], std: [Float]
    ) throws(PreprocessingError) -> Preprocessing {
        try checkSize(width: inputWidth, height: inputHeight, role: "input size", limitsPixels: true)
        let longer = max(inputWidth, inputHeight)
        if longer <= 64 {
            return try Preprocessing(
                resize: .exact(width: inputWidth, height: inputHeight), interpolation: interpolation, crop: nil,
                mean: mean, std: std)
        }
        let resized = Int((Double(longer) * 256 / 224).rounded())
        return try Preprocessing(
            resize: .shorterSide(min(resized, Image.maximumSide)), interpolation: interpolation,
            crop: Size(width: inputWidth, height: inputHeight), mean: mean, std: std)
    }

    /// The size of the output if it is the same for every image; nil otherwise.
    public var outputSize: Size? {
        if let crop { return crop }
        if case .exact(let width, let height) = resize { return Size(width: width, height: height) }
        return nil
    }

    /// The size of the output for an image.
    ///
    /// - Throws: ``PreprocessingError/outputTooLarge(width:height:)`` if there is no crop and the image is
    ///   so elongated that it would be resized beyond ``Image/maximumPixelCount``.
    public func outputSize(for image: Image) throws(PreprocessingError) -> Size {
        try plan(for: image).output
    }

    /// The network's input for an image: 3 x height x width numbers (channel, row, column) of about zero mean and unit
    /// variance. The size is ``outputSize(for:)``.
    ///
    /// - Throws: ``PreprocessingError/outputTooLarge(width:height:)``; never with a ``crop`` or an exact
    ///   size.
    public func callAsFunction(_ image: Image) throws(PreprocessingError) -> [Float] {
        let plan = try plan(for: image)
        let count = 3 * plan.output.width * plan.output.height
        return [Float](unsafeUninitializedCapacity: count) { buffer, initializedCount in
            write(image, by: plan, into: buffer)
            initializedCount = count
        }
    }

    /// Writes the network's input for an image into memory, for instance into a batch.
    ///
    /// - Parameters:
    ///   - image: The image.
    ///   - buffer: Exactly 3 x height x width elements (channel, row, column), which need not be initialised and are all
    ///     written.
    /// - Throws: ``PreprocessingError/bufferSizeMismatch(expected:actual:)`` or
    ///   ``PreprocessingError/outputTooLarge(width:height:)``.
    public func callAsFunction(
        _ image: Image, into buffer: UnsafeMutableBufferPointer<Float>
    ) throws(PreprocessingError) {
        let plan = try plan(for: image)
        let count = 3 * plan.output.width * plan.output.height
        guard buffer.count == count else {
            throw .bufferSizeMismatch(expected: count, actual: buffer.count)
        }
        write(image, by: plan, into: buffer)
    }

    /// The image that the network sees: resized and cropped, but not normalised.
    ///
    /// - Throws: ``PreprocessingError/outputTooLarge(width:height:)``; never with a ``crop`` or an exact size
    ///   of sides within ``Image/maximumSide``.
    public func view(of image: Image) throws(PreprocessingError) -> Image {
        let plan = try plan(for: image)
        let width = plan.output.width
        guard width <= Image.maximumSide, plan.output.height <= Image.maximumSide else {
            throw .outputTooLarge(width: width, height: plan.output.height)
        }
        let count = 3 * width * plan.output.height
        let pixels = [UInt8](unsafeUninitializedCapacity: count) { buffer, initializedCount in
            guard let base = buffer.baseAddress else { return }
            buffer.initialize(repeating: 0)
            resampler(for: image, by: plan).resample { row, column, samples in
                guard let first = samples.baseAddress else { return }
                let target = base + ((plan.top + row) * width + plan.left + column) * 3
                target.update(from: first, count: samples.count)
            }
            initializedCount = count
        }
        return Image(uncheckedWidth: width, height: plan.output.height, pixels: pixels)
    }

    init(
        uncheckedResize resize: Resize, interpolation: Interpolation = .bilinear, crop: Size?, mean: [Float],
        std: [Float]
    ) {
        self.resize = resize
        self.interpolation = interpolation
        self.crop = crop
        self.mean = mean
        self.std = std
    }

    private func plan(for image: Image) throws(PreprocessingError) -> PreprocessingPlan {
        let plan = PreprocessingPlan(resize: resize, crop: crop, width: image.width, height: image.height)
        let (width, height) = (plan.output.width, plan.output.height)
        // Sides are below 2^32, so their product could overflow.
        guard width <= Image.maximumPixelCount / height else {
            throw .outputTooLarge(width: width, height: height)
        }
        return plan
    }

    private func resampler(for image: Image, by plan: PreprocessingPlan) -> Resampler {
        Resampler(
            image: image, interpolation: interpolation, width: plan.resized.width, height: plan.resized.height,
            columns: plan.columns,
            rows: plan.rows)
    }

    /// Initialises all of `buffer`, whose size is checked already.
    private func write(
        _ image: Image, by plan: PreprocessingPlan, into buffer: UnsafeMutableBufferPointer<Float>
    ) {
        guard let base = buffer.baseAddress else { return }
        let width = plan.output.width
        let planeCount = width * plan.output.height
        // A sample has 256 values: looking up the results is exact and saves divisions.
        let tables = (0..<3).flatMap { channel in
            (0...255).map { Preprocessing.normalized($0, mean: mean[channel], std: std[channel]) }
        }
        if plan.columns.count < width || plan.rows.count < plan.output.height {
            for channel in 0..<3 {
                (base + channel * planeCount).initialize(repeating: tables[256 * channel], count: planeCount)
            }
        }
        tables.withUnsafeBufferPointer { tables in
            resampler(for: image, by: plan).resample { row, column, samples in
                let place = (plan.top + row) * width + plan.left + column
                for channel in 0..<3 {
                    let plane = base + channel * planeCount + place
                    for index in 0..<(samples.count / 3) {
                        let value = Int(samples[3 * index + channel])
                        (plane + index).initialize(to: tables[256 * channel + value])
                    }
                }
            }
        }
    }

    /// `ToTensor` and `Normalize`, in their order and precision.
    private static func normalized(_ value: Int, mean: Float, std: Float) -> Float {
        (Float(value) / 255 - mean) / std
    }

    private static func checkSize(
        width: Int, height: Int, role: String, limitsPixels: Bool
    ) throws(PreprocessingError) {
        let sides = 1...Image.maximumSide
        guard sides.contains(width), sides.contains(height),
            !limitsPixels || width * height <= Image.maximumPixelCount
        else {
            throw .invalidSize(role: role, width: width, height: height)
        }
    }

    private static func checkStatistics(mean: [Float], std: [Float]) throws(PreprocessingError) {
        guard mean.count == 3 else { throw .invalidStatistics(reason: "mean has \(mean.count) values") }
        guard std.count == 3 else { throw .invalidStatistics(reason: "std has \(std.count) values") }
        for channel in 0..<3 {
            guard mean[channel].isFinite else {
                throw .invalidStatistics(reason: "mean has the value \(mean[channel])")
            }
            guard std[channel].isFinite, std[channel] > 0 else {
                throw .invalidStatistics(reason: "std has the value \(std[channel])")
            }
            // A tiny standard deviation overflows even though it is positive.
            for value in [0, 255]
            where !normalized(value, mean: mean[channel], std: std[channel]).isFinite {
                throw .invalidStatistics(
                    reason: "mean \(mean[channel]) and std \(std[channel]) give numbers that are not finite")
            }
        }
    }
}

/// Coded as an object of the keys `resize`, `interpolation` (absent for bilinear), `crop` (absent for nil), `mean` and
/// `std`. Decoding checks the values as ``init(resize:interpolation:crop:mean:std:)`` does, and throws the same errors.
extension Preprocessing: Codable {
    private enum CodingKeys: String, CodingKey {
        case resize, interpolation, crop, mean, std
    }

    /// Decodes and checks a preprocessing.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        try self.init(
            resize: container.decode(Resize.self, forKey: .resize),
            interpolation: container.decodeIfPresent(Interpolation.self, forKey: .interpolation) ?? .bilinear,
            crop: container.decodeIfPresent(Size.self, forKey: .crop),
            mean: container.decode([Float].self, forKey: .mean),
            std: container.decode([Float].self, forKey: .std))
    }

    /// Encodes the preprocessing.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(resize, forKey: .resize)
        // Bilinear is the default, as in files from before there was a choice.
        if interpolation != .bilinear { try container.encode(interpolation, forKey: .interpolation) }
        try container.encodeIfPresent(crop, forKey: .crop)
        try container.encode(mean, forKey: .mean)
        try container.encode(std, forKey: .std)
    }
}

extension Preprocessing {
    /// The image that a network's input shows: samples are rounded to 8 bits and clipped to black and white.
    ///
    /// - Parameters:
    ///   - input: 3 x height x width values, normalised as by this preprocessing.
    ///   - width: The width of the image.
    ///   - height: The height of the image.
    /// - Throws: ``ImageError/invalidPixels(width:height:count:)`` if the number of values does not match.
    public func image(
        of input: some RandomAccessCollection<Float>, width: Int, height: Int
    ) throws(ImageError) -> Image {
        let plane = width * height
        guard width > 0, height > 0, input.count == 3 * plane else {
            throw .invalidPixels(width: width, height: height, count: input.count)
        }
        var pixels = [UInt8](repeating: 0, count: 3 * plane)
        for (index, value) in input.enumerated() {
            let channel = index / plane
            let sample = (value * std[channel] + mean[channel]) * 255
            pixels[index % plane * 3 + channel] = UInt8(min(max(sample, 0), 255).rounded())
        }
        return try Image(width: width, height: height, pixels: pixels)
    }

    /// The same normalisation for images that have the network's input size.
    public var withoutResizing: Preprocessing {
        Preprocessing(uncheckedResize: .none, crop: nil, mean: mean, std: std)
    }
}
