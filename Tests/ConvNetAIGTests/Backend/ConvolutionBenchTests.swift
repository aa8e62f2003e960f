import Testing

@testable import ConvNetAIG
@testable import Operators

@Suite struct ConvolutionBenchTests {
    private static let settings = FusedConvolutionSettings(
        ConvolutionSettings(
            input: FeatureShape(channels: 20, height: 7, width: 5), outputChannels: 24, kernel: 3, padding: 1),
        activation: .relu, addsToOutput: true, sumsRows: true)
    private static let plain = ConvolutionAlgorithm.direct(.init(rows: 1, pixels: 1, vectors: 1))

    /// Of maps and of pictures, with vectors of every width, and more images than are looked at.
    @Test(arguments: TestBackend.onOpenCL + [.wide])
    func theStandardAlgorithmComputesWhatPlainDirectConvolutionDoes(_ fitting: TestBackend) throws {
        let runtime = try fitting.runtime
        let picture = FusedConvolutionSettings(
            ConvolutionSettings(
                source: .image, input: FeatureShape(channels: 3, height: 9, width: 11), outputChannels: 16, kernel: 3,
                stride: 2, padding: 1))
        for (settings, images) in [(Self.settings, 3), (picture, 11)] {
            let bench = try ConvolutionBench(settings, on: runtime, images: images)
            let standard = ConvolutionAlgorithm.standard(settings, runtime.traits, images: images)
            let (expected, output) = (
                try bench.output(of: bench.convolution(Self.plain.descriptor(settings, runtime.traits))),
                try bench.output(of: bench.convolution(standard.descriptor(settings, runtime.traits)))
            )
            #expect(expected.isFinite)
            #expect(expected.values.contains { $0 > 0.5 } && Set(expected.values).count > 500)
            #expect(expected.rowSums.isEmpty == !settings.sumsRows)
            #expect(output.deviation(from: expected) < ConvolutionTuner.tolerance)
        }
    }

    @Test(arguments: [
        BrokenConvolution.Fault.wrongWeight, .lacksAnImage, .doesNothing, .computesTwice, .wrongRowSums,
        .writesIntoTheHalo, .notANumber,
    ])
    func faultsShow(_ fault: BrokenConvolution.Fault) throws {
        let runtime = try TestBackend.openCL.runtime
        let bench = try ConvolutionBench(Self.settings, on: runtime, images: 3)
        let descriptor = Self.plain.descriptor(Self.settings, runtime.traits)
        let expected = try bench.output(of: bench.convolution(descriptor))
        let broken = try bench.output(of: bench.convolution(BrokenConvolution(base: descriptor, fault: fault)))
        #expect(broken.deviation(from: expected) > 10 * ConvolutionTuner.tolerance)
        // What a broken one leaves is not the next one's fault.
        #expect(try bench.output(of: bench.convolution(descriptor)).deviation(from: expected) == 0)
    }

    @Test func deviationIsTheMaximumNormOfTheRelativeError() {
        func deviation(_ values: [Float], _ expected: [Float], _ sums: [Float] = [], _ sumsExpected: [Float] = [])
            -> Double
        {
            ConvolutionOutput(values: values, rowSums: sums).deviation(
                from: ConvolutionOutput(values: expected, rowSums: sumsExpected))
        }
        #expect(deviation([], []) == 0)
        #expect(deviation([0, 0], [0, 0]) == 0)
        #expect(deviation([1, -4, 2], [1, -4, 2]) == 0)
        #expect(deviation([1, -4, 2.5], [1.25, -4, 2]) == 0.125)
        // Row sums are held against row sums.
        #expect(deviation([2], [2], [75], [100]) == 0.25)
        #expect(deviation([1], [2], [90], [100]) == 0.5)
        for values in [[Float.nan], [.infinity], [-.infinity], [0, 0], []] {
            #expect(deviation(values, [1]) == .infinity)
        }
        #expect(deviation([1], [.nan]) == .infinity)
        #expect(deviation([1e-30], [0]) == .infinity)
    }
}
