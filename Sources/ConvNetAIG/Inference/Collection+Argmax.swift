extension Collection<Float> {
    /// Where the largest value is, the first of several; nil where there are none.
    package var argmax: Index? {
        indices.max { self[$0] < self[$1] }
    }
}
