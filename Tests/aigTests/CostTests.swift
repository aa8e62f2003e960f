import ConvNetAIG
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(5))) struct CostTests {
    private struct Report: Decodable {
        struct Block: Decodable {
            let name: String
            let gated: Bool
            let parameters: Int
            let macs: Int
            let branch: Cost
            let shortcut: Cost
            let gate: Cost
        }

        let architecture: String
        let classes: Int
        let parameters: Int
        let macs: Int
        let gateMacs: Int
        let stem: Cost
        let blocks: [Block]
        let head: Cost
        let open: String?
        let executedMacs: Int?
    }

    @Test(arguments: [
        "convnet-aig-50", "resnet-18", "convnet-aig-cifar-110", Fixtures.path("aig-bottleneck-mini.json"),
    ])
    func jsonIsTheLibrarysCost(_ name: String) async throws {
        let architecture = try Architecture.load(name, classes: 12)
        let cost = architecture.cost
        let outcome = try await AIGProcess.run("cost", name, "--classes", "12", "--json")
        #expect(outcome.status == 0)
        let report = try outcome.decoded(Report.self)
        #expect(report.architecture == architecture.name)
        #expect(report.classes == 12)
        #expect(report.parameters == cost.parameters)
        #expect(report.macs == cost.macs)
        #expect(report.gateMacs == cost.gateMACs)
        #expect(report.stem == cost.stem)
        #expect(report.head == cost.head)
        #expect(report.blocks.count == cost.blocks.count)
        for (block, expected) in zip(report.blocks, cost.blocks) {
            #expect(block.name == expected.name)
            #expect(block.gated == expected.isGated)
            #expect(block.branch == expected.branch)
            #expect(block.shortcut == expected.shortcut)
            #expect(block.gate == expected.gate)
            #expect(Cost(parameters: block.parameters, macs: block.macs) == expected.total)
        }
        #expect(report.executedMacs == nil)
    }

    @Test func graphsAreCosted() async throws {
        let cost = try Architecture(named: "convnet-aig-cifar-20").cost
        for open in ["111111111", "000000000", "101101101"] {
            let outcome = try await AIGProcess.run("cost", "convnet-aig-cifar-20", "--open", open, "--json")
            let report = try outcome.decoded(Report.self)
            #expect(report.executedMacs == cost.executedMACs(open: open.map { $0 == "1" }))
            #expect(report.open == open)
        }
    }

    @Test func tableIsPlainAndAligned() async throws {
        let outcome = try await AIGProcess.run("cost", "convnet-aig-cifar-20", "--open", "101101101")
        #expect(outcome.status == 0)
        #expect(outcome.output.contains("40,818,080"))
        #expect(outcome.output.contains("26,662,304  65.3 %"))
        #expect(!outcome.output.contains("\u{1B}"))
        let rows = outcome.output.split(separator: "\n").filter { $0.hasPrefix("layer") && $0.contains(".") }
        #expect(rows.count == 9)
        #expect(Set(rows.map(\.count)).count == 1)
        #expect(rows.map { $0.last } == Array("■□■■□■■□■"))
    }

    @Test func mistakes() async throws {
        let json = Fixtures.path("aig-bottleneck-mini.json")
        let cases: [(arguments: [String], status: Int32, fragment: String)] = [
            (["convnet-aig-51"], 1, "convnet-aig-50"),
            (["nowhere/net.json"], 1, "nowhere/net.json"),
            ([Fixtures.path("samples")], 1, "directory"),
            ([Fixtures.path("aig-cifar-8.safetensors")], 1, "architecture"),
            ([], 64, "architecture"),
            (["resnet-18", "--classes", "0"], 64, "--classes"),
            (["resnet-18", "--classes", "99999999"], 1, "classes"),
            (["convnet-aig-cifar-8", "--open", "01x"], 64, "01x"),
            (["convnet-aig-cifar-8", "--open", "01"], 64, "3 gated blocks"),
            ([json, "--open", "01"], 1, "5 gated blocks"),
        ]
        for (arguments, status, fragment) in cases {
            let outcome = try await AIGProcess.run(["cost"] + arguments)
            #expect(outcome.status == status, "\(arguments)")
            #expect(outcome.errorCount == 1, "\(outcome.errors)")
            #expect(outcome.errors.contains(fragment), "\(outcome.errors)")
            #expect(outcome.output.isEmpty)
        }
    }

    @Test func readersMayLeave() async throws {
        // With the signal's usual effect, and where the caller ignores it.
        for prefix in ["", "trap '' PIPE; "] {
            let outcome = try await AIGProcess.shell(prefix + #""$AIG" cost convnet-aig-152 | true"#)
            #expect(outcome.status == 0)
            #expect(outcome.errors.isEmpty)
        }
    }

    @Test func fullDisksAreAnError() async throws {
        let outcome = try await AIGProcess.shell(#""$AIG" cost convnet-aig-152 >/dev/full"#)
        #expect(outcome.status == 1)
        #expect(outcome.errors == "Error: The standard output cannot be written: No space left on device.\n")
    }
}
