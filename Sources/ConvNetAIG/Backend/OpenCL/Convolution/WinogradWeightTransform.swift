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

    /// - Parameters:
    ///   - taps: the nine weights of a kernel, row by row, of sixteen kernels at once.
    ///   - body: gets each point's index and its weights.
    func callAsFunction(_ taps: [SIMD16<Float>], _ body: (Int, SIMD16<Float>) -> Void) {
        matrix.withUnsafeBufferPointer { matrix in
            for i in 0..<side {
                let (a, b, c) = (matrix[3 * i], matrix[3 * i + 1], matrix[3 * i + 2])
                let left = a * taps[0] + b * taps[3] + c * taps[6]
                let middle = a * taps[1] + b * taps[4] + c * taps[7]
                let right = a * taps[2] + b * taps[5] + c * taps[8]
                for j in 0..<side {
                    body(
                        i * side + j,
                        matrix[3 * j] * left + matrix[3 * j + 1] * middle + matrix[3 * j + 2] * right)
                }
            }
        }
    }
}
