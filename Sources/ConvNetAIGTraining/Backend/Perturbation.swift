/// A step of an attack, in the units of the network's input: one value per channel each.
public struct Perturbation: Sendable, Hashable {
    /// How far a value moves.
    public var step: [Float]
    /// How far it may be from where it began.
    public var bound: [Float]
    /// Black and white: no value leaves these.
    public var lowest: [Float]
    public var highest: [Float]

    public init(step: [Float], bound: [Float], lowest: [Float], highest: [Float]) {
        self.step = step
        self.bound = bound
        self.lowest = lowest
        self.highest = highest
    }
}
