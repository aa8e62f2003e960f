/// Decodes JPEG files without an end-of-image marker, if all their pixels are there.
///
/// A file that was cut within its image has no such marker either, and may have been filled up with zeros, which a
/// Huffman decoder takes for pixels like any other bytes. So the filling is taken off first, a marker is put in its
/// place, and the decoder is asked twice: it must find enough data up to there, and not enough a little before. Files
/// that leave a doubt count as cut. Only an image whose last few bytes were overwritten with others is not told from a
/// sound one, as little as one that is damaged elsewhere: the data have no check sum.
enum JPEGEndRepair {
    /// The most bytes of anything that may stand where the marker and its filling should.
    private static let longestRubbish = 16

    private static let endOfImage: [UInt8] = [0xFF, 0xD9]

    /// The image, or nil if pixels are missing or may be.
    static func decode(_ data: UnsafeRawBufferPointer, _ structure: JPEGStructure, name: String) -> Image? {
        // An arithmetic decoder takes missing data for zeros without a word.
        guard structure.isHuffmanCoded, structure.endsInScan, structure.coverage.isComplete else { return nil }
        let filled = data.count - contentCount(data)
        if let image = decode(data.dropLast(filled), structure, name: name) {
            let short = data.dropLast(min(filled + longestRubbish + 1, data.count))
            return decode(short, structure, name: name) == nil ? image : nil
        }
        // The last one or two bytes of the image may be zeros themselves.
        return filled <= endOfImage.count ? decode(data[...], structure, name: name) : nil
    }

    /// The count of bytes without the zeros and the fill bytes (0xFF) at the end. In the image's data a byte 0xFF is
    /// followed by a zero, and such a pair stays.
    private static func contentCount(_ data: UnsafeRawBufferPointer) -> Int {
        var count = data.count
        while count >= 2, data[count - 1] == 0 || data[count - 1] == 0xFF {
            if data[count - 1] == 0, data[count - 2] == 0xFF { break }
            count -= 1
        }
        return count
    }

    /// The image of data that lack nothing but an end-of-image marker, or nil if they lack more. Only the decoder's
    /// first warning is known: about bytes before the marker that was put there, all else is done.
    private static func decode(
        _ data: Slice<UnsafeRawBufferPointer>, _ structure: JPEGStructure, name: String
    ) -> Image? {
        let ended = Array(data) + endOfImage
        return ended.withUnsafeBytes { bytes in
            try? JPEGDecoder.decodePixels(bytes, structure, name: name) { message in
                message.contains("extraneous bytes before marker 0xd9")
            }
        }
    }
}
