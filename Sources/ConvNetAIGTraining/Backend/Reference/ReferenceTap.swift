import ConvNetAIG
import Operators

/// A place in a convolution's window, and the output pixels for which it lies within the picture.
struct ReferenceTap {
    /// ky x kernel + kx
    let index: Int
    let rows: Range<Int>
    let columns: Range<Int>
    private let firstRow: Int
    private let firstColumn: Int
    private let stride: Int
    private let inputWidth: Int

    private init(_ shape: ConvolutionSettings, ky: Int, kx: Int) {
        index = ky * shape.kernel + kx
        firstRow = ky - shape.padding
        firstColumn = kx - shape.padding
        stride = shape.stride
        inputWidth = shape.input.width
        rows = Self.inside(outputs: shape.output.height, inputs: shape.input.height, first: firstRow, stride: stride)
        columns = Self.inside(
            outputs: shape.output.width, inputs: shape.input.width, first: firstColumn, stride: stride)
    }

    /// All places of the window, row by row.
    static func all(_ shape: ConvolutionSettings) -> [ReferenceTap] {
        (0..<shape.kernel).flatMap { ky in
            (0..<shape.kernel).map { kx in ReferenceTap(shape, ky: ky, kx: kx) }
        }
    }

    /// The outputs that read first + output x stride within 0..<inputs.
    private static func inside(outputs: Int, inputs: Int, first: Int, stride: Int) -> Range<Int> {
        let inside = (0..<outputs).filter { (0..<inputs).contains(first + $0 * stride) }
        guard let first = inside.first else { return 0..<0 }
        return first..<first + inside.count
    }

    /// The pixel of the input that output pixel (row, 0) reads here, which is beyond the border if 0 is not one of
    /// `columns`. Further columns are `stride` pixels apart.
    func pixel(row: Int) -> Int { (firstRow + row * stride) * inputWidth + firstColumn }
}
