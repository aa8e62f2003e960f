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
