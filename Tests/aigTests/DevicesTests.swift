import OpenCL
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(5))) struct DevicesTests {
    private struct Report: Decodable {
        let index: Int
        let `default`: Bool
        let name: String
        let platform: String
        let type: String
        let computeUnits: Int
        let globalMemory: Int
        let maxAllocation: Int
        let localMemory: Int
        let maxWorkGroupSize: Int
        let nativeFloatVectorWidth: Int
        let fp16: Bool
        let subgroups: Bool
        let fma: Bool
        let extensions: [String]
    }

    @Test(.enabled(if: Fixtures.hasOpenCL)) func jsonHasAllDevicesInOrder() async throws {
        let outcome = try await AIGProcess.run("devices", "--json")
        #expect(outcome.status == 0)
        let reports = try outcome.decoded([Report].self)
        let devices = try Device.all()
        #expect(reports.map(\.name) == devices.map(\.name))
        #expect(reports.map(\.index) == Array(devices.indices))
        #expect(reports.count { $0.default } == 1)
        for (report, device) in zip(reports, devices) {
            #expect(report.platform == device.platformName)
            #expect(report.computeUnits == device.computeUnits)
            // PoCL counts what is free when a process starts.
            #expect((device.globalMemory / 2...device.globalMemory * 2).contains(report.globalMemory))
            #expect((device.maxAllocation / 2...device.maxAllocation * 2).contains(report.maxAllocation))
            #expect(report.maxWorkGroupSize == device.maxWorkGroupSize)
            #expect(report.fp16 == device.hasFP16)
            #expect(report.subgroups == device.hasSubgroups)
            #expect(report.fma == device.supportsFMA)
            #expect(Set(report.extensions) == device.extensions)
        }
    }

    @Test(.enabled(if: Fixtures.hasOpenCL)) func textMarksTheDefault() async throws {
        let outcome = try await AIGProcess.run("devices")
        #expect(outcome.status == 0)
        #expect(outcome.output.hasPrefix("0: \(try #require(try Device.all().first).name)"))
        #expect(outcome.output.contains("[default]"))
        #expect(!outcome.output.contains("\u{1B}"))
    }

    @Test(.enabled(if: Fixtures.hasOpenCL)) func listSurvivesAWrongVariable() async throws {
        let outcome = try await AIGProcess.run("devices", environment: ["AIG_DEVICE": "no such device"])
        #expect(outcome.status == 0)
        #expect(outcome.output.hasPrefix("0: "))
        #expect(!outcome.output.contains("[default]"))
        #expect(outcome.errors.hasPrefix("Warning: ") && outcome.errors.contains("no such device"))
    }

    @Test(arguments: [["devices"], ["devices", "--json"]])
    func noDriverIsAnError(_ arguments: [String]) async throws {
        let outcome = try await AIGProcess.run(arguments, environment: ["OCL_ICD_VENDORS": "/nonexistent"])
        #expect(outcome.status == 1)
        #expect(outcome.output.isEmpty)
        #expect(outcome.errors.hasPrefix("Error: No OpenCL driver is installed."))
    }
}
