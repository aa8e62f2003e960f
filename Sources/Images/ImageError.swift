/// Why an image could not be read or written. The description names the file and says what to do.
public enum ImageError: Error, Equatable, Sendable {
    /// The file could not be opened or read; `reason` is the operating system's message.
    case unreadable(name: String, reason: String)

    /// The file has no bytes.
    case empty(name: String)

    /// The first bytes are not those of a JPEG, PNG or WebP file; `content` is the kind of file they belong to, if known.
    case unknownFormat(name: String, content: ForeignContent? = nil)

    /// The file is truncated or damaged so that pixels are missing, or in any way if it is read with
    /// ``ImageReadingOptions/Strictness/strict``; `reason` is the decoder's message.
    case corrupt(name: String, reason: String)

    /// The header declares an image beyond ``Image/maximumPixelCount`` or ``Image/maximumSide``.
    case tooLarge(name: String, width: Int, height: Int)

    /// The file is valid but uses a feature of its format that the decoder does not support.
    case unsupported(name: String, reason: String)

    /// Sides that are not positive, or a number of samples other than width x height x 3.
    case invalidPixels(width: Int, height: Int, count: Int)

    /// A JPEG quality other than 1 to 100.
    case invalidQuality(Int)

    /// The image could not be encoded; `reason` is the encoder's message.
    case unencodable(reason: String)
}

extension ImageError: CustomStringConvertible {
    /// A message that says what is wrong and what to do.
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

/// Damage to a file that leaves its pixels intact, so that the image could be read.
public enum ImageWarning: Sendable, Hashable {
    /// The end of the file, which has no pixels, is missing or damaged.
    case damagedEnd(name: String, reason: String)

    /// A part without pixels, such as a comment, is damaged, and was ignored.
    case damagedPart(name: String, reason: String)

    /// Bytes that do not belong to the image follow its end.
    case trailingBytes(name: String, count: Int)
}

extension ImageWarning: CustomStringConvertible {
    /// A message that says what is wrong and what to do.
    public var description: String {
        switch self {
        case .damagedEnd(let name, _), .damagedPart(let name, _), .trailingBytes(let name, _):
            "\(name): \(reason). The pixels are whole and were read; saving the picture again mends the file."
        }
    }

    /// The damage, without the file's name.
    var reason: String {
        switch self {
        case .damagedEnd(_, let reason), .damagedPart(_, let reason): reason
        case .trailingBytes(_, let count): "\(count) \(count == 1 ? "byte follows" : "bytes follow") its end"
        }
    }

    /// The error that a strict reader throws instead.
    var error: ImageError {
        switch self {
        case .damagedEnd(let name, _), .damagedPart(let name, _), .trailingBytes(let name, _):
            .corrupt(name: name, reason: reason)
        }
    }
}

/// Why a ``Preprocessing`` cannot be created or applied.
public enum PreprocessingError: Error, Equatable, Sendable {
    /// A size to resize or crop to is not positive, or beyond ``Image/maximumSide`` or
    /// ``Image/maximumPixelCount``; `role` says which size.
    case invalidSize(role: String, width: Int, height: Int)

    /// The mean and the standard deviation do not have three usable values each.
    case invalidStatistics(reason: String)

    /// Without a crop, the image would be resized beyond ``Image/maximumPixelCount``.
    case outputTooLarge(width: Int, height: Int)

    /// The destination buffer does not have 3 x height x width elements.
    case bufferSizeMismatch(expected: Int, actual: Int)
}

extension PreprocessingError: CustomStringConvertible {
    /// A message that says what is wrong and what to do.
    public var description: String {
        switch self {
        case .invalidSize(let role, let width, let height):
            "\(role): \(width) x \(height) is no usable size. Give sides from 1 to \(Image.maximumSide) and "
                + "at most \(Image.maximumPixelCount) pixels."
        case .invalidStatistics(let reason):
            "\(reason). Give three finite means and three positive finite standard deviations, for samples "
                + "scaled to 0...1."
        case .outputTooLarge(let width, let height):
            "The picture is so elongated that it would be resized to \(width) x \(height) pixels; at most "
                + "\(Image.maximumPixelCount) are made. Add a crop or resize to an exact size."
        case .bufferSizeMismatch(let expected, let actual):
            "The buffer has \(actual) elements, but the picture needs \(expected) (3 x height x width)."
        }
    }
}
