/// Why images cannot be loaded as asked.
public enum DataLoaderError: Error, Sendable, Hashable, CustomStringConvertible {
    case notThreeChannels(Int)
    /// `name` says which number is too small.
    case tooFew(name: String, value: Int, minimum: Int)

    public var description: String {
        switch self {
        case .notThreeChannels(let channels):
            "pictures have 3 channels, but the network takes \(channels); train a network of 3 input channels"
        case .tooFew(let name, let value, let minimum):
            "\(name) is \(value); give \(minimum) or more"
        }
    }
}
