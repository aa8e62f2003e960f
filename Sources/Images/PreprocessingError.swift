/// Why a ``Preprocessing`` cannot be made or applied.
public enum PreprocessingError: Error, Equatable, Sendable {
    /// A size to resize or crop to is not positive, or beyond ``Image/maximumSide`` or
    /// ``Image/maximumPixelCount``; `role` says which.
    case invalidSize(role: String, width: Int, height: Int)

    /// The mean and the standard deviation do not have three usable values each.
    case invalidStatistics(reason: String)

    /// Without a crop, this image would be resized beyond ``Image/maximumPixelCount``.
    case outputTooLarge(width: Int, height: Int)

    /// The buffer to write into does not have 3 x height x width elements.
    case bufferSizeMismatch(expected: Int, actual: Int)
}

extension PreprocessingError: CustomStringConvertible {
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
