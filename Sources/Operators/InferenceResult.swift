/// What a batch left behind on the device, read back.
package struct InferenceResult: Sendable {
    /// [image][class]
    package var logits: [Float]
    /// [image][gate]: whether the block ran.
    package var decisions: [Bool]
    /// [image][gate]: log-odds of "execute"; meaningless where the policy did not ask the gate.
    package var logOdds: [Float]
}
