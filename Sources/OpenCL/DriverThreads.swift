import Foundation

/// The threads with which a driver runs kernels on the CPU.
public enum DriverThreads {
    /// What PoCL reads when it makes its threads.
    private static let variable = "POCL_AFFINITY"

    /// Has PoCL bind each of its threads to a core, unless the environment says otherwise.
    ///
    /// Threads that have slept are woken on any core, and two of them on one core take twice as long until the system has
    /// spread them: what runs for milliseconds after a pause runs at half speed. Call this before anything else of OpenCL
    /// in a program of your own; a library has no business with its host's environment, so nothing here calls it.
    ///
    /// - Returns: whether the variable is set now. It is left alone where the process was confined to some of the cores,
    ///   as PoCL would bind its threads to the others as well.
    @discardableResult
    public static func bindToCores() -> Bool {
        guard ProcessInfo.processInfo.environment[variable] == nil else { return true }
        guard ProcessInfo.processInfo.activeProcessorCount == sysconf(Int32(_SC_NPROCESSORS_ONLN)) else {
            return false
        }
        return setenv(variable, "1", 0) == 0
    }
}
