import Testing

@Suite(.timeLimit(.minutes(5))) struct HelpTests {
    @Test(arguments: ["classify", "run", "cost", "inspect", "profile", "devices"])
    func everyCommandHasHelpWithExamples(_ command: String) async throws {
        for arguments in [[command, "--help"], ["help", command]] {
            let outcome = try await AIGProcess.run(arguments)
            #expect(outcome.status == 0)
            #expect(outcome.errors.isEmpty)
            #expect(outcome.output.contains("Examples:\n  aig \(command)"))
            #expect(outcome.output.contains("USAGE: aig \(command)"))
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
