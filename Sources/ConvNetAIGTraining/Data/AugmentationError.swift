/// Why images cannot be augmented as asked.
public enum AugmentationError: Error, Sendable, Hashable, CustomStringConvertible {
    case invalidPadding(Int, width: Int, height: Int)
    case invalidScale(ClosedRange<Double>)
    case invalidRatio(ClosedRange<Double>)
    case invalidProbability(Double)

    public var description: String {
        switch self {
        case .invalidPadding(let padding, let width, let height):
            "padding \(padding) is none for pictures of \(width) x \(height); give 0 to \(min(width, height) - 1) pixels, "
                + "so that some of the picture is always seen"
        case .invalidScale(let scale):
            "scale \(scale) is no range of shares of a picture's area; give numbers more than 0 and up to 1"
        case .invalidRatio(let ratio):
            "ratio \(ratio) is no range of widths over heights; give positive numbers"
        case .invalidProbability(let probability):
            "probability \(probability) is none; give a number from 0 to 1"
        }
    }
}
