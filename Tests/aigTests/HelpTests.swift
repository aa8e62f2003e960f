import Testing

@Suite(.timeLimit(.minutes(5))) struct HelpTests {
    @Test(arguments: [
        "classify", "explain", "train", "evaluate", "run", "cost", "inspect", "convert", "profile", "tune", "devices",
        "convert", "cache",
    ])
    func everyCommandHasHelpWithExamples(_ command: String) async throws {
        for arguments in [[command, "--help"], ["help", command]] {
            let outcome = try await AIGProcess.run(arguments)
            #expect(outcome.status == 0)
            #expect(outcome.errors.isEmpty)
            #expect(outcome.output.contains("Examples:\n  aig \(command)"))
            #expect(outcome.output.contains("USAGE: aig \(command)"))
            // Examples are short enough not to be wrapped, since they are to be copied.
            let lines = outcome.output.split(separator: "\n", omittingEmptySubsequences: false)
            let examples = lines.drop { $0 != "Examples:" }.dropFirst().prefix { !$0.isEmpty }
            #expect(examples.allSatisfy { $0.hasPrefix("  ") }, "\(outcome.output)")
        }
    }

    @Test func nothingAskedIsHelp() async throws {
        let outcome = try await AIGProcess.run()
        #expect(outcome.status == 0)
        #expect(outcome.output.contains("SUBCOMMANDS:"))
    }

    @Test func unknownCommandsAreUsageErrors() async throws {
        let outcome = try await AIGProcess.run("frobnicate")
        #expect(outcome.status == 64)
        #expect(outcome.errors.contains("frobnicate"))
        #expect(outcome.output.isEmpty)
    }
}
