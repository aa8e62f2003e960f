/// The images that a report is about.
public struct DataFigures: Sendable, Hashable, Codable {
    /// The name of the folder or file.
    public var name: String
    /// Images that were classified.
    public var images: Int
    /// Of each class.
    public var imagesByClass: [Int]
    /// Images that could not be read, with the reason.
    public var skipped: [String]

    private enum CodingKeys: String, CodingKey {
        case name, skipped
        case images = "pictures"
        case imagesByClass = "picturesByClass"
    }

    public init(name: String, images: Int, imagesByClass: [Int], skipped: [String]) {
        self.name = name
        self.images = images
        self.imagesByClass = imagesByClass
        self.skipped = skipped
    }
}
