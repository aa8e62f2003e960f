import ArgumentParser
import ConvNetAIG

/// What computes.
struct DeviceOptions: ParsableArguments {
    @Option(help: "Where to run.")
    var backend: BackendName = .opencl

    @Option(
        help: ArgumentHelp(
            "OpenCL device: an index or a part of a name as in 'aig devices'. (default: AIG_DEVICE, or a "
                + "GPU before a CPU)",
            valueName: "device"))
    var device: String?

    /// - Throws: `DeviceSelectionError` if there is no such device.
    func choice() throws -> BackendChoice {
        switch backend {
        case .reference: .reference
        case .opencl: .openCL(try Drivers.runtime(selecting: device))
        }
    }
}
