import ArgumentParser
import ConvNetAIG

/// Where to run, as the command line writes it.
enum BackendName: String, CaseIterable, ExpressibleByArgument {
    /// An OpenCL device.
    case opencl
    /// Plain loops on the CPU.
    case reference
}
