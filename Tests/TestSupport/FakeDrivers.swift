import Foundation

/// Drivers of OpenCL that work or do not, in a folder of their own for the ICD loader: see Tests/Fixtures/FakeDriver.c.
package final class FakeDrivers: Sendable {
    /// A driver, with a platform of its own.
    package struct Driver: Sendable {
        package var name: String
        package var devices = 1
        /// The constant of the `clGetPlatformInfo` query that fails.
        package var failingQuery = "0"
        /// What `clGetDeviceIDs` fails with.
        package var failingList = 0
        /// The device that tells its name and nothing else.
        package var failingDevice: Int?

        package init(
            _ name: String, devices: Int = 1, failingQuery: String = "0", failingList: Int = 0,
            failingDevice: Int? = nil
        ) {
            self.name = name
            self.devices = devices
            self.failingQuery = failingQuery
            self.failingList = failingList
            self.failingDevice = failingDevice
        }

        /// A driver that does not list its devices.
        package static let withoutAList = Driver("Listless", failingList: -5)
        /// A driver that does not say what it is.
        package static let withoutAVersion = Driver("Versionless", failingQuery: "CL_PLATFORM_VERSION")
        package static let withoutAName = Driver("Nameless", failingQuery: "CL_PLATFORM_NAME")
        /// A driver without a device, which is no failure.
        package static let withoutDevices = Driver("Deviceless", devices: 0)
        /// A driver with three devices, of which the second fails.
        package static let withABrokenDevice = Driver("Partial", devices: 3, failingDevice: 1)
    }

    /// What `FakeDriver.c` could not be compiled for.
    package struct CompilerError: Error, CustomStringConvertible {
        package let description: String
    }

    private let folder: TemporaryFolder

    /// - Parameter besides: whether the computer's own drivers are there too.
    package init(_ drivers: [Driver], besides own: Bool) throws {
        folder = try TemporaryFolder()
        try FileManager.default.createDirectory(atPath: vendors, withIntermediateDirectories: true)
        for (index, driver) in drivers.enumerated() {
            let library = folder.file("driver\(index).so")
            try Self.compile(driver, to: library)
            try Data((library + "\n").utf8).write(to: URL(fileURLWithPath: "\(vendors)/driver\(index).icd"))
        }
        guard own else { return }
        let usual = ProcessInfo.processInfo.environment["OCL_ICD_VENDORS"] ?? "/etc/OpenCL/vendors"
        for name in try FileManager.default.contentsOfDirectory(atPath: usual) where name.hasSuffix(".icd") {
            try FileManager.default.copyItem(atPath: "\(usual)/\(name)", toPath: "\(vendors)/own-\(name)")
        }
    }

    private var vendors: String { folder.file("vendors") }

    /// What has the loader find these drivers and no others.
    package var environment: [String: String] { ["OCL_ICD_VENDORS": vendors] }

    /// Has the loader of this process find these drivers and no others; before its first call.
    package func use() {
        unsetenv("OCL_ICD_FILENAMES")
        for (name, value) in environment { setenv(name, value, 1) }
    }

    /// The package has C in it, so that whatever built it has a compiler: clang, or what goes by the name of cc.
    private static func compile(_ driver: Driver, to library: String) throws {
        let arguments = [
            "-shared", "-fPIC", "-w", "-DNAME=\"\(driver.name)\"", "-DDEVICES=\(driver.devices)",
            "-DFAILING_QUERY=\(driver.failingQuery)", "-DFAILING_LIST=\(driver.failingList)",
            "-DFAILING_DEVICE=\(driver.failingDevice ?? -1)", "-o", library, Fixtures.path("FakeDriver.c"),
        ]
        var messages: [String] = []
        for compiler in ["clang", "cc"] {
            let (process, output) = (Process(), Pipe())
            process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
            process.arguments = [compiler] + arguments
            process.standardOutput = output
            process.standardError = output
            try process.run()
            let text = output.fileHandleForReading.readDataToEndOfFile()
            process.waitUntilExit()
            if process.terminationStatus == 0 { return }
            messages.append(String(decoding: text, as: UTF8.self))
        }
        throw CompilerError(description: messages.joined(separator: "\n"))
    }
}
