import Foundation

/// A policy, worked out for the images of a batch.
///
/// Every policy that asks the gates comes down to a threshold on a gate's log-odds, logit 1 - logit 0. They are made
/// here, once for all backends, so that these cannot differ in their routes by more than the rounding of the log-odds.
package enum GateTable: Sendable, Hashable {
    /// [gate][image]: the gate opens where its log-odds exceed this.
    case thresholds([Float])
    /// [gate][image]: what is decided already.
    case known([Bool])

    /// - Parameters:
    ///   - images: images of the batch.
    ///   - firstImage: how many images came before, in the caller's numbering; random draws depend on it and not on how
    ///     images are split into batches.
    package init(_ policy: GatePolicy, gates: Int, images: Int, firstImage: Int) {
        func table<Value>(_ value: (_ gate: Int, _ image: Int) -> Value) -> [Value] {
            (0..<gates).flatMap { gate in (0..<images).map { value(gate, firstImage + $0) } }
        }
        switch policy {
        case .argmax:
            self = .thresholds([Float](repeating: 0, count: gates * images))
        case .threshold(let probability):
            // sigmoid(log-odds) > p
            let logOdds = log(probability / (1 - probability))
            self = .thresholds([Float](repeating: logOdds, count: gates * images))
        case .logOdds(let thresholds):
            self = .thresholds(table { gate, _ in thresholds[gate] })
        case .budget:
            preconditionFailure("a session turns budgets into thresholds")
        case .sample(let seed):
            let generator = Philox4x32(seed: seed)
            self = .thresholds(
                table { gate, image in
                    // logit 1 + noise 1 > logit 0 + noise 0
                    let (first, second) = generator.uniforms(gate: gate, image: image)
                    return Self.gumbel(first) - Self.gumbel(second)
                })
        case .rate(let rates, let seed):
            let generator = Philox4x32(seed: seed)
            self = .thresholds(
                table { gate, image in
                    let rate = rates.count == 1 ? rates[0] : rates[gate]
                    return generator.uniforms(gate: gate, image: image).0 < rate ? -.infinity : .infinity
                })
        case .always:
            self = .known([Bool](repeating: true, count: gates * images))
        case .mask(let open):
            self = .known(table { gate, _ in open[gate] })
        }
    }

    /// A Gumbel(0, 1) variate from a uniform one, guarded as in the authors' code: -log(eps - log(u + eps)).
    static func gumbel(_ uniform: Float) -> Float {
        let epsilon: Float = 1e-10
        return -log(epsilon - log(uniform + epsilon))
    }
}

extension Philox4x32 {
    /// Two numbers in [0, 1) that belong to this gate and image.
    func uniforms(gate: Int, image: Int) -> (Float, Float) {
        let image = UInt64(truncatingIfNeeded: image)
        let bits = self(
            counter: (
                UInt32(truncatingIfNeeded: image), UInt32(truncatingIfNeeded: image >> 32),
                UInt32(truncatingIfNeeded: gate), 0
            ))
        return (Self.uniform(bits.0), Self.uniform(bits.1))
    }
}
