import CTurboJPEG

/// Encodes images as JPEG files with libjpeg-turbo.
enum JPEGEncoder {
    static func encode(
        _ image: Image, quality: Int, subsampling: JPEGSubsampling
    ) throws(ImageError) -> [UInt8] {
        guard (1...100).contains(quality) else { throw .invalidQuality(quality) }
        let (width, height) = (Int32(image.width), Int32(image.height))
        guard let handle = tjInitCompress() else {
            throw .unencodable(reason: "the JPEG encoder does not start (out of memory)")
        }
        defer { tjDestroy(handle) }
        let sampling = Int32(subsampling == .quarter ? TJSAMP_420.rawValue : TJSAMP_444.rawValue)
        let capacity = tjBufSize(width, height, sampling)
        var status: Int32 = -1
        let bytes = [UInt8](unsafeUninitializedCapacity: Int(capacity)) { buffer, count in
            var target = buffer.baseAddress
            var size = capacity
            status = image.pixels.withUnsafeBufferPointer { pixels in
                tjCompress2(
                    handle, pixels.baseAddress, width, width * 3, height, TJPF_RGB.rawValue, &target, &size, sampling,
                    Int32(quality), TJFLAG_ACCURATEDCT | TJFLAG_NOREALLOC)
            }
            count = status == 0 ? Int(size) : 0
        }
        guard status == 0 else {
            throw .unencodable(reason: tjGetErrorStr2(handle).map { String(cString: $0) } ?? "no message")
        }
        return bytes
    }
}

/// The chroma subsampling of a JPEG file.
public enum JPEGSubsampling: Sendable, Hashable {
    /// Full resolution (4:4:4).
    case none
    /// One value for every 2 x 2 pixels (4:2:0), the usual choice.
    case quarter
}

extension Image {
    /// Encodes the image as a JPEG file.
    ///
    /// - Parameters:
    ///   - quality: 1 to 100, on the scale of the Independent JPEG Group.
    ///   - subsampling: The resolution of the colours.
    /// - Returns: The contents of the file.
    /// - Throws: ``ImageError/invalidQuality(_:)``, or ``ImageError/unencodable(reason:)`` for an image larger than the
    ///   format allows.
    public func jpeg(quality: Int, subsampling: JPEGSubsampling = .quarter) throws(ImageError) -> [UInt8] {
        try JPEGEncoder.encode(self, quality: quality, subsampling: subsampling)
    }
}
