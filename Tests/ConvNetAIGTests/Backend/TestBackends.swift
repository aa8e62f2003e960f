import ConvNetAIG
import Foundation
import OpenCL
import Testing

/// The backends that every parity test runs on. The device is the one that `AIG_DEVICE` names; without an OpenCL device
/// the tests fail.
enum TestBackend: String, CaseIterable, CustomTestStringConvertible {
    case reference
    /// Kernels fitted to the device.
    case openCL
    /// Kernels as a CPU with AVX-512 runs them: vectors of 16, tiles of up to 28 accumulators.
    case wide
    /// Kernels as an older CPU would run them: vectors of 8, no fma, a group of one, no local memory.
    case narrow
    /// Kernels as a GPU would run them: vectors of 4, groups of many items, local memory.
    case groups

    static let device = Result { try Device.select(nil) }

    private static let runtimes = Result {
        let device = try TestBackend.device.get()
        return [
            TestBackend.openCL: try OpenCLRuntime(device: device, cache: nil),
            .wide: try OpenCLRuntime(
                device: device,
                traits: DeviceTraits(
                    vectorWidth: 16, vectorRegisters: 32, hasFMA: device.supportsFMA, groupSize: 1,
                    localMemory: device.localMemory),
                cache: nil),
            .narrow: try OpenCLRuntime(
                device: device,
                traits: DeviceTraits(
                    vectorWidth: 8, vectorRegisters: 16, hasFMA: false, groupSize: 1, localMemory: 0),
                cache: nil),
            .groups: try OpenCLRuntime(
                device: device,
                traits: DeviceTraits(
                    vectorWidth: 4, vectorRegisters: 6, hasFMA: device.supportsFMA, groupSize: 8,
                    localMemory: device.localMemory),
                cache: nil),
        ]
    }

    static var onOpenCL: [TestBackend] { [.openCL, .narrow, .groups] }
    /// Those that do not ask the device, for a simulator that calls itself a GPU, or those of them that `AIG_FITTINGS` names,
    /// with commas between: a driver whose compiler is slow need not compile what is meant for other devices.
    static var everyFitting: [TestBackend] {
        let chosen = ProcessInfo.processInfo.environment["AIG_FITTINGS"]?.split(separator: ",").map(String.init)
        return [.wide, .narrow, .groups].filter { chosen?.contains($0.rawValue) ?? true }
    }

    var choice: BackendChoice {
        get throws {
            guard let runtime = try Self.runtimes.get()[self] else { return .reference }
            return .openCL(runtime)
        }
    }

    var runtime: OpenCLRuntime {
        get throws {
            guard case .openCL(let runtime) = try choice else { throw TestBackendError.notOpenCL }
            return runtime
        }
    }

    var testDescription: String { rawValue }
}

enum TestBackendError: Error {
    case notOpenCL
}
