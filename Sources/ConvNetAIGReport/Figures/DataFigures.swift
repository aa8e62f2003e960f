/// The pictures that a report is about.
public struct DataFigures: Sendable, Hashable, Codable {
    /// The name of the folder or file.
    public var name: String
    /// Pictures that were classified.
    public var pictures: Int
    /// Of each class.
    public var picturesByClass: [Int]
    /// Pictures that could not be read, with the reason.
    public var skipped: [String]

    public init(name: String, pictures: Int, picturesByClass: [Int], skipped: [String]) {
        self.name = name
        self.pictures = pictures
        self.picturesByClass = picturesByClass
        self.skipped = skipped
    }
}
