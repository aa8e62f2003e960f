/// Where a session runs.
public enum BackendChoice: Sendable {
    /// Plain loops on the CPU: slow, and the measure of the other.
    case reference
    /// An OpenCL device; several sessions may share a runtime.
    case openCL(OpenCLRuntime)

    /// The default OpenCL device: what `AIG_DEVICE` names, or else a GPU before a CPU.
    /// - Throws: `DeviceSelectionError` if there is none.
    public static func openCL() throws -> BackendChoice {
        .openCL(try OpenCLRuntime(selecting: nil))
    }
}
