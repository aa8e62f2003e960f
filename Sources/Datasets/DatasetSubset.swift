import Images

/// Some of the images of a set, with the classes of the whole set.
public struct DatasetSubset: Dataset {
    /// The whole set.
    public let base: any Dataset
    /// The images that belong to the subset, by their indices in the whole set.
    public let indices: [Int]

    package init(of base: any Dataset, indices: [Int]) {
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

/// The images of a set under a network's names of their classes.
struct RenamedImages: Dataset {
    let base: any Dataset
    let classes: [String]

    var path: String { base.path }
    var count: Int { base.count }

    func label(_ index: Int) -> Int { base.label(index) }
    func name(_ index: Int) -> String { base.name(index) }
    func image(_ index: Int) throws -> Image { try base.image(index) }
}

extension Dataset {
    /// The indices of so many images, taken evenly from all classes: as many of each as there are places for, or all of a
    /// class that has fewer, whose places the others then share. What is left over goes to the first classes. Within a class
    /// they are spread over the set.
    ///
    /// - Parameter limit: how many; nil for all.
    /// - Returns: in the order of the set.
    package func evenIndices(limit: Int?) -> [Int] {
        guard let limit, limit < count else { return Array(0..<count) }
        var byClass = [[Int]](repeating: [], count: classes.count)
        for index in 0..<count { byClass[label(index)].append(index) }
        var shares = [Int](repeating: 0, count: classes.count)
        var left = max(limit, 0)
        while left > 0 {
            let open = byClass.indices.filter { shares[$0] < byClass[$0].count }
            guard !open.isEmpty else { break }
            let each = max(left / open.count, 1)
            for label in open where left > 0 {
                let taken = min(each, byClass[label].count - shares[label], left)
                shares[label] += taken
                left -= taken
            }
        }
        return zip(byClass, shares).flatMap { indices, share in
            (0..<share).map { indices[$0 * indices.count / share] }
        }.sorted()
    }

    /// So many of the images, taken evenly from all classes; all where that is not less.
    public func limited(to limit: Int?) -> any Dataset {
        guard let limit, limit < count else { return self }
        return DatasetSubset(of: self, indices: evenIndices(limit: limit))
    }

    /// Only images of the first so many classes, with these classes.
    package func restricted(to classCount: Int) -> any Dataset {
        guard classes.count > classCount else { return self }
        let kept = (0..<count).filter { label($0) < classCount }
        return RenamedImages(
            base: DatasetSubset(of: self, indices: kept), classes: Array(classes.prefix(classCount)))
    }

    /// The images with their classes called as a network calls them.
    /// - Throws: ``DatasetError``, as ``ClassMatching``.
    package func renamed(
        by names: [String]?, others: [[String]] = [], count: Int
    ) throws(DatasetError) -> (images: any Dataset, matching: ClassMatching) {
        let matching = try ClassMatching(classes, to: names, others: others, count: count, path: path)
        guard let names else { return (self, matching) }
        return (RenamedImages(base: self, classes: matching.indices.map { names[$0] }), matching)
    }
}
