import ConvNetAIG

@testable import ConvNetAIGTraining

/// The classifier and its loss, forward and backward.
struct ClassifierCase: OperatorCase {
    let channels: Int
    let classes: Int
    let images: Int
    let capacity: Int
    let labelSmoothing: Float
    /// What the weights are multiplied by: large ones make logits whose exponentials are no floats.
    var scale: Float = 1
    var teacherWeight: Float = 0
    var teacherTemperature: Float = 1

    static let all: [ClassifierCase] = [
        ClassifierCase(channels: 1, classes: 3, images: 1, capacity: 1, labelSmoothing: 0),
        ClassifierCase(channels: 3, classes: 1, images: 2, capacity: 2, labelSmoothing: 0.1),
        ClassifierCase(channels: 5, classes: 2, images: 5, capacity: 5, labelSmoothing: 0),
        ClassifierCase(channels: 17, classes: 10, images: 3, capacity: 5, labelSmoothing: 0.1),
        ClassifierCase(channels: 33, classes: 101, images: 4, capacity: 4, labelSmoothing: 0.2),
        ClassifierCase(channels: 64, classes: 10, images: 5, capacity: 7, labelSmoothing: 0),
        ClassifierCase(channels: 17, classes: 10, images: 3, capacity: 3, labelSmoothing: 0, scale: 60),
        ClassifierCase(
            channels: 17, classes: 10, images: 3, capacity: 5, labelSmoothing: 0, teacherWeight: 0.75,
            teacherTemperature: 3),
        ClassifierCase(
            channels: 33, classes: 101, images: 4, capacity: 4, labelSmoothing: 0.2, teacherWeight: 0.3,
            teacherTemperature: 0.5),
        ClassifierCase(
            channels: 5, classes: 3, images: 5, capacity: 5, labelSmoothing: 0, scale: 30, teacherWeight: 1),
    ]

    var testDescription: String {
        "\(channels) channels, \(classes) classes, smoothing \(labelSmoothing), \(images) of \(capacity) images"
            + (scale == 1 ? "" : ", weights x \(scale)")
            + (teacherWeight == 0 ? "" : ", teacher's weight \(teacherWeight), temperature \(teacherTemperature)")
    }

    private var weights: [Float] { TestValues.uniform(classes * channels, seed: 1).map { scale * $0 } }
    private var bias: [Float] { TestValues.uniform(classes, seed: 2) }
    private func features(_ images: Int, _ seed: UInt64) -> [Float] {
        TestValues.uniform(images * channels, seed: seed + 3).map { abs($0) }
    }
    private func labels(_ images: Int) -> [Int32] { (0..<images).map { Int32(($0 * 7 + 1) % classes) } }

    /// As different from each other as the network's logits.
    private func teacherLogits(_ images: Int) -> [Float] {
        TestValues.uniform(images * classes, seed: 4).map { 4 * scale * $0 }
    }

    func run<B: TrainingBackend>(_ backend: B) throws -> [String: [Float]] {
        let bench = try OperatorBench(backend, capacity: capacity)
        let settings = TrainingClassifierSettings(
            ClassifierSettings(features: FeatureShape(channels: channels, height: 1, width: 1), classes: classes),
            weight: bench.parameters(weights), bias: bench.parameters(bias))
        let classifier = try backend.makeClassifier(settings, images: capacity)
        let features = try bench.featureSource(channels: channels)
        let gradient = try backend.makeVectors(channels: channels, images: capacity)
        return try bench.run(images: images) { images, seed in
            try bench.fill(features, self.features(images, seed))
            try backend.classify(
                classifier, features: features.vectors,
                targets: LossTargets(
                    labels: labels(images), labelSmoothing: labelSmoothing,
                    teacherLogits: teacherWeight > 0 ? teacherLogits(images) : [], teacherWeight: teacherWeight,
                    teacherTemperature: teacherTemperature))
            try backend.backward(classifier, features: features.vectors, to: gradient)
            let outcome = try backend.result(classifier, gates: [])
            return [
                "logits": outcome.logits, "losses": outcome.losses,
                "weights": try bench.read(.gradients, at: settings.weight, count: classes * channels),
                "bias": try bench.read(.gradients, at: settings.bias, count: classes),
                "features": try bench.read(gradient, channels: channels),
            ]
        }
    }

    func expected() -> [String: ExpectedValues] {
        let (weights, bias) = (weights.map(Double.init), bias.map(Double.init))
        let features = features(images, 0).map(Double.init)
        func losses(_ features: [Double], _ weights: [Double], _ bias: [Double]) -> [Double] {
            let logits = DoubleOperators.linear(features, weights, bias)
            let (share, temperature) = (Double(teacherWeight), Double(teacherTemperature))
            let losses = DoubleOperators.crossEntropy(
                logits, labels: labels(images), smoothing: Double(labelSmoothing))
            guard share > 0 else { return losses }
            let divergences = DoubleOperators.divergence(
                logits, from: teacherLogits(images).map(Double.init), temperature: temperature, images: images)
            return zip(losses, divergences).map { (1 - share) * $0 + share * temperature * temperature * $1 }
        }
        func loss(_ features: [Double], _ weights: [Double], _ bias: [Double]) -> Double {
            losses(features, weights, bias).reduce(0, +) / Double(images)
        }
        return [
            "logits": .all(DoubleOperators.linear(features, weights, bias)),
            "losses": .all(losses(features, weights, bias)),
            "weights": .some(DoubleOperators.derivatives(by: weights) { loss(features, $0, bias) }),
            "bias": .some(DoubleOperators.derivatives(by: bias) { loss(features, weights, $0) }),
            "features": .some(DoubleOperators.derivatives(by: features) { loss($0, weights, bias) }),
        ]
    }
}
