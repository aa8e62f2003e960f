import FileSystem
import Foundation
import TestSupport
import Testing

@testable import ConvNetAIG
@testable import ConvNetAIGStudies

@Suite(.timeLimit(.minutes(5))) struct ExplanationPlotTests {
    private static func explanation(_ session: Session) throws -> Explanation {
        try Explanation(of: try StudyNetwork.images(1)[0], by: session)
    }

    private static func blocks(_ elements: [ParsedElement]) -> [String] {
        elements.filter { $0.name == "g" }.compactMap { $0.attributes["class"] }.filter { $0.hasPrefix("block ") }
    }

    @Test func oneElementForEachBlock() throws {
        let session = try StudyNetwork.session(.reference)
        let explanation = try Self.explanation(session)
        let plot = ExplanationPlot(explanation, of: session.architecture, policy: .argmax, title: "noise.png")
        #expect(plot.svg() == plot.svg())
        let elements = try ParsedElement.parse(plot.svg()).all
        #expect(Self.blocks(elements) == explanation.graph.executed.map { $0 ? "block run" : "block skip" })
        let texts = elements.filter { $0.name == "text" }.map(\.text)
        for block in session.architecture.blocks { #expect(texts.count { $0 == block.name } == 1) }
        #expect(texts.count { $0 == "always" } == 1)
        #expect(texts.count { $0.hasPrefix("p ") } == 6)
        for flip in explanation.flips {
            #expect(texts.contains(String(format: "p %.2f", flip.gateProbability)))
            let points = String(format: "%+.1f pt", 100 * flip.probabilityChange)
            #expect(texts.contains(points) || points.dropFirst() == "0.0 pt" && texts.contains("0.0 pt"))
        }
        let changes = explanation.flips.filter(\.changesPrediction)
        // One bar of these is the legend's.
        #expect(elements.count { $0.attributes["class"] == "bar changes" } == changes.count + 1)
        #expect(elements.count { $0.attributes["class"] == "bar" } == 6 - changes.count + 1)
        #expect(!elements.contains { $0.name == "image" })
    }

    @Test func barsAreAsHighAsTheirEffect() throws {
        let session = try StudyNetwork.session(.reference)
        let explanation = try Self.explanation(session)
        let svg = ExplanationPlot(explanation, of: session.architecture, policy: .argmax, title: "").svg()
        let heights = try ParsedElement.parse(svg).all
            .filter { $0.attributes["class"]?.hasPrefix("bar") == true && $0.attributes["width"] == "36" }
            .compactMap { $0.attributes["height"].flatMap(Double.init) }
        try #require(heights.count == 6)
        let largest = explanation.flips.map(\.klDivergence).max() ?? 0
        try #require(largest > 0)
        for (height, flip) in zip(heights, explanation.flips) {
            #expect(abs(height - 38 * flip.klDivergence / max(largest, 0.1)) < 0.06)
        }
    }

    @Test func everythingLiesWithinTheImage() throws {
        for name in ["convnet-aig-cifar-20", "convnet-aig-cifar-110"] {
            let architecture = try Architecture(named: name)
            let gates = architecture.gatedBlocks
            let decisions = gates.map { $0 % 3 != 1 }
            // What a network of this depth says does not matter here, and takes long.
            let flips = gates.map { block in
                Explanation.Flip(
                    block: block, name: architecture.blocks[block].name, gate: block, wasOpen: decisions[block],
                    gateProbability: 0.5, gates: decisions,
                    topClasses: [.init(index: block, name: "class of length", probability: 0.5)], macs: 1,
                    changesPrediction: block % 5 == 0, probabilityChange: 0.1, klDivergence: Double(block))
            }
            let explanation = Explanation(
                topClasses: [],
                graph: InferenceGraph(
                    executed: decisions, gates: decisions, gateProbabilities: gates.map { _ in 0.5 }, macs: 1,
                    denseMACs: 2),
                laterGates: .held, flips: flips)
            let svg = ExplanationPlot(explanation, of: architecture, policy: .argmax, title: "all of it").svg()
            let elements = try ParsedElement.parse(svg).all
            #expect(Self.blocks(elements).count == architecture.blockCount)
            let box = try #require(elements.first?.attributes["viewBox"]).split(separator: " ").compactMap {
                Double($0)
            }
            try #require(box.count == 4)
            var offset = (x: 0.0, y: 0.0)
            for element in elements {
                if let transform = element.attributes["transform"] {
                    let numbers = transform.dropFirst("translate(".count).dropLast().split(separator: " ")
                    offset = (try #require(Double(numbers[0])), try #require(Double(numbers[1])))
                }
                guard let x = element.attributes["x"].flatMap(Double.init),
                    let y = element.attributes["y"].flatMap(Double.init)
                else { continue }
                let width = element.attributes["width"].flatMap(Double.init) ?? 0
                let height = element.attributes["height"].flatMap(Double.init) ?? 0
                #expect(offset.x + x >= 0 && offset.x + x + width <= box[2])
                #expect(offset.y + y >= 0 && offset.y + y + height <= box[3])
            }
        }
    }

    @Test func withoutGatesOnlyTheRoute() throws {
        let architecture = try StudyNetwork.architecture(isGated: false)
        let session = try Session(weights: .random(for: architecture, seed: 1), backend: .reference)
        let svg = ExplanationPlot(
            try Self.explanation(session), of: architecture, policy: .argmax, title: "noise.png"
        ).svg()
        let elements = try ParsedElement.parse(svg).all
        #expect(Self.blocks(elements) == [String](repeating: "block run", count: 7))
        #expect(!elements.contains { $0.attributes["class"]?.hasPrefix("bar") == true })
    }

    @Test func textIsEscaped() throws {
        let session = try StudyNetwork.session(.reference)
        let title = "<a href=\"x\">&amp;\u{1}\u{202E}\n]]>"
        let svg = ExplanationPlot(
            try Self.explanation(session), of: session.architecture, policy: .argmax, title: title
        ).svg()
        let elements = try ParsedElement.parse(svg).all
        #expect(!elements.contains { $0.name == "a" })
        #expect(
            elements.filter { $0.attributes["class"] == "title" }.map(\.text)
                == ["<a href=\"x\">&amp;\u{FFFD}\u{FFFD}\n]]>"])
    }

    @Test func theImageIsEmbeddedIfBrowsersShowIt() throws {
        let png = PNGFile.bytes(width: 1, height: 1, pixels: [1, 2, 3])
        #expect(EmbeddedImage(png)?.url == "data:image/png;base64," + Data(png).base64EncodedString())
        #expect(EmbeddedImage([0xFF, 0xD8, 0xFF, 0xE0])?.url == "data:image/jpeg;base64,/9j/4A==")
        let webp = Array("RIFF".utf8) + [0, 0, 0, 0] + Array("WEBPVP8 ".utf8)
        #expect(EmbeddedImage(webp)?.url.hasPrefix("data:image/webp;base64,") == true)
        #expect(EmbeddedImage(Array("<svg/>".utf8)) == nil)
        #expect(EmbeddedImage([]) == nil)
        #expect(EmbeddedImage(png + [UInt8](repeating: 0, count: 8 << 20)) == nil)
    }

    @Test func isWrittenWholeOrNotAtAll() throws {
        let session = try StudyNetwork.session(.reference)
        let plot = ExplanationPlot(
            try Self.explanation(session), of: session.architecture, policy: .argmax, title: "noise.png",
            image: PNGFile.bytes(width: 1, height: 1, pixels: [1, 2, 3]))
        let folder = try TemporaryFolder()
        try plot.write(to: folder.file("route.svg"))
        #expect(try folder.contents == ["route.svg"])
        #expect(try String(contentsOfFile: folder.file("route.svg"), encoding: .utf8) == plot.svg())
        #expect(plot.svg().contains("<image "))
        let missing = folder.file("missing/route.svg")
        #expect(throws: FileError.unwritable(path: missing, problem: "no such file or directory")) {
            try plot.write(to: missing)
        }
    }
}
