import CCLBlast
import OpenCL
import Testing

@testable import ConvNetAIG
@testable import Operators

/// Layers that are matrix products, at the sizes of ImageNet networks, against a library of its own making on the same
/// device: plain loops would take too long.
@Suite struct CLBlastParityTests {
    /// rows x inner times (columns x inner), transposed: [rows][columns].
    static func product(
        _ first: [Float], _ second: [Float], rows: Int, columns: Int, inner: Int, on backend: OpenCLBackend
    ) throws -> [Float] {
        let context = backend.runtime.context
        let (a, b) = (try Buffer(context: context, copying: first), try Buffer(context: context, copying: second))
        let c = try Buffer(context: context, byteCount: rows * columns * MemoryLayout<Float>.stride)
        var queue: OpaquePointer? = backend.queue.handle
        let status = CLBlastSgemm(
            CLBlastLayoutRowMajor, CLBlastTransposeNo, CLBlastTransposeYes, rows, columns, inner, 1, a.handle, 0,
            inner, b.handle, 0, inner, 0, c.handle, 0, columns, &queue, nil)
        #expect(status == CLBlastSuccess)
        return try backend.queue.read(from: c, as: Float.self)
    }

    @Test func classifierOfResNet50() throws {
        let backend = try OpenCLBackend(TestBackend.openCL.runtime)
        let (images, shape) = (5, FeatureShape(channels: 2048, height: 1, width: 1))
        let settings = ClassifierSettings(features: shape, classes: 1000)
        let features = OperatorParityTests.values(images * shape.channels, seed: 1)
        let weights = OperatorParityTests.values(settings.classes * shape.channels, seed: 2)
        let pooled = try backend.makeFeatureMaps(shape, pooled: true, images: images)
        // Of a map of one pixel the row sums are the features themselves.
        try backend.queue.write(to: #require(pooled.rowSums), values: features)
        let classifier = try backend.makeClassifier(
            settings, LinearWeights(weights: weights, bias: [Float](repeating: 0, count: settings.classes)),
            images: images)
        try backend.classify(classifier, features: pooled, images: images)
        let found = try backend.finish(classifier, backend.makeDecisions(gates: 0, images: images), images: images)
        let expected = try Self.product(
            features, weights, rows: images, columns: settings.classes, inner: shape.channels, on: backend)
        OperatorParityTests.expectClose(found.logits, expected)
    }

    @Test func pointwiseConvolutionOfResNet50() throws {
        let backend = try OpenCLBackend(TestBackend.openCL.runtime)
        let settings = FusedConvolutionSettings(
            ConvolutionSettings(
                input: FeatureShape(channels: 512, height: 14, width: 14), outputChannels: 256, kernel: 1))
        let input = OperatorParityTests.values(settings.convolution.input.count, seed: 3)
        let weights = OperatorParityTests.weights(settings, seed: 4)
        let output = try backend.makeFeatureMaps(settings.convolution.output, pooled: false, images: 1)
        try backend.convolve(
            try backend.makeConvolution(settings, weights, images: 1),
            OperatorParityTests.fill(input, settings.convolution.input, images: 1, on: backend), to: output,
            on: .all(count: 1),
            decisions: backend.makeDecisions(gates: 0, images: 1), gate: nil)
        // [pixels][channels], as the product wants its second factor.
        let pixels = settings.convolution.input.pixels
        let transposed = (0..<pixels * settings.convolution.input.channels).map { index in
            input[index % settings.convolution.input.channels * pixels + index / settings.convolution.input.channels]
        }
        let product = try Self.product(
            weights.weights, transposed, rows: settings.convolution.outputChannels, columns: pixels,
            inner: settings.convolution.input.channels, on: backend)
        let expected = product.indices.map { product[$0] + weights.bias[$0 / pixels] }
        OperatorParityTests.expectClose(try backend.download(output, images: 1), expected)
    }
}
