/// Why a session cannot be made or cannot take an input.
public enum SessionError: Error, Hashable, CustomStringConvertible {
    case batchOutOfRange(Int)
    case otherArchitecture(requested: String, weights: String)
    case wrongInputShape(found: [Int], expected: [Int])
    case nonFiniteInput(image: Int)
    case notThreeChannels(Int)
    /// A profile is that of one batch.
    case notOneBatch(images: Int, batch: Int)

    public var description: String {
        switch self {
        case .batchOutOfRange(let batch):
            "a session cannot be planned for batches of \(batch) images; give 1 or more"
        case .otherArchitecture(let requested, let weights):
            "the weights belong to \(weights), not to \(requested); load them for the architecture they were trained with"
        case .wrongInputShape(let found, let expected):
            "the input has shape \(found); the network takes images x "
                + expected.map(String.init).joined(separator: " x ")
        case .nonFiniteInput(let image):
            "image \(image) of the input has a value that is not a finite number (NaN or infinity); check what made it"
        case .notThreeChannels(let channels):
            "pictures have 3 channels, but the network takes \(channels); pass tensors instead"
        case .notOneBatch(let images, let batch):
            "a profile is that of one batch of 1 to \(batch) images, not of \(images); "
                + "make the session with a batch as large as that"
        }
    }
}
