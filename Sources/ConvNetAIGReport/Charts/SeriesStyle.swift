/// How a series looks: any of the three tells it from the others.
struct SeriesStyle: Sendable, Hashable {
    static let colors = 6
    static let dashes = 4

    /// An index into the palette of `StyleSheet`.
    var color: Int
    /// 0 for a line without gaps.
    var dash: Int
    var marker: Marker

    /// That of the series with this index, where nothing else sets them apart.
    init(_ index: Int) {
        self.init(color: index, dash: index, marker: index)
    }

    /// Indices beyond what there is begin anew.
    init(color: Int, dash: Int, marker: Int) {
        self.color = color % Self.colors
        self.dash = dash % Self.dashes
        self.marker = Marker(rawValue: marker % Marker.allCases.count) ?? .circle
    }

    /// The style sheet's classes for the line.
    var curve: String { "curve c\(color) d\(dash)" }
    /// The style sheet's classes for the markers.
    var dot: String { "dot c\(color)" }
}
