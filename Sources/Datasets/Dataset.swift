import Images

/// Labelled images, on which a network is trained or evaluated. Several threads may read them at once.
public protocol Dataset: Sendable {
    /// The path of the dataset, for messages.
    var path: String { get }
    /// The names of the classes; labels are indices into them.
    var classes: [String] { get }
    /// Number of images.
    var count: Int { get }

    /// The label of the image at an index in `0..<count`.
    func label(_ index: Int) -> Int

    /// The name of the image at an index, for messages.
    func name(_ index: Int) -> String

    /// Reads and decodes the image at an index.
    ///
    /// - Throws: An error about this image, such as `ImageError`. Other images can still be read.
    func image(_ index: Int) throws -> Image
}

/// A part of a dataset, with the classes of the whole.
public struct DatasetSubset: Dataset {
    /// The whole dataset.
    public let base: any Dataset
    /// The indices of the images in the whole dataset.
    public let indices: [Int]

    package init(of base: any Dataset, indices: [Int]) {
        self.base = base
        self.indices = indices
    }

    /// The path of the whole dataset.
    public var path: String { base.path }
    /// The classes of the whole dataset.
    public var classes: [String] { base.classes }
    /// Number of images in the subset.
    public var count: Int { indices.count }

    /// The label of the image at an index in `0..<count`.
    public func label(_ index: Int) -> Int { base.label(indices[index]) }
    /// The name of the image at an index.
    public func name(_ index: Int) -> String { base.name(indices[index]) }
    /// Reads and decodes the image at an index.
    public func image(_ index: Int) throws -> Image { try base.image(indices[index]) }
}

/// A dataset whose classes have a network's names.
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
    /// The indices of a class-balanced selection. Each class gets an equal share, or all its images if it has fewer, in which
    /// case the others share the rest; a remainder goes to the first classes. The images of a class are spread evenly over
    /// the dataset.
    ///
    /// - Parameter limit: The number of images; nil for all.
    /// - Returns: Indices in ascending order.
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

    /// A class-balanced subset of at most `limit` images; the dataset itself if it has no more.
    public func limited(to limit: Int?) -> any Dataset {
        guard let limit, limit < count else { return self }
        return DatasetSubset(of: self, indices: evenIndices(limit: limit))
    }

    /// The images of the first `classCount` classes, with only these classes.
    package func restricted(to classCount: Int) -> any Dataset {
        guard classes.count > classCount else { return self }
        let kept = (0..<count).filter { label($0) < classCount }
        return RenamedImages(
            base: DatasetSubset(of: self, indices: kept), classes: Array(classes.prefix(classCount)))
    }

    /// The dataset with a network's names of its classes.
    ///
    /// - Throws: ``DatasetError``, as ``ClassMatching`` does.
    package func renamed(
        by names: [String]?, others: [[String]] = [], count: Int
    ) throws(DatasetError) -> (images: any Dataset, matching: ClassMatching) {
        let matching = try ClassMatching(classes, to: names, others: others, count: count, path: path)
        guard let names else { return (self, matching) }
        return (RenamedImages(base: self, classes: matching.indices.map { names[$0] }), matching)
    }
}

/// A split of a dataset.
public enum DataSplit: String, Sendable, Hashable, Codable, CaseIterable {
    /// The images that networks are trained on.
    case train
    /// The images that networks are tested on.
    case test
}

/// An image that could not be read and was left out.
public struct ImageFailure: Sendable, Hashable, CustomStringConvertible {
    /// The image's name in its dataset.
    public let name: String
    /// The error, which says what to do.
    public let reason: String

    /// Creates a failure of an image of this name.
    public init(name: String, reason: String) {
        self.name = name
        self.reason = reason
    }

    /// The reason, with the name unless the reason has it already.
    public var description: String { reason.contains(name) ? reason : "\(name): \(reason)" }
}
