import ConvNetAIG
import ConvNetAIGModels
import Foundation
import TestSupport
import Testing

@Suite(.serialized, .timeLimit(.minutes(10))) struct ExplainTests {
    private struct ClassScore: Decodable, Equatable {
        let index: Int
        let name: String?
        let probability: Float
    }

    private struct Graph: Decodable, Equatable {
        let executed: [Bool]
        let gates: [Bool]
        let gateProbabilities: [Float]
    }

    /// What `aig classify --json` says as well.
    private struct ImageResult: Decodable, Equatable {
        let file: String
        let device: String
        let architecture: String
        let policy: String
        let classes: [ClassScore]
        let graph: Graph
        let macs: Int
        let macsDense: Int
    }

    private struct Flips: Decodable {
        struct Flip: Decodable {
            let block: Int
            let name: String
            let gate: Int
            let wasOpen: Bool
            let gateProbability: Float
            let gates: [Bool]
            let classes: [ClassScore]
            let macs: Int
            let changesPrediction: Bool
            let probabilityChange: Double
            let klDivergence: Double
        }

        let laterGates: String
        let flips: [Flip]
    }

    private static let image = Fixtures.path("samples/chelsea.png")

    @Test(arguments: Fixtures.backends)
    func jsonAgreesWithClassify(_ backend: String) async throws {
        let options = ["--json", "--backend", backend, "--top", "10", Self.image]
        let outcome = try await AIGProcess.run(["explain"] + options)
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect(outcome.errors.isEmpty)
        let own = try #require(try await AIGProcess.run(["classify"] + options).decoded([ImageResult].self).first)
        #expect(try outcome.decoded(ImageResult.self) == own)
        let explained = try outcome.decoded(Flips.self)
        #expect(explained.laterGates == "held")
        let gated = try EmbeddedModel.standard.weights().architecture.gatedBlocks
        try #require(explained.flips.map(\.block) == gated)
        for (gate, flip) in explained.flips.enumerated() {
            #expect(flip.gate == gate)
            #expect(flip.name == "layer\(flip.block / 3 + 1).\(flip.block % 3)")
            #expect(flip.wasOpen == own.graph.gates[gate])
            #expect(flip.gateProbability == own.graph.gateProbabilities[gate])
            var open = own.graph.gates
            open[gate].toggle()
            #expect(flip.gates == open)
            #expect(flip.changesPrediction == (flip.classes[0].index != own.classes[0].index))
            let after = try #require(flip.classes.first { $0.index == own.classes[0].index })
            #expect(abs(flip.probabilityChange - Double(after.probability - own.classes[0].probability)) < 1e-5)
            #expect(flip.klDivergence >= 0)
        }
        // One of them against the program itself.
        let mask = "mask:" + explained.flips[1].gates.map { $0 ? "1" : "0" }.joined()
        let flipped = try #require(
            try await AIGProcess.run(["classify", "--policy", mask] + options).decoded([ImageResult].self).first)
        #expect(flipped.classes == explained.flips[1].classes)
    }

    @Test func laterGatesMayDecideAgain() async throws {
        // Random gates, of which every block has one.
        let fixture = try NetworkFixture("aig-cifar-20", architecture: "convnet-aig-cifar-20")
        let arguments = [
            "explain", "--json", "--backend", "reference", "--later-gates", "adaptive", "--weights", fixture.weights,
        ]
        let sample = Fixtures.path("samples/rocket.jpg")
        let outcome = try await AIGProcess.run(arguments + [Self.image])
        #expect(outcome.status == 0, "\(outcome.errors)")
        let explained = try outcome.decoded(Flips.self)
        #expect(explained.laterGates == "adaptive")
        let other = try await AIGProcess.run(arguments + [sample]).decoded(Flips.self)
        // Gates before the flipped one never change, some behind it do.
        var changes = 0
        for flips in [explained.flips, other.flips] {
            let own = flips.map(\.wasOpen)
            for (gate, flip) in flips.enumerated() {
                #expect(flip.gates.prefix(gate) == own.prefix(gate))
                #expect(flip.gates[gate] == !own[gate])
                changes += zip(flip.gates, own).dropFirst(gate + 1).count { $0 != $1 }
            }
        }
        #expect(changes > 0)
    }

    @Test func textHasALineForEachBlock() async throws {
        let arguments = ["explain", "--backend", "reference", "--policy", "mask:1001", Self.image]
        let outcome = try await AIGProcess.run(arguments)
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect(!outcome.output.contains("\u{1B}"))
        let lines = outcome.output.split(separator: "\n").map(String.init)
        #expect(lines.first == "convnet-aig-cifar-20 on CPU reference, policy mask:1001")
        #expect(lines.contains(Self.image))
        for line in lines where line != Self.image { #expect(line.count <= 80, "\(line)") }
        let flips = try await AIGProcess.run(arguments + ["--json"]).decoded(Flips.self).flips
        let shapes = ["16 x 32 x 32", "32 x 16 x 16", "64 x 8 x 8"]
        for flip in flips {
            let rows = lines.filter { $0.hasPrefix("  \(flip.wasOpen ? "■" : "□") \(flip.name) ") }
            let row = try #require(rows.first)
            #expect(rows.count == 1)
            #expect(row.contains(shapes[flip.block / 3]))
            let points = String(format: "%+.1f ", 100 * flip.probabilityChange)
            #expect(row.contains(" " + (points.dropFirst() == "0.0 " ? "0.0 " : points)))
            #expect(row.contains(flip.wasOpen ? " 1.00  ▪▪▪▪▪▪▪▪  " : " 0.00 "))
            #expect(row.contains(String(format: " %.3f", flip.klDivergence)))
            #expect(!flip.changesPrediction || row.hasSuffix("  " + (flip.classes[0].name ?? "")))
        }
        #expect(outcome.output.contains("7 of 9 blocks"))
        #expect(outcome.output.contains(" of 40,815,616 MACs ("))
        let most = flips.max { $0.klDivergence < $1.klDivergence }?.name ?? ""
        #expect(lines.contains { $0.hasPrefix("  mattered most: \(most)") })
        #expect(lines.contains { $0.hasPrefix("  made no difference (KL below 0.01): ") })
    }

    @Test func deepNetworksFitTheWidth() async throws {
        let outcome = try await AIGProcess.run(
            "explain", "--backend", "reference", "--weights", "random:1", "--architecture", "convnet-aig-cifar-56",
            "--policy", "sample:3", Self.image)
        #expect(outcome.status == 0, "\(outcome.errors)")
        let lines = outcome.output.split(separator: "\n").map(String.init)
        #expect(lines.count { $0.hasPrefix("  ■ layer") || $0.hasPrefix("  □ layer") } == 27)
        for line in lines where line != Self.image { #expect(line.count <= 80, "\(line)") }
    }

    @Test func networkWithoutGates() async throws {
        let folder = try TemporaryFolder()
        let arguments = ["explain", "--backend", "reference", "--architecture", "resnet-cifar-20", Self.image]
        let svg = folder.file("route.svg")
        let outcome = try await AIGProcess.run(arguments + ["--svg", svg])
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect(outcome.output.contains("no block has a gate"))
        #expect(!outcome.output.contains("mattered"))
        #expect(outcome.output.split(separator: "\n").count { $0.hasPrefix("  ■ layer") } == 9)
        let text = try String(contentsOfFile: svg, encoding: .utf8)
        #expect(try ParsedElement.parse(text).all.count { $0.attributes["class"] == "block run" } == 9)
        #expect(try await AIGProcess.run(arguments + ["--json"]).decoded(Flips.self).flips.isEmpty)
    }

    @Test func svgIsWellFormed() async throws {
        let folder = try TemporaryFolder()
        // Names in the drawing are text, and what was there is replaced.
        let path = try folder.file("<&\u{1}>.svg", Array("old".utf8))
        let image = try folder.file("<&\u{1}>.png", try Fixtures.contents("samples/chelsea.png"))
        let outcome = try await AIGProcess.run(
            "explain", "--backend", "reference", "--policy", "mask:1001", "--svg", path, image)
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect(!outcome.output.contains("\u{1}"))
        #expect(try folder.contents.count == 2)
        let elements = try ParsedElement.parse(String(contentsOfFile: path, encoding: .utf8)).all
        #expect(elements.first?.name == "svg")
        let blocks = elements.filter { $0.name == "g" }.compactMap { $0.attributes["class"] }
            .filter { $0.hasPrefix("block ") }
        #expect(blocks == "111100111".map { $0 == "1" ? "block run" : "block skip" })
        let href = try #require(elements.first { $0.name == "image" }?.attributes["href"])
        let bytes = try Data(contentsOf: URL(fileURLWithPath: image))
        #expect(href == "data:image/png;base64," + bytes.base64EncodedString())
        #expect(elements.contains { $0.attributes["class"] == "title" && $0.text == "<&\u{FFFD}>.png" })
    }

    @Test func mistakes() async throws {
        let fixture = try NetworkFixture()
        let image = Self.image
        let junk = try fixture.folder.file("junk.png", Array("junk".utf8))
        let svg = fixture.folder.file("route.svg")
        let cases: [(arguments: [String], status: Int32, fragment: String)] = [
            ([], 64, "file"),
            ([image, image], 64, "Unexpected"),
            ([image, "--top", "0"], 64, "--top"),
            ([image, "--policy", "perhaps"], 64, "perhaps"),
            ([image, "--policy", "mask:01"], 64, "4 gated blocks"),
            ([image, "--later-gates", "perhaps"], 64, "adaptive"),
            ([image, "--architecture", "convnet-aig-50"], 64, "--weights"),
            ([image, "--weights", "random:1"], 64, "--architecture"),
            ([image, "--weights", "nowhere.safetensors"], 1, "nowhere.safetensors"),
            ([image, "--weights", fixture.weights, "--policy", "mask:01"], 1, "3 gated blocks"),
            (["nowhere.png", "--svg", svg], 1, "nowhere.png"),
            ([junk, "--svg", svg], 1, junk),
            ([fixture.folder.path, "--svg", svg], 1, fixture.folder.path),
            ([image, "--svg", fixture.folder.file("missing/route.svg")], 1, "missing"),
            ([image, "--svg", fixture.folder.path], 1, "directory"),
            ([junk, "--svg", junk], 1, "same file as the picture"),
            ([image, "--weights", fixture.weights, "--svg", fixture.weights], 1, "same file as the weights"),
        ]
        for (arguments, status, fragment) in cases {
            let outcome = try await AIGProcess.run(["explain", "--backend", "reference"] + arguments)
            #expect(outcome.status == status, "\(arguments): \(outcome.errors)")
            #expect(outcome.errorCount == 1, "\(outcome.errors)")
            #expect(outcome.errors.contains(fragment), "\(outcome.errors)")
            #expect(outcome.output.isEmpty)
        }
        #expect(!FileManager.default.fileExists(atPath: svg))
    }
}
