/// Why a network cannot be set up on a device.
public enum BackendError: Error, Hashable, CustomStringConvertible {
    /// A batch of this size needs more memory than the device has, or gives in one piece.
    case batchTooLarge(images: Int, bytes: Int, limit: Int, device: String)
    /// A feature map has more values than kernels can count.
    case featureMapTooLarge(FeatureShape)
    /// Row sums are wanted of feature maps that were made without.
    case notPooled
    /// Pictures are uploaded to feature maps that were not made for them.
    case notAnInput
    /// Feature maps have a halo of this width, and a convolution wants to read beyond it.
    case paddingTooWide(padding: Int, halo: Int)
    /// The backend keeps no times.
    case noProfile(device: String)
    /// Half precision is wanted of a device, or of kernels, that do not have it.
    case halfPrecisionUnsupported(device: String)

    public var description: String {
        switch self {
        case .batchTooLarge(let images, let bytes, let limit, let device):
            "a batch of \(images) images needs \(bytes / 1_000_000) MB on \(device), which gives \(limit / 1_000_000) MB; "
                + "plan a smaller batch"
        case .featureMapTooLarge(let shape):
            "a feature map of \(shape.channels) x \(shape.height) x \(shape.width) is too large for the kernels; "
                + "give the network a smaller input"
        case .notPooled:
            "row sums are wanted of feature maps that were made without; make them with pooled: true"
        case .notAnInput:
            "pictures can only be uploaded to what makeInput made"
        case .paddingTooWide(let padding, let halo):
            "a convolution of feature maps has padding \(padding); at most \(halo) is supported behind the stem"
        case .noProfile(let device):
            "\(device) keeps no times to profile; run on OpenCL, in a session made with profiling: true"
        case .halfPrecisionUnsupported(let device):
            "\(device) does not support half precision (cl_khr_fp16); choose float precision, or another device"
        }
    }
}
