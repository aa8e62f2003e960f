import Foundation
import OpenCL
import TestSupport
import Testing

/// Drivers as computers have them: some of them fail.
@Suite(.timeLimit(.minutes(5))) struct DriverTests {
    private struct Report: Decodable {
        let index: Int
        let name: String
        let platform: String
    }

    private static let broken = [FakeDrivers.Driver.withoutAList, .withoutAVersion, .withABrokenDevice]

    /// Warnings that name a driver.
    private func warnings(_ outcome: AIGProcess.Outcome, _ name: String) -> Int {
        outcome.errors.split(separator: "\n").count { $0.hasPrefix("Warning: ") && $0.contains(name) }
    }

    @Test(.enabled(if: Fixtures.hasOpenCL)) func devicesNamesDriversThatFailAndListsTheOthers() async throws {
        let drivers = try FakeDrivers(Self.broken, besides: true)
        let text = try await AIGProcess.run("devices", environment: drivers.environment)
        let json = try await AIGProcess.run("devices", "--json", environment: drivers.environment)
        for outcome in [text, json] {
            #expect(outcome.status == 0)
            for name in ["Listless", "Versionless", "fake device 1 of the driver Partial"] {
                #expect(warnings(outcome, name) == 1, "\(outcome.errors)")
                #expect(!outcome.output.contains("Listless"))
            }
        }
        let reports = try json.decoded([Report].self)
        #expect(reports.map(\.index) == Array(reports.indices))
        #expect(reports.filter { $0.platform == "Partial" }.map(\.name) == ["fake device 0", "fake device 2"])
        let own = try Device.all().map(\.name)
        #expect(reports.filter { $0.platform != "Partial" }.map(\.name) == own)
    }

    @Test(.enabled(if: Fixtures.hasOpenCL)) func commandsRunBesideADriverThatFails() async throws {
        let drivers = try FakeDrivers([.withoutAList, .withABrokenDevice], besides: true)
        let own = try Device.all()
        let device = try #require(own.first)
        for arguments in [
            ["classify", Fixtures.path("samples/chelsea.png"), "--device", device.name],
            ["profile", Fixtures.path("tiny.json"), "--repeats", "1", "--device", device.platformName, "--json"],
        ] {
            let outcome = try await AIGProcess.run(arguments, environment: drivers.environment)
            #expect(outcome.status == 0, "\(outcome.errors)")
            #expect(warnings(outcome, "Listless") == 1 && !outcome.output.contains("Listless"))
        }
        // Its devices cannot be had.
        let outcome = try await AIGProcess.run(
            "classify", Fixtures.path("samples/chelsea.png"), "--device", "listless", environment: drivers.environment)
        #expect(outcome.status == 1 && outcome.errors.contains("The OpenCL driver Listless is left out"))
        // Nobody is bothered with drivers that are not asked.
        let reference = try await AIGProcess.run(
            "classify", Fixtures.path("samples/chelsea.png"), "--backend", "reference", environment: drivers.environment
        )
        #expect(reference.status == 0 && reference.errors.isEmpty)
    }

    @Test(arguments: [["devices"], ["devices", "--json"], ["classify", Fixtures.path("samples/chelsea.png")]])
    func whereEveryDriverFailsEachIsNamed(_ arguments: [String]) async throws {
        let drivers = try FakeDrivers([.withoutAList, .withoutAVersion], besides: false)
        let outcome = try await AIGProcess.run(arguments, environment: drivers.environment)
        #expect(outcome.status == 1 && outcome.output.isEmpty && outcome.errorCount == 1)
        #expect(outcome.errors.contains("Listless") && outcome.errors.contains("Versionless"))
        #expect(outcome.errors.contains("clGetDeviceIDs fails with CL_OUT_OF_RESOURCES (-5)"))
        #expect(outcome.errors.contains("clGetPlatformInfo fails with CL_OUT_OF_HOST_MEMORY (-6)"))
    }

    // MARK: PoCL

    private static let hasPoCLAlone =
        (try? Platform.all().map(\.name)) == ["Portable Computing Language"]

    @Test(.enabled(if: hasPoCLAlone), arguments: [["POCL_CACHE_DIR": "/proc/none"], ["POCL_CACHE_DIR": ""]])
    func withoutACacheFolderPoCLSaysWhatToSet(_ environment: [String: String]) async throws {
        for arguments in [["devices"], ["classify", Fixtures.path("samples/chelsea.png")]] {
            let outcome = try await AIGProcess.run(arguments, environment: environment)
            #expect(outcome.status == 1 && outcome.errorCount == 1)
            #expect(outcome.errors.contains("POCL_CACHE_DIR"))
        }
    }

    @Test(.enabled(if: hasPoCLAlone)) func aHomeThatCannotBeWrittenIsNamed() async throws {
        let outcome = try await AIGProcess.shell(
            "env -u POCL_CACHE_DIR -u XDG_CACHE_HOME HOME=/proc/none \"$AIG\" devices")
        #expect(outcome.status == 1 && outcome.errors.contains("/proc/none/.cache/pocl"))
        #expect(outcome.errors.contains("POCL_CACHE_DIR"))
    }

    @Test(.enabled(if: hasPoCLAlone)) func aCacheFolderThatCannotBeWrittenIsNamedWhereProgramsAreBuilt() async throws {
        let outcome = try await AIGProcess.run(
            "classify", Fixtures.path("samples/chelsea.png"), environment: ["POCL_CACHE_DIR": "/proc"])
        #expect(outcome.status == 1 && outcome.errorCount == 1)
        #expect(outcome.errors.contains("/proc") && outcome.errors.contains("POCL_CACHE_DIR"))
    }
}
