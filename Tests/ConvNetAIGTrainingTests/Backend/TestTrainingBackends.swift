import ConvNetAIG
import ConvNetAIGTraining
import OpenCL
import Testing

/// A backend that training tests run on.
struct TestTrainingBackend: Sendable, CustomTestStringConvertible {
    let testDescription: String
    /// A new one, which has no parameters yet.
    let make: @Sendable () throws -> any TrainingBackend
}

enum TestTrainingBackends {
    static let reference = TestTrainingBackend(testDescription: "reference") { ReferenceTrainingBackend() }

    /// Those that are measured by the reference. The device is the one that `AIG_DEVICE` names; without an OpenCL device the
    /// tests fail.
    static let others = [
        openCL("openCL") { _ in nil },
        // As an older CPU would run kernels, and as a GPU would.
        openCL("narrow") { _ in
            DeviceTraits(vectorWidth: 8, vectorRegisters: 16, hasFMA: false, groupSize: 1, localMemory: 0)
        },
        openCL("groups") { device in
            DeviceTraits(
                vectorWidth: 4, vectorRegisters: 6, hasFMA: device.supportsFMA, groupSize: 8,
                localMemory: device.localMemory)
        },
    ]

    static var all: [TestTrainingBackend] { [reference] + others }

    /// Programs are built once for all backends of a kind.
    private static func openCL(_ name: String, _ traits: (Device) -> DeviceTraits?) -> TestTrainingBackend {
        let runtime = Result {
            let device = try Device.select(nil)
            return try OpenCLRuntime(device: device, traits: traits(device), cache: nil)
        }
        return TestTrainingBackend(testDescription: name) { try OpenCLTrainingBackend(runtime.get()) }
    }
}
