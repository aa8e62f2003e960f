import Testing

@testable import ConvNetAIG
@testable import Operators

@Suite struct TensorTests {
    @Test func checkedShapes() throws {
        #expect(try Tensor(shape: [2, 3], values: [1, 2, 3, 4, 5, 6]).count == 6)
        #expect(try Tensor(shape: [], values: [1]).count == 1)
        #expect(try Tensor(shape: [0, .max, .max]).count == 0)
        #expect(throws: TensorError.countMismatch(shape: [2], expected: 2, found: 1)) {
            try Tensor(shape: [2], values: [1])
        }
        for shape in [[-1], [.max, 2], [.max], [-1, 0], [1 << 31, 1 << 31, 1 << 31]] {
            #expect(throws: TensorError.invalidShape(shape)) { try Tensor(shape: shape) }
        }
    }

    @Test func changing() throws {
        var tensor = try Tensor(shape: [2, 2], repeating: 3)
        tensor.withUnsafeMutableFloats { $0[1] = 7 }
        #expect(tensor.values == [3, 7, 3, 3])
        #expect(try tensor.reshaped(to: [4]).shape == [4])
        #expect(throws: TensorError.self) { try tensor.reshaped(to: [3]) }
    }
}
