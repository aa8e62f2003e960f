/// A place in a drawing, in pixels from its upper left corner.
package struct Place: Sendable, Hashable {
    package var x: Double
    package var y: Double

    package init(x: Double, y: Double) {
        self.x = x
        self.y = y
    }
}
