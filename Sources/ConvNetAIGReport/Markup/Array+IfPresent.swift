extension Array {
    /// The element at an index, or nil: figures that were read from a file may be shorter than they should be.
    subscript(ifPresent index: Int) -> Element? {
        indices.contains(index) ? self[index] : nil
    }
}
