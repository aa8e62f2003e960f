import ConvNetAIG
import Foundation

/// A smooth field of colours: for each of red, green and blue a sum of plane waves of low frequency, around
/// the middle grey. It has nothing on it, but its spectrum and range are nearer to a photograph's than noise
/// is.
struct SyntheticImage {
    let number: Int
    let seed: UInt64

    private static let waves = 6
    /// Of a wave, in grey levels.
    private static let amplitude: Float = 32
    /// Most periods across the image.
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
