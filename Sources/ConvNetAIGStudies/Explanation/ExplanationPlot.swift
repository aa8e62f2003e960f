import ConvNetAIG
import ConvNetAIGReport
import FileSystem
import Foundation

/// An ``Explanation`` as an SVG image: the route through the network block by block, how likely each gate was to open, and
/// what deciding otherwise would have changed. The same explanation gives the same text.
public struct ExplanationPlot: Sendable, Hashable {
    let explanation: Explanation
    let architecture: Architecture
    let title: String
    let policy: GatePolicy
    /// What is embedded.
    let image: EmbeddedImage?

    /// - Parameters:
    ///   - explanation: what is drawn.
    ///   - architecture: of the session that explained.
    ///   - policy: by which gates decided.
    ///   - title: such as the image's name.
    ///   - image: the bytes of a JPEG, PNG or WebP file, to be shown beside the route. Others are left out, and so are those of
    ///     more than 8 MiB.
    public init(
        _ explanation: Explanation, of architecture: Architecture, policy: GatePolicy, title: String,
        image: [UInt8]? = nil
    ) {
        self.explanation = explanation
        self.architecture = architecture
        self.policy = policy
        self.title = title
        self.image = image.flatMap { EmbeddedImage($0) }
    }

    /// Writes the image, complete or not at all.
    /// - Throws: `FileError.unwritable`.
    public func write(to path: String) throws {
        try AtomicFile.write(Array(svg().utf8), to: path)
    }

    /// The image's text.
    public func svg() -> String {
        let layout = RouteLayout(architecture.blocks)
        let scale = max(explanation.flips.map(\.klDivergence).max() ?? 0, Self.leastScale)
        let header = ExplanationHeader(plot: self, scale: scale)
        let cells = RouteCells(explanation, scale: scale)
        let height = header.height + Double(layout.rows.count) * cells.rowHeight + Self.margin
        let paper = SVG.rectangle(Box(x: 0, y: 0, width: Self.width, height: height), class: "paper")
        let rows = layout.rows.enumerated().map { index, row in
            cells.markup(
                row, isFirst: index == 0, isLast: index == layout.rows.count - 1,
                at: Place(x: Self.margin + Self.lead, y: header.height + Double(index) * cells.rowHeight))
        }
        return SVG.image(
            width: Self.width, height: height, label: "Route of \(title) through \(architecture.name)",
            [.style(Self.style), paper] + header.markup + rows
        ).html + "\n"
    }

    static let margin = 24.0
    /// Of the path before the first block of a row, and behind its last.
    static let lead = 30.0
    static let width = 2 * (margin + lead) + RouteLayout.rowWidth
    /// What a bar of full height means at least, in nats: where no block matters, no bar should look as if one did.
    private static let leastScale = 0.1

    /// Colours of Okabe and Ito, which colour-blind people can tell apart, and lighter ones on dark backgrounds.
    private static let style = """
        text{font:12px system-ui,sans-serif;fill:#333}.title{font-size:16px;font-weight:600;fill:#111}\
        .small{font-size:11px}.strong{font-weight:600;fill:#111}.paper{fill:#fff}.frame{fill:none;stroke:#bbb}\
        .path{fill:none;stroke:#0072b2;stroke-width:3}.onward{stroke-dasharray:3 3}.head{fill:#0072b2}.axis{stroke:#bbb}\
        .run>.box{fill:#0072b2;stroke:#0072b2}.skip>.box{fill:none;stroke:#777;stroke-dasharray:4 3}\
        .run>.inside{fill:#fff}.skip>.inside{fill:#555}\
        .bar{fill:#8c8c8c}.bar.changes{fill:#d55e00;stroke:#7a3600;stroke-width:1.5}.class{fill:#0072b2}\
        @media (prefers-color-scheme:dark){text{fill:#ccc}.title,.strong{fill:#eee}.paper{fill:#16181b}\
        .frame{stroke:#555}.path{stroke:#56b4e9}.head{fill:#56b4e9}.axis{stroke:#555}\
        .run>.box{fill:#56b4e9;stroke:#56b4e9}.skip>.box{stroke:#999}.run>.inside{fill:#10202b}\
        .skip>.inside{fill:#bbb}.bar{fill:#8c8c8c}.bar.changes{fill:#e69f00;stroke:#ffd98a}.class{fill:#56b4e9}}
        """
}
