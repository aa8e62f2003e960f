import ConvNetAIG
import ConvNetAIGTraining

/// The shortcut without parameters, forward and backward.
struct ZeroPaddedCase: OperatorCase {
    let settings: ZeroPaddedShortcutSettings
    let images: Int
    let capacity: Int

    private static func make(
        _ input: (Int, Int, Int), _ output: (Int, Int, Int), stride: Int, images: Int, capacity: Int
    ) -> ZeroPaddedCase {
        ZeroPaddedCase(
            settings: ZeroPaddedShortcutSettings(
                input: FeatureShape(channels: input.0, height: input.1, width: input.2),
                output: FeatureShape(channels: output.0, height: output.1, width: output.2), stride: stride,
                sumsRows: false), images: images, capacity: capacity)
    }

    static let all: [ZeroPaddedCase] = [
        make((16, 8, 8), (32, 4, 4), stride: 2, images: 2, capacity: 2),
        make((5, 7, 9), (33, 4, 5), stride: 2, images: 5, capacity: 5),
        make((3, 3, 5), (17, 3, 5), stride: 1, images: 3, capacity: 4),
        make((17, 5, 3), (17, 3, 2), stride: 2, images: 1, capacity: 3),
        make((1, 1, 1), (3, 1, 1), stride: 2, images: 1, capacity: 1),
    ]

    var testDescription: String {
        "\(settings.input.channels) x \(settings.input.height) x \(settings.input.width) to \(settings.output.channels) "
            + "channels, stride \(settings.stride), \(images) of \(capacity) images"
    }

    private func x(_ images: Int, _ seed: UInt64) -> [Float] {
        TestValues.uniform(images * settings.input.count, seed: seed + 1)
    }
    private func gradient(_ images: Int, _ seed: UInt64) -> [Float] {
        TestValues.uniform(images * settings.output.count, seed: seed + 2)
    }

    func run<B: TrainingBackend>(_ backend: B) throws -> [String: [Float]] {
        let bench = try OperatorBench(backend, capacity: capacity)
        let input = try bench.source(settings.input)
        let gradient = try bench.source(settings.output)
        let output = try backend.makeFeatureMaps(settings.output, images: capacity)
        // What was there before is replaced.
        let result = try bench.source(settings.input)
        return try bench.run(images: images) { images, seed in
            try bench.fill(input, x(images, seed))
            try backend.zeroPaddedShortcut(settings, input.maps, to: output)
            try bench.fill(gradient, self.gradient(images, seed))
            try bench.fill(result, x(images, seed))
            try backend.backwardThroughZeroPaddedShortcut(settings, gradient: gradient.maps, to: result.maps)
            return ["output": try backend.download(output), "input": try backend.download(result.maps)]
        }
    }

    func expected() -> [String: ExpectedValues] {
        let x = x(images, 0).map(Double.init)
        let gradient = gradient(images, 0).map(Double.init)
        func output(_ x: [Double]) -> [Double] {
            DoubleOperators.zeroPadded(
                x, input: settings.input, output: settings.output,
                stride: settings.stride, images: images)
        }
        return [
            "output": .all(output(x)),
            "input": .some(DoubleOperators.derivatives(by: x) { DoubleOperators.dot(output($0), gradient) }),
        ]
    }
}
