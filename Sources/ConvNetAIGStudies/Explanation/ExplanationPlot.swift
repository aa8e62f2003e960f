import Charts
import ConvNetAIG
import FileSystem
import Foundation

/// An ``Explanation`` as an SVG image: the route through the network block by block, the probability of each gate, and the
/// effect of its deciding otherwise. The same explanation gives the same text.
public struct ExplanationPlot: Sendable, Hashable {
    let explanation: Explanation
    let architecture: Architecture
    let title: String
    let policy: GatePolicy
    /// The image that is drawn beside the route.
    let image: EmbeddedImage?

    /// Makes the plot of an explanation.
    ///
    /// - Parameters:
    ///   - explanation: what is drawn.
    ///   - architecture: the network's.
    ///   - policy: how the gates decided.
    ///   - title: such as the image's name.
    ///   - image: the bytes of a JPEG, PNG or WebP file to show beside the route; nothing is shown for other files and for
    ///     files of more than 8 MiB.
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

    /// Writes the image, completely or not at all.
    ///
    /// - Throws: `FileError.unwritable`.
    public func write(to path: String) throws(FileError) {
        try AtomicFile.write(Array(svg().utf8), to: path)
    }

    /// The image's text.
    public func svg() -> String {
        let layout = RouteLayout(architecture.blocks)
        let scale = max(explanation.flips.map(\.klDivergence).max() ?? 0, Self.minScale)
        let header = ExplanationHeader(plot: self, scale: scale)
        let cells = RouteCells(explanation, scale: scale)
        let height = header.height + Double(layout.rows.count) * cells.rowHeight + Self.margin
        let paper = SVG.rectangle(Box(x: 0, y: 0, width: Self.width, height: height), class: "paper")
        let rows = layout.rows.enumerated().map { index, row in
            cells.markup(
                row, isFirst: index == 0, isLast: index == layout.rows.count - 1,
                at: Point(x: Self.margin + Self.lead, y: header.height + Double(index) * cells.rowHeight))
        }
        return SVG.image(
            width: Self.width, height: height, label: "Route of \(title) through \(architecture.name)",
            [.style(Self.style), paper] + header.markup + rows
        ).html + "\n"
    }

    static let margin = 24.0
    /// The length of the path before the first block of a row and behind its last.
    static let lead = 30.0
    static let width = 2 * (margin + lead) + RouteLayout.rowWidth
    /// The least divergence that a bar of full height stands for, in nats, so that no bar is high if no block matters.
    private static let minScale = 0.1

    /// The colours of Okabe and Ito, which colour-blind people can tell apart, and lighter ones on dark backgrounds.
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

/// An image file as a data URL, which another image can embed.
struct EmbeddedImage: Sendable, Hashable {
    let url: String

    private static let maxByteCount = 8 << 20

    /// nil for files that browsers would not show, and for files that are too large to embed.
    init?(_ bytes: [UInt8]) {
        guard bytes.count <= Self.maxByteCount else { return nil }
        guard let format = bytes.withUnsafeBytes({ Image.format(of: $0) }) else { return nil }
        let type =
            switch format {
            case .jpeg: "image/jpeg"
            case .png: "image/png"
            case .webp: "image/webp"
            }
        url = "data:\(type);base64,\(Data(bytes).base64EncodedString())"
    }
}

/// The effect of a gate's deciding otherwise, as text.
package enum EffectText {
    /// The change of a probability in percentage points, with its sign.
    package static func points(_ change: Double) -> String {
        let text = String(format: "%+.1f", 100 * change)
        return text == "-0.0" || text == "+0.0" ? "0.0" : text
    }

    /// A divergence, with fewer decimals if it is large.
    package static func nats(_ value: Double) -> String { String(format: value < 10 ? "%.3f" : "%.1f", value) }
}

extension Prediction.ClassScore {
    /// The class's name, or else its index.
    var label: String { name ?? "class \(index)" }
}
