/// A step of an attack, in the units of the network's input: one value per channel each.
package struct Perturbation: Sendable, Hashable {
    /// How far a value moves.
    package var step: [Float]
    /// How far it may be from where it began.
    package var bound: [Float]
    /// Black and white: no value leaves these.
    package var lowest: [Float]
    package var highest: [Float]

    package init(step: [Float], bound: [Float], lowest: [Float], highest: [Float]) {
        self.step = step
        self.bound = bound
        self.lowest = lowest
        self.highest = highest
    }
}
