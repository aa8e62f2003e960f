/// What a batch left behind on the device, read back.
public struct InferenceResult: Sendable {
    /// [image][class]
    public var logits: [Float]
    /// [image][gate]: whether the block ran.
    public var decisions: [Bool]
    /// [image][gate]: log-odds of "execute"; meaningless where the policy did not ask the gate.
    public var logOdds: [Float]
}
