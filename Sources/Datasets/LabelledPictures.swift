import Images

/// Pictures that each belong to one class: what a network is trained with or measured on. Read from several threads.
public protocol LabelledPictures: Sendable {
    /// Where they come from, for messages.
    var path: String { get }
    /// Names of the classes; a label is an index into these.
    var classes: [String] { get }
    /// Number of pictures.
    var count: Int { get }

    /// The class of picture `index` of `0..<count`.
    func label(_ index: Int) -> Int

    /// What messages call picture `index`.
    func name(_ index: Int) -> String

    /// Reads and decodes picture `index`.
    /// - Throws: what is wrong with it, `ImageError` if it is a picture file. The others are not concerned.
    func image(_ index: Int) throws -> Image
}
