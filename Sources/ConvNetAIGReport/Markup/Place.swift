/// A place in a drawing, in pixels from its upper left corner.
struct Place: Sendable, Hashable {
    var x: Double
    var y: Double
}
