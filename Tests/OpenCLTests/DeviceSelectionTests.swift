@testable import OpenCL
import Testing

@Suite struct DeviceSelectionTests {
    private typealias Choice = DeviceSelection.Choice

    private let selection = DeviceSelection(choices: [
        Choice(name: "Xeon", platformName: "Portable", type: .cpu, isAvailable: true),
        Choice(name: "FPGA", platformName: "Vendor B", type: .accelerator, isAvailable: true),
        Choice(name: "RTX 4090", platformName: "Vendor A", type: .gpu, isAvailable: false),
        Choice(name: "RTX 3060", platformName: "Vendor A", type: .gpu, isAvailable: true),
    ])

    private func index(_ request: String?, environment: String? = nil) throws -> Int {
        try selection.index(request: request, environment: environment)
    }

    @Test func withoutRequestTheFirstAvailableOfTheBestTypeIsTaken() throws {
        #expect(try index(nil) == 3)
        #expect(try index("  ", environment: "") == 3)
        func preferred(_ types: [DeviceType]) throws -> Int {
            let choices = types.map { Choice(name: "", platformName: "", type: $0, isAvailable: true) }
            return try DeviceSelection(choices: choices).index(request: nil, environment: nil)
        }
        #expect(try preferred([.other, .cpu, .accelerator]) == 2)
        #expect(try preferred([.other, .cpu, .cpu]) == 1)
        #expect(try preferred([.other, .other]) == 0)
    }

    @Test func unavailableDevicesAreALastResort() throws {
        let only = DeviceSelection(choices: [
            Choice(name: "A", platformName: "B", type: .gpu, isAvailable: false)
        ])
        #expect(try only.index(request: nil, environment: nil) == 0)
        #expect(try only.index(request: "a", environment: nil) == 0)
    }

    @Test func requestGoesBeforeEnvironment() throws {
        #expect(try index(nil, environment: "fpga") == 1)
        #expect(try index("xeon", environment: "fpga") == 0)
        #expect(try index("", environment: "fpga") == 1)
    }

    @Test func byIndex() throws {
        #expect(try index("0") == 0)
        #expect(try index(" 2 ") == 2)
        let available = [
            "Xeon (Portable)", "FPGA (Vendor B)", "RTX 4090 (Vendor A)", "RTX 3060 (Vendor A)",
        ]
        #expect(throws: DeviceSelectionError.indexOutOfRange(index: 4, available: available)) {
            try index("4")
        }
        #expect(throws: DeviceSelectionError.indexOutOfRange(index: -1, available: available)) {
            try index("-1")
        }
        #expect(throws: DeviceSelectionError.noMatch(request: "Radeon", available: available)) {
            try index("Radeon")
        }
    }

    @Test func byPartOfAName() throws {
        #expect(try index("XEON") == 0)
        #expect(try index("vendor b") == 1)
        #expect(try index("4090") == 2)
    }

    @Test func ambiguousIsTheFirstAvailableMatch() throws {
        #expect(try index("rtx") == 3)
        #expect(try index("vendor") == 1)
    }

    @Test func emptyList() {
        #expect(throws: DeviceSelectionError.noPlatform) {
            try DeviceSelection(choices: []).index(request: nil, environment: nil)
        }
    }

    @Test func messagesSayWhatToDo() {
        #expect(DeviceSelectionError.noPlatform.description.contains("pocl-opencl-icd"))
        let none = DeviceSelectionError.noDevice(platforms: ["P", "Q"]).description
        #expect(none.contains("P, Q"))
        let noMatch = DeviceSelectionError.noMatch(request: "foo", available: ["A (P)", "B (Q)"]).description
        #expect(noMatch.contains("\"foo\"") && noMatch.contains("0: A (P)") && noMatch.contains("1: B (Q)"))
        let range = DeviceSelectionError.indexOutOfRange(index: 7, available: ["A (P)", "B (Q)"]).description
        #expect(range.contains("7") && range.contains("0 to 1"))
        let single = DeviceSelectionError.indexOutOfRange(index: 7, available: ["A (P)"]).description
        #expect(single.contains("only index is 0"))
    }
}
