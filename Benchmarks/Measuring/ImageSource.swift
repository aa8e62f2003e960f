import ConvNetAIG
import Foundation

/// The images that networks are timed on.
enum ImageSource {
    case synthetic(seed: UInt64)
    /// The user's images, repeated to fill a batch.
    case given([Image])

    /// The number of different synthetic images if they are small: trained gates choose a route for each.
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

/// A smooth field of colours: for each of red, green and blue a sum of plane waves of low frequency, around
/// the middle grey. It shows nothing, but its spectrum and range are closer to a photograph's than those of
/// noise.
struct SyntheticImage {
    let number: Int
    let seed: UInt64

    private static let waves = 6
    /// Of a wave, in grey levels.
    private static let amplitude: Float = 32
    /// The most periods across the image.
    private static let highestFrequency: Float = 4
    /// Keeps these numbers apart from others of the same seed.
    private static let purpose: UInt32 = 0x5049_4354

    /// - Parameter side: rows and columns.
    func image(side: Int) throws -> Image {
        let generator = Philox4x32(seed: seed)
        var levels = [Float](repeating: 127.5, count: 3 * side * side)
        for channel in 0..<3 {
            for wave in 0..<Self.waves {
                let words = generator(
                    counter: (
                        UInt32(truncatingIfNeeded: number), UInt32(channel), UInt32(wave), Self.purpose
                    ))
                let phase = 2 * Float.pi * Philox4x32.uniform(words.0)
                let scale = 2 * Float.pi / Float(side)
                let acrossFrequency = scale * Self.highestFrequency * (2 * Philox4x32.uniform(words.1) - 1)
                let downFrequency = scale * Self.highestFrequency * (2 * Philox4x32.uniform(words.2) - 1)
                // cos(a + b) = cos a cos b - sin a sin b: cosines for rows and columns, not for every pixel.
                let across = (0..<side).map { acrossFrequency * Float($0) }
                let (cosines, sines) = (across.map { cos($0) }, across.map { sin($0) })
                for row in 0..<side {
                    let angle = downFrequency * Float(row) + phase
                    let (cosine, sine) = (Self.amplitude * cos(angle), Self.amplitude * sin(angle))
                    for column in 0..<side {
                        levels[3 * (row * side + column) + channel] +=
                            cosine * cosines[column] - sine * sines[column]
                    }
                }
            }
        }
        return try Image(
            width: side, height: side, pixels: levels.map { UInt8(min(max($0.rounded(), 0), 255)) })
    }
}
