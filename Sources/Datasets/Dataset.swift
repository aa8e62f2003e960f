import Images

/// Images that each belong to one class: what a network is trained with or measured on. Read from several threads.
public protocol Dataset: Sendable {
    /// Where they come from, for messages.
    var path: String { get }
    /// Names of the classes; a label is an index into these.
    var classes: [String] { get }
    /// Number of images.
    var count: Int { get }

    /// The class of image `index` of `0..<count`.
    func label(_ index: Int) -> Int

    /// What messages call image `index`.
    func name(_ index: Int) -> String

    /// Reads and decodes image `index`.
    /// - Throws: what is wrong with it, `ImageError` if it is an image file. The others are not concerned.
    func image(_ index: Int) throws -> Image
}

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

/// Which part of a dataset.
public enum DataSplit: String, Sendable, Hashable, Codable, CaseIterable {
    /// What a network learns from.
    case train
    /// What it is measured on.
    case test
}

/// An image that could not be read and was left out.
public struct ImageFailure: Sendable, Hashable, CustomStringConvertible {
    /// What its set calls the image.
    public let name: String
    /// What is wrong with it, and what to do.
    public let reason: String

    public init(name: String, reason: String) {
        self.name = name
        self.reason = reason
    }

    /// Errors of images name the file themselves.
    public var description: String { reason.contains(name) ? reason : "\(name): \(reason)" }
}
