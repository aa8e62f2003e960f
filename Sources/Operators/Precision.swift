/// What feature maps and the weights of convolutions are kept as on a device. Sums are floats in either case, and so are
/// pictures, gates and logits.
public enum Precision: String, Sendable, Hashable, CaseIterable, Codable {
    case float
    /// Half the memory and half the traffic, for an error of about 1 in 1000 of each stored value; values beyond 65504
    /// become infinite. On devices with cl_khr_fp16.
    case half
}
