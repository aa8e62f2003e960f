/// A gate in Double. Its decisions are made a smooth function of its parameters by the definition of the straight-through
/// estimator: z = hard + soft - constant, the constant being the soft decision where derivatives are taken (Bengio et al.
/// 2013; Jang et al. 2017, section 2.2). Then z is the hard decision, and its derivatives are the soft one's.
struct DoubleGate {
    var fc1Weight: [Double]
    var fc1Bias: [Double]
    var gamma: [Double]
    var beta: [Double]
    var fc2Weight: [Double]
    var fc2Bias: [Double]

    /// What batch norm normalises.
    func beforeNormalization(_ features: [Double]) -> [Double] {
        DoubleOperators.linear(features, fc1Weight, fc1Bias)
    }

    /// Logits with noise, [image][skip, execute].
    func logits(_ features: [Double], noise: [Double]) -> [Double] {
        let hidden = DoubleOperators.relu(
            DoubleOperators.normalization(
                beforeNormalization(features), gamma: gamma, beta: beta, channels: gamma.count, pixels: 1))
        return zip(DoubleOperators.linear(hidden, fc2Weight, fc2Bias), noise).map { $0 + $1 }
    }

    func open(_ features: [Double], noise: [Double]) -> [Bool] {
        let logits = logits(features, noise: noise)
        return stride(from: 0, to: logits.count, by: 2).map { logits[$0 + 1] > logits[$0] }
    }

    /// Soft "execute" of each image.
    func soft(_ features: [Double], noise: [Double], temperature: Double) -> [Double] {
        let logits = logits(features, noise: noise).map { $0 / temperature }
        return stride(from: 0, to: logits.count, by: 2).map { DoubleOperators.softmax(logits[$0..<$0 + 2])[1] }
    }

    /// z of each image.
    /// - Parameters:
    ///   - hard: decisions where derivatives are taken.
    ///   - constant: soft decisions there.
    func decisions(
        _ features: [Double], noise: [Double], temperature: Double, hard: [Bool], constant: [Double]
    ) -> [Double] {
        soft(features, noise: noise, temperature: temperature).enumerated().map { image, soft in
            (hard[image] ? 1 : 0) + soft - constant[image]
        }
    }
}
