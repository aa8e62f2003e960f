/// Why an image could not be read. Every case that concerns a file names it.
public enum ImageError: Error, Equatable, Sendable {
    /// The file could not be opened or read; `reason` is the operating system's message.
    case unreadable(name: String, reason: String)

    /// The file has no bytes.
    case empty(name: String)

    /// The first bytes are not those of a JPEG, PNG or WebP file; `content` is what they are known for otherwise.
    case unknownFormat(name: String, content: ForeignContent? = nil)

    /// The file is truncated or damaged so that pixels are missing, or at all for
    /// ``ImageReadingOptions/Strictness/strict`` reading; `reason` is the decoder's message.
    case corrupt(name: String, reason: String)

    /// The header announces an image beyond ``Image/maximumPixelCount`` or ``Image/maximumSide``.
    case tooLarge(name: String, width: Int, height: Int)

    /// The file is sound but uses a part of its format that the decoder does not have.
    case unsupported(name: String, reason: String)

    /// Sides that are not positive, or a number of samples other than width x height x 3.
    case invalidPixels(width: Int, height: Int, count: Int)

    /// A JPEG quality other than 1 to 100.
    case invalidQuality(Int)

    /// The image could not be written in a format; `reason` is the encoder's message.
    case unencodable(reason: String)
}

extension ImageError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .unreadable(let name, let reason):
            "\(name): cannot be read: \(reason). Check the path and the permissions."
        case .empty(let name):
            "\(name): the file is empty. Copy or download it again."
        case .unknownFormat(let name, let content?):
            "\(name): is \(content.rawValue), \(content.advice)."
        case .unknownFormat(let name, nil):
            "\(name): neither a JPEG nor a PNG nor a WebP file, whatever its name says. Convert it to one of them."
        case .corrupt(let name, let reason):
            "\(name): the file is truncated or damaged: \(reason). Copy or download it again, "
                + "or leave it out."
        case .tooLarge(let name, let width, let height):
            "\(name): \(width) x \(height) pixels are too many; at most \(Image.maximumPixelCount) pixels "
                + "and \(Image.maximumSide) per side are read. Make the picture smaller first."
        case .unsupported(let name, let reason):
            "\(name): the file uses a feature that is not supported: \(reason). Save it again as a baseline "
                + "JPEG or as a PNG file."
        case .invalidPixels(let width, let height, let count):
            "pixels: \(count) samples do not make a picture of \(width) x \(height) pixels. Give positive "
                + "sides and width x height x 3 samples."
        case .invalidQuality(let quality):
            "JPEG quality \(quality): give a number from 1 to 100."
        case .unencodable(let reason):
            "the picture cannot be written as a JPEG file: \(reason)."
        }
    }
}
