import ConvNetAIGTraining
import Testing

/// A backend that training tests run on.
struct TestTrainingBackend: Sendable, CustomTestStringConvertible {
    let testDescription: String
    /// A new one, which has no parameters yet.
    let make: @Sendable () throws -> any TrainingBackend
}

enum TestTrainingBackends {
    static let reference = TestTrainingBackend(testDescription: "reference") { ReferenceTrainingBackend() }
    /// Those that are measured by the reference.
    static let others: [TestTrainingBackend] = []

    static var all: [TestTrainingBackend] { [reference] + others }
}
