/// How the stored rows and columns of an image lie in the image as it is to be seen: the EXIF tag Orientation
/// (CIPA DC-008, 4.6.5; TIFF 6.0, "Orientation").
enum Orientation: Int, CaseIterable {
    case upright = 1
    case mirrored = 2
    case rotatedHalf = 3
    case flipped = 4
    case transposed = 5
    case rotatedRight = 6
    case transversed = 7
    case rotatedLeft = 8

    /// Whether the stored rows are the seen columns.
    var swapsSides: Bool { rawValue >= 5 }

    /// Whether walking along a seen row goes backwards through the stored row or column.
    private var walksRowsBackwards: Bool { [.mirrored, .rotatedHalf, .rotatedRight, .transversed].contains(self) }

    /// Whether walking down a seen column goes backwards through the stored column or row.
    private var walksColumnsBackwards: Bool {
        [.rotatedHalf, .flipped, .transversed, .rotatedLeft].contains(self)
    }

    /// The pixels of a stored image, 3 bytes each, in the order in which they are to be seen.
    func apply(to image: Image) -> Image {
        guard self != .upright else { return image }
        let (width, height) = swapsSides ? (image.height, image.width) : (image.width, image.height)
        let (pixelStride, rowStride) = (3, 3 * image.width)
        // The steps through the stored bytes for a step to the right and a step down in the seen image.
        let right = (swapsSides ? rowStride : pixelStride) * (walksRowsBackwards ? -1 : 1)
        let down = (swapsSides ? pixelStride : rowStride) * (walksColumnsBackwards ? -1 : 1)
        let first = (walksRowsBackwards ? -right * (width - 1) : 0) + (walksColumnsBackwards ? -down * (height - 1) : 0)
        let pixels = [UInt8](unsafeUninitializedCapacity: image.pixels.count) { buffer, count in
            image.pixels.withUnsafeBufferPointer { stored in
                guard let source = stored.baseAddress, let target = buffer.baseAddress else { return }
                Orientation.copy(source + first, right, down, to: target, width: width, height: height)
                count = stored.count
            }
        }
        return Image(uncheckedWidth: width, height: height, pixels: pixels)
    }

    /// Copies tile by tile, so that a walk across the stored rows finds their next pixels still in the cache.
    private static func copy(
        _ source: UnsafePointer<UInt8>, _ right: Int, _ down: Int, to target: UnsafeMutablePointer<UInt8>, width: Int,
        height: Int
    ) {
        let tile = 64
        for top in stride(from: 0, to: height, by: tile) {
            for left in stride(from: 0, to: width, by: tile) {
                let columns = min(tile, width - left)
                for row in top..<min(top + tile, height) {
                    var pixel = source + row * down + left * right
                    var place = target + (row * width + left) * 3
                    for _ in 0..<columns {
                        place[0] = pixel[0]
                        place[1] = pixel[1]
                        place[2] = pixel[2]
                        pixel += right
                        place += 3
                    }
                }
            }
        }
    }
}
