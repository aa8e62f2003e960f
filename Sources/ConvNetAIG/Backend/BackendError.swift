/// Why a network cannot be set up on a device.
public enum BackendError: Error, Hashable, CustomStringConvertible {
    /// A batch of this size needs more memory than the device has, or gives in one piece.
    case batchTooLarge(images: Int, bytes: Int, limit: Int, device: String)

    public var description: String {
        switch self {
        case .batchTooLarge(let images, let bytes, let limit, let device):
            "a batch of \(images) images needs \(bytes / 1_000_000) MB on \(device), which gives \(limit / 1_000_000) MB; "
                + "plan a smaller batch"
        }
    }
}
