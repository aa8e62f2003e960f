import OpenCL
import TestSupport
import Testing

/// Each in a process of its own, as the loader looks for drivers once.
@Suite struct DriverDiscoveryTests {
    @Test func driversThatFailAreNamedBesideTheOthers() async {
        await #expect(processExitsWith: .success) {
            let drivers = try FakeDrivers(
                [.withoutAList, .withoutAVersion, .withoutAName, .withoutDevices, .withABrokenDevice, .init("Whole")],
                besides: false)
            drivers.use()
            let found = try Device.discover()
            #expect(found.devices.map(\.platformName) == ["Partial", "Partial", "Whole"])
            #expect(found.devices.map(\.name) == ["fake device 0", "fake device 2", "fake device 0"])
            #expect(found.platforms.sorted() == ["Deviceless", "Listless", "Partial", "Whole"])

            func failure(_ call: String, _ code: Int32) -> DriverProblem.Reason {
                .failed(OpenCLError(code: code, call: call))
            }
            let expected = [
                DriverProblem(platform: "Versionless", reason: failure("clGetPlatformInfo", -6)),
                DriverProblem(platform: "Vendor of Nameless", reason: failure("clGetPlatformInfo", -6)),
                DriverProblem(platform: "Listless", reason: failure("clGetDeviceIDs", -5)),
                DriverProblem(platform: "Partial", device: "fake device 1", reason: failure("clGetDeviceInfo", -33)),
            ]
            // The loader's order is its own.
            #expect(found.problems.map(\.description).sorted() == expected.map(\.description).sorted())
            #expect(found.problems.allSatisfy(expected.contains))

            // Indices are places among the devices that can be used.
            #expect(try Device.all() == found.devices)
            for (index, device) in found.devices.enumerated() {
                #expect(try Device.select("\(index)") == device && found.select("\(index)") == device)
            }
            #expect(try Platform.all().count == 4)
            #expect(throws: expected[3]) {
                try Platform.all().first { $0.name == "Partial" }?.devices()
            }
            // What was asked for may be what failed.
            for request in ["listless", "fake device 1", "3"] {
                let error = #expect(throws: DeviceSelectionError.self) { try Device.select(request) }
                let text = try #require(error).description
                #expect(text.contains("2: fake device 0 (Whole)"))
                for settings in expected { #expect(text.contains(settings.description)) }
            }
        }
    }

    @Test func whereEveryDriverFailsTheErrorNamesEach() async {
        await #expect(processExitsWith: .success) {
            let drivers = try FakeDrivers([.withoutAList, .withoutAVersion, .withoutDevices], besides: false)
            drivers.use()
            let found = try Device.discover()
            #expect(found.devices.isEmpty && found.problems.count == 2)
            let error = DeviceSelectionError.everyDriverFailed(found.problems)
            #expect(throws: error) { try Device.all() }
            #expect(throws: error) { try Device.select() }
            #expect(throws: error) { try Device.select("0") }
            #expect(error.description.contains("Listless") && error.description.contains("Versionless"))
            #expect(error.description.contains("clGetDeviceIDs fails with CL_OUT_OF_RESOURCES (-5)"))
            #expect(try Platform.all().map(\.name).sorted() == ["Deviceless", "Listless"])
        }
    }

    @Test func whereNoDriverSaysWhatItIsThereIsNoPlatform() async {
        await #expect(processExitsWith: .success) {
            let drivers = try FakeDrivers([.withoutAVersion], besides: false)
            drivers.use()
            #expect(throws: DeviceSelectionError.self) { try Platform.all() }
            #expect(throws: DeviceSelectionError.self) { try Device.all() }
        }
    }

    @Test func aDriverWithoutDevicesIsNoFailure() async {
        await #expect(processExitsWith: .success) {
            let drivers = try FakeDrivers([.withoutDevices], besides: false)
            drivers.use()
            let found = try Device.discover()
            #expect(found.devices.isEmpty && found.problems.isEmpty && found.platforms == ["Deviceless"])
            #expect(try Device.all().isEmpty)
            #expect(throws: DeviceSelectionError.noDevice(platforms: ["Deviceless"])) { try Device.select() }
        }
    }
}
