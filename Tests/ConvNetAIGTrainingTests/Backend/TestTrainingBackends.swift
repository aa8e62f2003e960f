import ConvNetAIG
import ConvNetAIGTraining
import Foundation
import OpenCL
import Testing

/// A backend that training tests run on.
struct TestTrainingBackend: Sendable, CustomTestStringConvertible {
    let testDescription: String
    /// A new one, which has no parameters yet.
    let make: @Sendable () throws -> any TrainingBackend
}

/// The device is the one that `AIG_DEVICE` names; without an OpenCL device the tests fail.
enum TestTrainingBackends {
    static let reference = TestTrainingBackend(testDescription: "reference") { ReferenceTrainingBackend() }
    /// Those that are measured by the reference: kernels fitted to the device, and as other devices would run them, or those
    /// of them that `AIG_FITTINGS` names, with commas between.
    static let others: [TestTrainingBackend] = {
        let chosen = ProcessInfo.processInfo.environment["AIG_FITTINGS"]?.split(separator: ",").map(String.init)
        return fittings.filter { chosen?.contains($0.testDescription) ?? true }
    }()

    private static let fittings: [TestTrainingBackend] = [
        openCL("openCL", traits: nil),
        // A CPU with AVX-512.
        openCL("wide") {
            DeviceTraits(
                vectorWidth: 16, vectorRegisters: 32, hasFMA: $0.supportsFMA, groupSize: 1, localMemory: $0.localMemory)
        },
        // A CPU with AVX2.
        openCL("narrow") {
            DeviceTraits(
                vectorWidth: 8, vectorRegisters: 16, hasFMA: false, groupSize: 1, localMemory: $0.localMemory,
                computeUnits: 3)
        },
        // A GPU.
        openCL("groups") {
            DeviceTraits(
                vectorWidth: 4, vectorRegisters: 6, hasFMA: $0.supportsFMA, groupSize: 8, localMemory: $0.localMemory)
        },
        // A GPU of many compute units, for which sums are split and several groups share a tile.
        openCL("units") {
            DeviceTraits(
                vectorWidth: 4, vectorRegisters: 6, hasFMA: $0.supportsFMA, groupSize: 64, maxGroupSize: 64,
                localMemory: min($0.localMemory, 49152), computeUnits: 132, unit: .nvidia)
        },
    ]
    /// Those whose work-items run side by side.
    static var withLanes: [TestTrainingBackend] {
        others.filter { ["groups", "units"].contains($0.testDescription) }
    }

    static var all: [TestTrainingBackend] { [reference] + others }

    private static let device = Result { try Device.select(nil) }
    private static func openCL(
        _ name: String, traits: (@Sendable (Device) -> DeviceTraits)?
    ) -> TestTrainingBackend {
        // One for all tests, so that each kernel is compiled once.
        let runtime = Result {
            let device = try device.get()
            return try OpenCLRuntime(device: device, traits: traits.map { $0(device) }, cache: nil)
        }
        return TestTrainingBackend(testDescription: name) {
            try OpenCLTrainingBackend(runtime.get())
        }
    }
}
