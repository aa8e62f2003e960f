extension Preprocessing {
    /// How an image is scaled before it is cropped.
    public enum Resize: Sendable, Hashable {
        /// The shorter side becomes this long and the longer side `Int(size * longer / shorter)`, truncated,
        /// as `torchvision.transforms.Resize(size)` does.
        case shorterSide(Int)

        /// Both sides are given; the aspect ratio is not kept.
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
