/// Damage to a file that leaves its pixels whole, so that the image could be read. Every case names the file.
public enum ImageWarning: Sendable, Hashable {
    /// The end of the file, which holds no pixels, is missing or damaged.
    case damagedEnd(name: String, reason: String)

    /// A part that holds no pixels (a comment, say) is damaged, and was left out.
    case damagedPart(name: String, reason: String)

    /// Bytes that do not belong to the image follow its end.
    case trailingBytes(name: String, count: Int)
}

extension ImageWarning: CustomStringConvertible {
    public var description: String {
        switch self {
        case .damagedEnd(let name, _), .damagedPart(let name, _), .trailingBytes(let name, _):
            "\(name): \(reason). The pixels are whole and were read; saving the picture again mends the file."
        }
    }

    /// What is wrong, without the file's name.
    var reason: String {
        switch self {
        case .damagedEnd(_, let reason), .damagedPart(_, let reason): reason
        case .trailingBytes(_, let count): "\(count) \(count == 1 ? "byte follows" : "bytes follow") its end"
        }
    }

    /// What a strict reader throws instead.
    var error: ImageError {
        switch self {
        case .damagedEnd(let name, _), .damagedPart(let name, _), .trailingBytes(let name, _):
            .corrupt(name: name, reason: reason)
        }
    }
}
