/// Who looks at the gates' decisions.
public enum Scheduling: String, Sendable, Hashable, CaseIterable, Codable {
    /// The host reads each decision and launches only what runs.
    case host
    /// Everything is launched, and the kernels of closed blocks return at once: nothing is read back before the logits.
    case device
    /// Per block, whichever costs less on this device.
    case automatic
}
