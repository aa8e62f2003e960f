extension Preprocessing {
    /// The image that a network's input shows: samples are rounded to 8 bits, and what is beyond black or white is cut.
    ///
    /// - Parameter input: 3 x height x width values, normalised as by this.
    /// - Throws: ``ImageError/invalidPixels(width:height:count:)`` if there are not as many values.
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

    /// The same normalisation of images that have the network's size already.
    public var withoutResizing: Preprocessing {
        Preprocessing(uncheckedResize: .none, crop: nil, mean: mean, std: std)
    }
}
