import ArgumentParser
import ConvNetAIG
import OpenCL
import Synchronization
import Terminal

/// Where networks run.
struct DeviceOptions: ParsableArguments {
    @Option(help: "Where to run.")
    var backend: BackendName = .opencl

    @Option(help: .device)
    var device: String?

    /// - Throws: `DeviceSelectionError` if there is no such device.
    func choice() throws -> BackendChoice {
        switch backend {
        case .reference: .reference
        case .opencl: .openCL(try Drivers.runtime(selecting: device))
        }
    }
}

/// The argument of `--backend`.
enum BackendName: String, CaseIterable, ExpressibleByArgument {
    /// An OpenCL device.
    case opencl
    /// Plain loops on the CPU.
    case reference
}

/// The OpenCL drivers. Those that fail are named on standard error, and the others are used.
enum Drivers {
    private static let named = Mutex<[DriverProblem]>([])

    /// The runtime of the device that `--device` names.
    ///
    /// - Parameter request: as for `Device.select`.
    /// - Throws: `DeviceSelectionError`, which names the drivers that fail, if there is no such device; `OpenCLError` if
    ///   it gives no context.
    static func runtime(selecting request: String?) throws -> OpenCLRuntime {
        let found = try Device.discover()
        let device = try select(request, from: found)
        warn(of: found.problems)
        let runtime = try OpenCLRuntime(device: device)
        let progress = BuildProgress(device: device.name)
        runtime.observeBuilds { progress.show($0) }
        return runtime
    }

    /// The device that `--device` names, or else the fastest, as `OpenCLRuntime.init(selecting:)` has it.
    static func select(_ request: String?, from found: DeviceDiscovery) throws(DeviceSelectionError) -> Device {
        try found.selectFastest(request) { drivers in
            Console.complain(
                "Comparing the \(drivers) OpenCL drivers of the processor; the result is kept for the next time.")
        }
    }

    /// Prints each problem once, however many devices a command opens.
    static func warn(of problems: [DriverProblem]) {
        let news = named.withLock { named in
            let news = problems.filter { !named.contains($0) }
            named += news
            return news
        }
        for problem in news { Console.warn("\(problem)") }
    }
}
