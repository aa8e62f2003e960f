import Foundation
@testable import OpenCL
import Testing

@Suite struct DeviceTests {
    @Test func platforms() throws {
        let platforms = try Platform.all()
        #expect(!platforms.isEmpty)
        for platform in platforms {
            #expect(!platform.name.isEmpty)
            #expect(!platform.vendor.isEmpty)
            #expect(platform.version.hasPrefix("OpenCL "))
            for device in try platform.devices() {
                #expect(device.platformHandle == platform.handle)
                #expect(device.platformName == platform.name)
            }
        }
    }

    @Test func properties() throws {
        for device in try Device.all() {
            #expect(!device.name.isEmpty)
            #expect(device.version.hasPrefix("OpenCL "))
            #expect(device.openCLCVersion.hasPrefix("OpenCL C "))
            #expect(!device.driverVersion.isEmpty)
            #expect(device.computeUnits > 0)
            #expect(device.maxClockMHz >= 0)
            #expect(device.globalMemory > 0)
            #expect((1...device.globalMemory).contains(device.maxAllocation))
            #expect(device.localMemory > 0)
            #expect(device.maxWorkGroupSize > 0)
            #expect(device.maxWorkItemSizes.count >= 3)
            #expect(device.maxWorkItemSizes.allSatisfy { $0 > 0 })
            #expect(device.preferredFloatVectorWidth > 0)
            #expect(device.nativeFloatVectorWidth > 0)
            #expect(device.memoryBaseAddressAlignment > 0)
            #expect(device.hasFP16 == device.extensions.contains("cl_khr_fp16"))
            #expect(!device.extensions.isEmpty)
            #expect(device.description == "\(device.name) (\(device.platformName))")
        }
    }

    @Test func orderIsFixedAndDevicesAreEqualToThemselves() throws {
        let devices = try Device.all()
        #expect(!devices.isEmpty)
        #expect(try Device.all() == devices)
        #expect(Set(devices).count == devices.count)
        #expect(devices.map(\.platformName) == devices.map(\.platformName).sorted())
    }

    @Test func selectByIndexAndName() throws {
        for (index, device) in try Device.all().enumerated() {
            #expect(try Device.select(String(index)) == device)
            let byName = try Device.select(device.name.uppercased())
            #expect(byName.name == device.name)
            let byPlatform = try Device.select(device.platformName.lowercased())
            #expect(byPlatform.platformName == device.platformName)
        }
        #expect(throws: DeviceSelectionError.self) { try Device.select("no such device") }
    }

    @Test func noDriverIsATypedError() async {
        await #expect(processExitsWith: .success) {
            // Of the loader; read at the process's first OpenCL call.
            setenv("OCL_ICD_VENDORS", "/nonexistent", 1)
            unsetenv("OCL_ICD_FILENAMES")
            let platforms = try Platform.all()
            let devices = try Device.all()
            #expect(platforms.isEmpty && devices.isEmpty)
            #expect(throws: DeviceSelectionError.noPlatform) { try Device.select() }
            #expect(throws: DeviceSelectionError.noPlatform) { try Device.select("0") }
        }
    }

    @Test func environmentVariableNamesTheDevice() async throws {
        let devices = try Device.all()
        try #require(!devices.isEmpty)
        await #expect(processExitsWith: .success) {
            let devices = try Device.all()
            let last = devices.count - 1
            setenv(Device.environmentVariable, String(last), 1)
            let selected = try [Device.select(), Device.select("0")]
            #expect(selected == [devices[last], devices[0]])
            setenv(Device.environmentVariable, "no such device", 1)
            #expect(throws: DeviceSelectionError.self) { try Device.select() }
        }
    }

    @Test func versions() {
        #expect(OpenCLVersion("OpenCL 3.0 PoCL") == OpenCLVersion(major: 3, minor: 0))
        #expect(OpenCLVersion("OpenCL 1.2") == OpenCLVersion(major: 1, minor: 2))
        #expect(OpenCLVersion("OpenCL C 1.2") == nil)
        #expect(OpenCLVersion("") == nil)
        #expect(OpenCLVersion(major: 1, minor: 2) < OpenCLVersion(major: 2, minor: 0))
    }
}
