/// G g G^T, the weights of a 3 x 3 kernel at the points of a Winograd convolution (Lavin and Gray 2016).
struct WinogradWeightTransform {
    /// m + 2
    let side: Int
    /// G: side x 3, row by row.
    private let matrix: [Float]

    /// - Parameter outputTile: 2, or else 4.
    init(outputTile: Int) {
        if outputTile == 2 {
            side = 4
            matrix = [
                1, 0, 0,
                0.5, 0.5, 0.5,
                0.5, -0.5, 0.5,
                0, 0, 1,
            ]
        } else {
            side = 6
            matrix = [
                1 / 4, 0, 0,
                -1 / 6, -1 / 6, -1 / 6,
                -1 / 6, 1 / 6, -1 / 6,
                1 / 24, 1 / 12, 1 / 6,
                1 / 24, -1 / 12, 1 / 6,
                0, 0, 1,
            ]
        }
    }

    /// The nine weights of a kernel, row by row, of sixteen kernels at once.
    struct Taps {
        var rows: (Row, Row, Row) = (Row(), Row(), Row())

        struct Row {
            var left = SIMD16<Float>.zero
            var middle = SIMD16<Float>.zero
            var right = SIMD16<Float>.zero
        }

        @inline(__always)
        mutating func set(_ lane: Int, _ weights: UnsafeBufferPointer<Float>, at start: Int) {
            rows.0.left[lane] = weights[start]
            rows.0.middle[lane] = weights[start + 1]
            rows.0.right[lane] = weights[start + 2]
            rows.1.left[lane] = weights[start + 3]
            rows.1.middle[lane] = weights[start + 4]
            rows.1.right[lane] = weights[start + 5]
            rows.2.left[lane] = weights[start + 6]
            rows.2.middle[lane] = weights[start + 7]
            rows.2.right[lane] = weights[start + 8]
        }
    }

    /// - Parameter body: gets the weights of point after point.
    @inline(__always)
    func callAsFunction(_ taps: Taps, _ body: (SIMD16<Float>) -> Void) {
        matrix.withUnsafeBufferPointer { matrix in
            for i in 0..<side {
                let (a, b, c) = (matrix[3 * i], matrix[3 * i + 1], matrix[3 * i + 2])
                let left = a * taps.rows.0.left + b * taps.rows.1.left + c * taps.rows.2.left
                let middle = a * taps.rows.0.middle + b * taps.rows.1.middle + c * taps.rows.2.middle
                let right = a * taps.rows.0.right + b * taps.rows.1.right + c * taps.rows.2.right
                for j in 0..<side {
                    body(matrix[3 * j] * left + matrix[3 * j + 1] * middle + matrix[3 * j + 2] * right)
                }
            }
        }
    }
}
