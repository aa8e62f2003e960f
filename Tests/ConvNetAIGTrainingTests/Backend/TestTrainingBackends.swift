import ConvNetAIG
import ConvNetAIGTraining
import OpenCL
import Testing

/// A backend that training tests run on.
struct TestTrainingBackend: Sendable, CustomTestStringConvertible {
    let testDescription: String
    /// Of gradients in the second step of a network, relative to the largest. Sums in another order than PyTorch's may put a
    /// value near 0 on the other side of a ReLU.
    var tolerance = 1e-4
    /// A new one, which has no parameters yet.
    let make: @Sendable () throws -> any TrainingBackend
}

/// The device is the one that `AIG_DEVICE` names; without an OpenCL device the tests fail.
enum TestTrainingBackends {
    static let reference = TestTrainingBackend(testDescription: "reference") { ReferenceTrainingBackend() }
    /// Those that are measured by the reference: kernels fitted to the device, and as other devices would run them.
    static let others: [TestTrainingBackend] = [
        openCL("openCL", tolerance: fittedTolerance, traits: nil),
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
        openCL("groups", tolerance: 3e-4) {
            DeviceTraits(
                vectorWidth: 4, vectorRegisters: 6, hasFMA: $0.supportsFMA, groupSize: 8, localMemory: $0.localMemory)
        },
    ]

    static var all: [TestTrainingBackend] { [reference] + others }

    private static let device = Result { try Device.select(nil) }
    /// Of kernels fitted to the device. On a CPU with AVX2 and FMA, two second-step gradients of a network were 1.1e-4 and
    /// 1.3e-4 off; on one with AVX-512, none was more than 1e-4.
    private static let fittedTolerance: Double = {
        guard let device = try? device.get(), DeviceTraits(device).vectorWidth == 8 else { return 1e-4 }
        return 3e-4
    }()
    private static func openCL(
        _ name: String, tolerance: Double = 1e-4, traits: (@Sendable (Device) -> DeviceTraits)?
    ) -> TestTrainingBackend {
        // One for all tests, so that each kernel is compiled once.
        let runtime = Result {
            let device = try device.get()
            return try OpenCLRuntime(device: device, traits: traits.map { $0(device) }, cache: nil)
        }
        return TestTrainingBackend(testDescription: name, tolerance: tolerance) {
            try OpenCLTrainingBackend(runtime.get())
        }
    }
}
