import Images

/// Some of the pictures of a set, with the classes of the whole set.
public struct PictureSubset: LabelledPictures {
    /// The whole set.
    public let base: any LabelledPictures
    /// The pictures that belong to the subset, by their indices in the whole set.
    public let indices: [Int]

    package init(of base: any LabelledPictures, indices: [Int]) {
        self.base = base
        self.indices = indices
    }

    public var path: String { base.path }
    public var classes: [String] { base.classes }
    public var count: Int { indices.count }

    public func label(_ index: Int) -> Int { base.label(indices[index]) }
    public func name(_ index: Int) -> String { base.name(indices[index]) }
    public func image(_ index: Int) throws -> Image { try base.image(indices[index]) }
}
