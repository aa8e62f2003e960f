/// The geometry of preprocessing one image: the size to which it is scaled, the part that is kept, and the position of that
/// part in the output.
struct PreprocessingPlan {
    /// The size of the whole image after resizing. It may be huge, as only the kept part is computed.
    let resized: Preprocessing.Size

    /// The size of the output.
    let output: Preprocessing.Size

    /// The columns and rows of the resized image to keep.
    let columns: Range<Int>
    let rows: Range<Int>

    /// The position of the kept part in the output, which is padded with black.
    let left: Int
    let top: Int

    init(resize: Preprocessing.Resize, crop: Preprocessing.Size?, width: Int, height: Int) {
        switch resize {
        case .none:
            resized = .init(width: width, height: height)
        case .exact(let newWidth, let newHeight):
            resized = .init(width: newWidth, height: newHeight)
        case .shorterSide(let size):
            let longer = PreprocessingPlan.longerSide(
                size, longer: max(width, height), shorter: min(width, height))
            resized =
                width <= height ? .init(width: size, height: longer) : .init(width: longer, height: size)
        }
        output = crop ?? resized
        (columns, left) = PreprocessingPlan.center(output.width, in: resized.width)
        (rows, top) = PreprocessingPlan.center(output.height, in: resized.height)
    }

    /// The longer side by torchvision's `int(size * long / short)`: one division in double precision.
    private static func longerSide(_ size: Int, longer: Int, shorter: Int) -> Int {
        Int(Double(size * longer) / Double(shorter))
    }

    /// The part of `length` samples that `torchvision.transforms.CenterCrop` keeps, and its position among `wanted` samples.
    private static func center(_ wanted: Int, in length: Int) -> (kept: Range<Int>, place: Int) {
        guard wanted <= length else {
            return (0..<length, (wanted - length) / 2)
        }
        // Python's round(excess / 2.0), which rounds halves to even.
        let excess = length - wanted
        let half = excess / 2
        let start = excess % 2 == 1 && half % 2 == 1 ? half + 1 : half
        return (start..<(start + wanted), 0)
    }
}

extension Preprocessing {
    /// A width and a height in pixels.
    public struct Size: Sendable, Hashable, Codable, CustomStringConvertible {
        /// The width in pixels.
        public var width: Int
        /// The height in pixels.
        public var height: Int

        /// Creates a size.
        public init(width: Int, height: Int) {
            self.width = width
            self.height = height
        }

        /// The size as in "224 x 224".
        public var description: String { "\(width) x \(height)" }
    }
}

extension Preprocessing {
    /// The size to which an image is scaled before it is cropped.
    public enum Resize: Sendable, Hashable {
        /// The shorter side has this length, and the longer one `Int(size * longer / shorter)`, truncated, as in
        /// `torchvision.transforms.Resize(size)`.
        case shorterSide(Int)

        /// Both sides are given; the aspect ratio may change.
        case exact(width: Int, height: Int)

        /// The image keeps its size.
        case none
    }
}

/// Coded as an object of one key: `{"shorterSide": 256}`, `{"exact": {"width": 32, "height": 32}}` or
/// `{"none": true}`.
extension Preprocessing.Resize: Codable {
    private enum CodingKeys: String, CodingKey {
        case shorterSide, exact, none
    }

    /// Decodes an object of exactly one key.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        guard let key = container.allKeys.first, container.allKeys.count == 1 else {
            throw DecodingError.dataCorrupted(
                .init(
                    codingPath: decoder.codingPath,
                    debugDescription: "resize needs exactly one of the keys shorterSide, exact and none"))
        }
        switch key {
        case .shorterSide:
            self = .shorterSide(try container.decode(Int.self, forKey: .shorterSide))
        case .exact:
            let size = try container.decode(Preprocessing.Size.self, forKey: .exact)
            self = .exact(width: size.width, height: size.height)
        case .none:
            self = .none
        }
    }

    /// Encodes an object of one key.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        switch self {
        case .shorterSide(let size):
            try container.encode(size, forKey: .shorterSide)
        case .exact(let width, let height):
            try container.encode(Preprocessing.Size(width: width, height: height), forKey: .exact)
        case .none:
            try container.encode(true, forKey: .none)
        }
    }
}
