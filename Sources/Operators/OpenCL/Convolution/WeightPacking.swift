import Kernels
import OpenCL

/// The order in which a kernel reads a convolution's weights. Channels that are padding, and what a panel has beyond the
/// convolution's own, are zero.
enum WeightPacking: Sendable, Hashable {
    /// [output / width][inner][width]: the right factor of a product of matrices, in panels of `width` output channels.
    /// `inner` counts values in the order [input / block][kernel][kernel][block], and is at least as many as there are.
    case panels(width: Int, block: Int, inner: Int)
    /// G g G^T, [output / step][point][input / 16][16][step]: see Winograd.cl.
    case winograd(outputTile: Int, step: Int)

    /// Values of the packed weights.
    func count(_ convolution: ConvolutionSettings) -> Int {
        switch self {
        case .panels(let width, _, let inner): (convolution.output.paddedChannels + width - 1) / width * width * inner
        case .winograd(let outputTile, _):
            convolution.output.paddedChannels * convolution.input.paddedChannels * (outputTile + 2) * (outputTile + 2)
        }
    }

    /// Packs weights on the host.
    ///
    /// - Parameters:
    ///   - weights: [output][input][kernel][kernel]
    ///   - packed: ``count(_:)`` values, of which those that are padding are left as they are.
    func pack(
        _ weights: [Float], of convolution: ConvolutionSettings, into packed: UnsafeMutableBufferPointer<Float>
    ) {
        weights.withUnsafeBufferPointer { weights in
            switch self {
            case .panels(let width, let block, let inner):
                packPanels(weights, convolution, width, block, inner, packed)
            case .winograd(let outputTile, let step): packWinograd(weights, convolution, outputTile, step, packed)
            }
        }
    }

    private func packPanels(
        _ weights: UnsafeBufferPointer<Float>, _ convolution: ConvolutionSettings, _ width: Int, _ block: Int,
        _ inner: Int, _ packed: UnsafeMutableBufferPointer<Float>
    ) {
        let area = convolution.kernel * convolution.kernel
        let (from, to) = (convolution.input.channels, convolution.outputChannels)
        for output in 0..<to {
            let panel = output / width * inner * width + output % width
            for input in 0..<from {
                let source = (output * from + input) * area
                let target = panel + (input / block * area * block + input % block) * width
                for tap in 0..<area { packed[target + tap * block * width] = weights[source + tap] }
            }
        }
    }

    private func packWinograd(
        _ weights: UnsafeBufferPointer<Float>, _ convolution: ConvolutionSettings, _ outputTile: Int, _ step: Int,
        _ packed: UnsafeMutableBufferPointer<Float>
    ) {
        guard let target = packed.baseAddress else { return }
        let (from, to) = (convolution.input.channels, convolution.outputChannels)
        let points = (outputTile + 2) * (outputTile + 2)
        let pointStride = convolution.input.paddedChannels * step
        let transform = WinogradWeightTransform(outputTile: outputTile)
        let lanes = SIMD16<Float>.scalarCount
        // Vectors of sixteen lie together wherever the device has such.
        let isWhole = step % lanes == 0
        var taps = WinogradWeightTransform.Taps()
        for first in Swift.stride(from: 0, to: to, by: lanes) {
            let used = min(lanes, to - first)
            let group = first / step * points * pointStride + first % step
            for input in 0..<from {
                for lane in 0..<used { taps.set(lane, weights, at: ((first + lane) * from + input) * 9) }
                if isWhole, used == lanes {
                    var place = UnsafeMutableRawPointer(target + group + input * step)
                    transform(taps) { values in
                        place.storeBytes(of: values, as: SIMD16<Float>.self)
                        place += pointStride * MemoryLayout<Float>.stride
                    }
                } else {
                    var point = 0
                    transform(taps) { values in
                        for lane in 0..<used {
                            let group = (first + lane) / step * points * pointStride + (first + lane) % step
                            target[group + point * pointStride + input * step] = values[lane]
                        }
                        point += 1
                    }
                }
            }
        }
    }
}

/// Packed weights that change: they are made on the device, by WeightPacking.cl, from parameters that lie there.
final class PackedWeights {
    let packing: WeightPacking
    let buffer: Buffer
    private let kernel: BoundKernel
    /// Those of the convolution that reads the weights.
    private let outputs: Int
    private let inputs: Int

    /// - Parameters:
    ///   - convolution: the one that reads the weights.
    ///   - isTransposed: whether the parameters are those of the convolution in the other direction,
    ///     [input][output][kernel][kernel].
    ///   - isMirrored: whether those are turned round, too.
    /// - Throws: ``BackendError/batchTooLarge(images:bytes:limit:device:)``, `OpenCLError`.
    init(
        _ packing: WeightPacking, _ convolution: ConvolutionSettings, isTransposed: Bool, isMirrored: Bool = true,
        on executor: OpenCLExecutor
    ) throws {
        self.packing = packing
        let (name, outputTile) =
            switch packing {
            case .panels: ("pack_panels", 4)
            case .winograd(let outputTile, _): ("pack_winograd", outputTile)
            }
        kernel = try executor.kernel(
            name,
            ProgramDescriptor(
                .weightPacking, executor.traits,
                [
                    "AREA": convolution.kernel * convolution.kernel, "TRANSPOSED": isTransposed ? 1 : 0,
                    "MIRRORED": isMirrored ? 1 : 0, "OUTPUT_TILE": outputTile,
                ]))
        outputs = convolution.outputChannels
        inputs = convolution.input.channels
        buffer = try executor.allocate(
            Float.self, perImage: packing.count(convolution), images: 1, as: \.weights)
    }

    /// Brings the parameters as they are now into the order that the kernel reads.
    /// - Parameter first: where the convolution's begin.
    func update(from parameters: Buffer, first: Int, on executor: OpenCLExecutor) throws {
        let traits = executor.traits
        let vectors = NDRange((outputs + traits.vectorWidth - 1) / traits.vectorWidth)
        switch packing {
        case .panels(let width, let block, let inner):
            try kernel.bind([
                .buffer(parameters), .integer(first), .buffer(buffer), .integer(outputs), .integer(inputs),
                .integer(width), .integer(block), .integer(inner),
            ])
            if traits.hasLanes {
                try executor.launchNeighbours(kernel, NDRange(inner * width, (outputs + width - 1) / width))
            } else {
                try executor.launch(kernel, global: vectors)
            }
        case .winograd(_, let step):
            try executor.launch(
                kernel, vectors, .buffer(parameters), .integer(first), .buffer(buffer), .integer(outputs),
                .integer(inputs), .integer(step))
        }
    }
}

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
