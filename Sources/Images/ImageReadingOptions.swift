/// How image files are read.
public struct ImageReadingOptions: Sendable, Hashable {
    /// What is made of files whose pixels are whole though something else is damaged.
    public enum Strictness: Sendable, Hashable {
        /// They are read, with an ``ImageWarning``, as most viewers read them.
        case tolerant

        /// They are errors: ``ImageError/corrupt(name:reason:)``.
        case strict
    }

    /// Whether the image is turned and mirrored as its EXIF orientation says, as viewers do.
    public var appliesOrientation: Bool

    /// What is made of files whose pixels are whole though something else is damaged.
    public var strictness: Strictness

    public init(appliesOrientation: Bool = true, strictness: Strictness = .tolerant) {
        self.appliesOrientation = appliesOrientation
        self.strictness = strictness
    }
}
