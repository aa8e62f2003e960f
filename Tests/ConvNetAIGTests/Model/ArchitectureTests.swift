import Foundation
import TestSupport
import Testing

@testable import ConvNetAIG
@testable import Operators

@Suite struct ArchitectureTests {
    private func problem(_ make: () throws -> Void) -> String {
        do {
            try make()
            return "no error"
        } catch let error as ArchitectureError {
            return error.description
        } catch {
            return "not an ArchitectureError: \(error)"
        }
    }

    @Test func resNet50() throws {
        let network = try Architecture(named: "convnet-aig-50")
        let blocks = network.blocks
        #expect(blocks.count == 16)
        #expect(network.gatedBlocks == Array(0..<16))
        #expect(network.stemOutput.beforePooling == .init(channels: 64, height: 112, width: 112))
        #expect(network.stemOutput.afterPooling == .init(channels: 64, height: 56, width: 56))
        #expect(network.featureChannels == 2048)
        let first = blocks[0]
        #expect(first.name == "layer1.0" && first.shortcut == .projection && first.outputChannels == 256)
        #expect(first.gate == Gate(inputChannels: 64, hidden: 16))
        let down = blocks[3]
        #expect(
            down.name == "layer2.0" && down.stride == 2 && down.inputHeight == 56 && down.outputWidth == 28)
        #expect(down.convolutions.map(\.kernel) == [1, 3, 1])
        #expect(down.convolutions.map(\.stride) == [1, 2, 1])
        #expect(down.convolutions.map(\.output.height) == [56, 28, 28])
        #expect(blocks[4].shortcut == .identity && blocks[4].shortcutConvolution == nil)
        #expect(blocks[15].outputHeight == 7 && blocks[15].outputChannels == 2048)
    }

    @Test func basicBlocks() throws {
        let blocks = try Architecture(named: "resnet-18").blocks
        #expect(blocks.map(\.shortcut).filter { $0 == .projection }.count == 3)
        #expect(blocks[0].shortcut == .identity)
        #expect(blocks.allSatisfy { !$0.isGated && $0.convolutions.count == 2 })
    }

    @Test func zeroPaddedShortcuts() throws {
        let network = try Architecture(named: "resnet-cifar-20").with(shortcut: .zeroPadded)
        #expect(network.blocks[3].shortcut == .zeroPadded)
        #expect(network.blocks[3].zeroChannels == (8, 8))
        #expect(network.blocks[4].shortcut == .identity)
        #expect(network.blocks[4].zeroChannels == (0, 0))
    }

    @Test(arguments: [33, 1, 2, 5, 225, 31])
    func oddInputs(side: Int) throws {
        let network = try Architecture(named: "resnet-50", input: .init(height: side, width: side + 2))
        for block in network.blocks {
            #expect(block.outputHeight >= 1)
            #expect(block.convolutions.last?.output.height == block.outputHeight)
            #expect(block.convolutions.last?.output.width == block.outputWidth)
            if let shortcut = block.shortcutConvolution {
                #expect(
                    shortcut.output.height == block.outputHeight && shortcut.output.width == block.outputWidth)
            }
        }
    }

    @Test func names() throws {
        for name in Architecture.knownNames {
            #expect(try Architecture(named: name).name == name)
        }
        #expect(try Architecture(named: "resnet-cifar-1202").blockCount == 600)
        #expect(try Architecture(named: "resnet-50", classes: 7).classes == 7)
        for wrong in [
            "", "resnet", "resnet-", "resnet-51", "resnet-050", "resnet-+50", "resnet-cifar-9",
            "resnet-cifar-2",
            "resnet-cifar--4", "resnet-cifar-99999999999999999999", "convnet-aig-cifar-", "ResNet-50",
            String(repeating: "x", count: 100_000),
        ] {
            #expect(throws: ArchitectureError.self) { try Architecture(named: wrong) }
        }
        #expect(
            problem { _ = try Architecture(named: "convnet-aig50") }.contains("Did you mean convnet-aig-50?"))
        #expect(problem { _ = try Architecture(named: "resnet-cifar-600002") }.contains("10000"))
    }

    @Test func plainAndAdaptive() throws {
        let plain = try Architecture(named: "resnet-50")
        let adaptive = try Architecture(named: "convnet-aig-50")
        #expect(adaptive.plain == plain)
        #expect(plain.plain == plain)
        #expect(try plain.adaptive() == adaptive)
        let partly = try plain.adaptive(hidden: 8, ungatedBlocks: [3, 0, 3])
        #expect(partly.ungatedBlocks == [0, 3])
        #expect(partly.gatedBlocks.count == 14)
        #expect(partly.blocks[3].gate == nil && partly.blocks[4].gate?.hidden == 8)
        #expect(throws: ArchitectureError.self) { try plain.adaptive(hidden: 0) }
        #expect(throws: ArchitectureError.self) { try plain.adaptive(ungatedBlocks: [16]) }
        #expect(throws: ArchitectureError.self) { try plain.adaptive(ungatedBlocks: [-1]) }
    }

    @Test func jsonRoundTrip() throws {
        let special = try Architecture(
            name: "ä \"quoted\" /", input: .init(channels: 1, height: 17, width: 9),
            stem: .init(channels: 5, kernel: 4, stride: 3, padding: 0),
            stages: [.init(width: 5, blocks: 1, stride: 3), .init(width: 9, blocks: 2)],
            blockKind: .basic, shortcut: .zeroPadded, gateHidden: 3, ungatedBlocks: [2], classes: 2)
        for network in try Architecture.knownNames.map({ try Architecture(named: $0) }) + [special] {
            #expect(try Architecture(json: network.json()) == network)
        }
    }

    @Test func jsonDefaults() throws {
        let network = try Architecture(
            json: """
                {"input": {"height": 32, "width": 32}, "stem": {"channels": 16, "kernel": 3}, "classes": 4,
                 "stages": [{"width": 16, "blocks": 2}], "blockKind": "basic"}
                """)
        #expect(network.name == "custom" && network.input.channels == 3 && network.shortcut == .projection)
        #expect(network.stem.padding == 1 && network.stem.stride == 1 && !network.stem.maxPooling)
        #expect(network.gateHidden == nil && network.stages[0].stride == 1)
    }

    @Test func fixture() throws {
        let network = try Architecture.load(Fixtures.path("aig-bottleneck-mini.json"))
        #expect(network.blockCount == 5 && network.gatedBlocks.count == 5 && network.featureChannels == 256)
        #expect(try Architecture.load(Fixtures.path("aig-bottleneck-mini.json"), classes: 3).classes == 3)
    }

    @Test func load() throws {
        #expect(try Architecture.load("resnet-18", classes: 3).classes == 3)
        let folder = try TemporaryFolder()
        #expect(problem { _ = try Architecture.load(folder.file("none.json")) }.contains("no such file"))
        #expect(problem { _ = try Architecture.load(folder.path) }.contains("directory"))
        #expect(problem { _ = try Architecture.load("resnet_50") }.contains("Did you mean resnet-50?"))
        let binary = try folder.file("binary.json", [0xFF, 0xFE, 0])
        #expect(problem { _ = try Architecture.load(binary) }.contains("UTF-8"))
    }

    /// Each is the fixture's JSON with one replacement, and what the error must mention.
    @Test(arguments: [
        ("\"classes\" : 10", "\"classes\" : 0", "classes is 0"),
        ("\"classes\" : 10", "\"clases\" : 10", "\"clases\""),
        ("\"classes\" : 10,", "", "\"classes\" is missing"),
        ("\"classes\" : 10", "\"classes\" : 1e300", "classes is not a whole number"),
        ("\"classes\" : 10", "\"classes\" : 2.5", "classes is not a whole number"),
        ("\"classes\" : 10", "\"classes\" : \"10\"", "classes"),
        ("\"kernel\" : 7", "\"kernel\" : 0", "stem.kernel is 0"),
        ("\"kernel\" : 7", "\"kernal\" : 7", "stem.kernal"),
        ("\"kernel\" : 7", "\"kernel\" : 255", "stem.kernel"),
        ("\"padding\" : 3", "\"padding\" : 9223372036854775807", "stem.padding"),
        ("\"padding\" : 3", "\"padding\" : -1", "stem.padding"),
        ("\"height\" : 64", "\"height\" : 9223372036854775807", "input.height"),
        ("\"width\" : 32", "\"width\" : 16385", "stages[1].width"),
        ("\"blocks\" : 2", "\"blocks\" : 9223372036854775807", "stages[1].blocks"),
        ("\"blocks\" : 2", "\"blocks\" : 10000", "10000 blocks in all"),
        ("\"stride\" : 2", "\"stride\" : 0", "stride"),
        ("\"gateHidden\" : 16", "\"gateHidden\" : -4", "gateHidden"),
        ("\"gateHidden\" : 16,", "", "no error"),
        ("\"blockKind\" : \"bottleneck\"", "\"blockKind\" : \"bottlenek\"", "blockKind"),
        ("aig-bottleneck-mini", "", "name"),
        ("\"stages\" : [", "\"stages\" : [], \"x\" : [", "\"x\""),
        ("{", "", "not well-formed"),
    ])
    func badJSON(replaced: String, by replacement: String, mentions: String) throws {
        var json = try String(contentsOfFile: Fixtures.path("aig-bottleneck-mini.json"), encoding: .utf8)
        json.replaceSubrange(try #require(json.range(of: replaced)), with: replacement)
        let message = problem { _ = try Architecture(json: json) }
        #expect(message.contains(mentions), "\(message)")
    }

    @Test func hostileJSON() {
        for text in [
            "", "null", "[]", "1", String(repeating: "[", count: 500_000),
            String(repeating: "{\"stem\":", count: 100_000), String(repeating: " ", count: 2 << 20),
        ] {
            #expect(throws: ArchitectureError.self) { try Architecture(json: text) }
        }
    }

    @Test func validation() {
        func make(
            stages: [Architecture.Stage], shortcut: Architecture.ShortcutKind = .projection, side: Int = 32,
            gateHidden: Int? = nil, ungated: [Int] = []
        ) throws {
            _ = try Architecture(
                name: "test", input: .init(height: side, width: side), stem: .init(channels: 16, kernel: 3),
                stages: stages, blockKind: .basic, shortcut: shortcut, gateHidden: gateHidden,
                ungatedBlocks: ungated, classes: 10)
        }
        #expect(problem { try make(stages: []) }.contains("stages is empty"))
        #expect(
            problem { try make(stages: [.init(width: 8, blocks: 1)], shortcut: .zeroPadded) }
                .contains("layer1.0 has 16 channels in and only 8 out"))
        #expect(
            problem { try make(stages: [.init(width: 8, blocks: 1)], ungated: [0]) }.contains("without gates")
        )
        #expect(
            problem { try make(stages: [.init(width: 65536, blocks: 10000)], side: 16384) }.contains("2^60"))
        #expect(problem { try make(stages: [.init(width: 8, blocks: 1, stride: 3)]) } == "no error")
    }
}
