/// Resizes a part of an image exactly as Pillow's `Image.resize(size, resampling)`: with an antialiased filter in fixed point,
/// first along rows and then along columns, rounded to 8 bits after each pass (src/libImaging/Resample.c).
///
/// Since version 13, Pillow processes columns first if the height shrinks more than the width, if only by the rounding of
/// the size. Such images may differ from that version's by one grey level.
///
/// Only the requested columns and rows of the resized image are computed.
struct Resampler {
    /// Receives a part of a row of the result: the row and the first column, relative to the corner of the requested part,
    /// and interleaved RGB samples. A row may come in several pieces.
    typealias Write = (_ row: Int, _ column: Int, _ samples: UnsafeBufferPointer<UInt8>) -> Void

    /// Maximum size in bytes of the image between the two passes. Wider parts are computed in strips, so that even a stretched
    /// image of 1 x 60,000 pixels needs little memory.
    private static let stripByteCount = 1 << 24

    /// The image to resize.
    let image: Image

    /// The interpolation.
    let interpolation: Interpolation

    /// The size to which the whole image is scaled, at least one each.
    let width: Int
    let height: Int

    /// The requested part of the resized image, which is not empty.
    let columns: Range<Int>
    let rows: Range<Int>

    /// Computes the part. As in Pillow, an axis that keeps its size is not filtered.
    func resample(_ write: Write) {
        let horizontal =
            width == image.width
            ? nil : ResamplingCoefficients(interpolation, inputSize: image.width, outputSize: width, outputs: columns)
        let vertical =
            height == image.height
            ? nil : ResamplingCoefficients(interpolation, inputSize: image.height, outputSize: height, outputs: rows)
        let inputRows = vertical?.inputRange ?? rows
        let rowStride = image.width * 3

        image.pixels.withUnsafeBufferPointer { pixels in
            guard let base = pixels.baseAddress else { return }
            let source = base + inputRows.lowerBound * rowStride
            if let horizontal {
                resampleStrips(source, rowStride, inputRows, horizontal, vertical, write)
            } else {
                verticalPass(
                    source + columns.lowerBound * 3, rowStride, inputRows.lowerBound, vertical,
                    columns: 0..<columns.count, write)
            }
        }
    }

    /// Runs both passes, strip by strip of columns. `source` is the first sample of the first input row.
    private func resampleStrips(
        _ source: UnsafePointer<UInt8>, _ rowStride: Int, _ inputRows: Range<Int>,
        _ horizontal: ResamplingCoefficients, _ vertical: ResamplingCoefficients?, _ write: Write
    ) {
        let fitting = Resampler.stripByteCount / (3 * inputRows.count)
        let stripWidth = min(max(fitting, 1), columns.count)
        let stripStride = stripWidth * 3
        let strip = UnsafeMutablePointer<UInt8>.allocate(capacity: stripStride * inputRows.count)
        defer { strip.deallocate() }
        for first in stride(from: 0, to: columns.count, by: stripWidth) {
            let part = first..<min(first + stripWidth, columns.count)
            for row in 0..<inputRows.count {
                let (input, output) = (source + row * rowStride, strip + row * stripStride)
                if horizontal.hasNegativeWeights {
                    signedHorizontalPass(input, horizontal, part, into: output)
                } else {
                    horizontalPass(input, horizontal, part, into: output)
                }
            }
            verticalPass(strip, stripStride, inputRows.lowerBound, vertical, columns: part, write)
        }
    }

    /// Computes the outputs `part` of one row with weights that are not negative.
    private func horizontalPass(
        _ row: UnsafePointer<UInt8>, _ coefficients: ResamplingCoefficients, _ part: Range<Int>,
        into target: UnsafeMutablePointer<UInt8>
    ) {
        let precision = UInt64(ResamplingCoefficients.precisionBits)
        let half = UInt64(1) << (precision - 1)
        coefficients.withUnsafeTaps { starts, counts, offsets, allWeights in
            var target = target
            for output in part {
                var sample = row + starts[output] * 3
                let weights = allWeights + offsets[output]
                // Red and blue share one multiplication: weights are not negative and sums are below 2^31, so nothing
                // carries from the lower half into the upper.
                var redAndBlue = half | half << 32
                var green = half
                for tap in 0..<counts[output] {
                    let weight = UInt64(truncatingIfNeeded: weights[tap])
                    redAndBlue &+= (UInt64(sample[0]) | UInt64(sample[2]) &<< 32) &* weight
                    green &+= UInt64(sample[1]) &* weight
                    sample += 3
                }
                target[0] = UInt8(truncatingIfNeeded: min((redAndBlue & 0xFFFF_FFFF) &>> precision, 255))
                target[1] = UInt8(truncatingIfNeeded: min(green &>> precision, 255))
                target[2] = UInt8(truncatingIfNeeded: min(redAndBlue &>> (32 + precision), 255))
                target += 3
            }
        }
    }

    /// Computes the outputs `part` of one row with weights of either sign.
    private func signedHorizontalPass(
        _ row: UnsafePointer<UInt8>, _ coefficients: ResamplingCoefficients, _ part: Range<Int>,
        into target: UnsafeMutablePointer<UInt8>
    ) {
        let half = Int32(1) << (ResamplingCoefficients.precisionBits - 1)
        coefficients.withUnsafeTaps { starts, counts, offsets, allWeights in
            var target = target
            for output in part {
                var sample = row + starts[output] * 3
                let weights = allWeights + offsets[output]
                var (red, green, blue) = (half, half, half)
                for tap in 0..<counts[output] {
                    let weight = weights[tap]
                    red &+= Int32(sample[0]) &* weight
                    green &+= Int32(sample[1]) &* weight
                    blue &+= Int32(sample[2]) &* weight
                    sample += 3
                }
                target[0] = Resampler.clipped(red)
                target[1] = Resampler.clipped(green)
                target[2] = Resampler.clipped(blue)
                target += 3
            }
        }
    }

    /// A weighted sum as a sample, clipped to black and white.
    @inline(__always)
    private static func clipped(_ sum: Int32) -> UInt8 {
        UInt8(truncatingIfNeeded: min(max(sum &>> ResamplingCoefficients.precisionBits, 0), 255))
    }

    /// Computes the rows from an image whose columns are already resized, and passes them to `write`. `source` is the
    /// first sample of input row `firstRow`.
    private func verticalPass(
        _ source: UnsafePointer<UInt8>, _ rowStride: Int, _ firstRow: Int,
        _ coefficients: ResamplingCoefficients?, columns: Range<Int>, _ write: Write
    ) {
        let sampleCount = columns.count * 3
        guard let coefficients else {
            for row in 0..<rows.count {
                let samples = UnsafeBufferPointer(start: source + row * rowStride, count: sampleCount)
                write(row, columns.lowerBound, samples)
            }
            return
        }
        let precision = ResamplingCoefficients.precisionBits
        let sums = UnsafeMutablePointer<Int32>.allocate(capacity: sampleCount)
        defer { sums.deallocate() }
        let result = UnsafeMutablePointer<UInt8>.allocate(capacity: sampleCount)
        defer { result.deallocate() }
        coefficients.withUnsafeTaps { starts, counts, offsets, weights in
            for row in 0..<rows.count {
                sums.update(repeating: 1 << (precision - 1), count: sampleCount)
                for tap in 0..<counts[row] {
                    let weight = weights[offsets[row] + tap]
                    let samples = source + (starts[row] - firstRow + tap) * rowStride
                    for index in 0..<sampleCount {
                        sums[index] &+= Int32(samples[index]) &* weight
                    }
                }
                if coefficients.hasNegativeWeights {
                    for index in 0..<sampleCount { result[index] = Resampler.clipped(sums[index]) }
                } else {
                    for index in 0..<sampleCount {
                        result[index] = UInt8(truncatingIfNeeded: min(sums[index] &>> precision, 255))
                    }
                }
                write(row, columns.lowerBound, UnsafeBufferPointer(start: result, count: sampleCount))
            }
        }
    }
}
