import ConvNetAIGTraining
import Operators
import Testing

/// Operators that belong together, run on made-up values of some size.
protocol OperatorCase: Sendable, CustomTestStringConvertible {
    /// What the operators left on the backend, by name.
    func run<B: TrainingBackend>(_ backend: B) throws -> [String: [Float]]

    /// The same, or some of its values, computed in Double; gradients by central differences.
    func expected() -> [String: ExpectedValues]
}

enum ExpectedValues {
    case all([Double])
    case some([Int: Double])
}

extension OperatorCase {
    func expectDoubles(_ backend: any TrainingBackend) throws {
        let found = try run(backend)
        let expected = expected()
        #expect(Set(found.keys) == Set(expected.keys))
        for (name, expected) in expected.sorted(by: { $0.key < $1.key }) {
            let values = found[name] ?? []
            switch expected {
            case .all(let expected): expectClose(values, expected, name, smallest: Self.smallest(name))
            case .some(let expected):
                guard let last = expected.keys.max(), last < values.count else {
                    Issue.record("\(name) has \(values.count) values")
                    continue
                }
                let indices = expected.keys.sorted()
                expectClose(
                    indices.map { values[$0] }, indices.map { expected[$0] ?? .nan }, name,
                    smallest: Self.smallest(name))
            }
        }
    }

    func expectReference(_ backend: any TrainingBackend) throws {
        let found = try run(backend)
        let expected = try run(ReferenceTrainingBackend())
        #expect(Set(found.keys) == Set(expected.keys))
        for (name, expected) in expected.sorted(by: { $0.key < $1.key }) {
            expectClose(found[name] ?? [], expected, name, smallest: Self.smallest(name))
        }
    }

    /// Batch norm takes away what a bias before it adds: its gradient is 0, but for the rounding of sums that cancel.
    private static func smallest(_ name: String) -> Double { name == "fc1.bias" ? 5e-5 : 1e-6 }
}
