import ConvNetAIG
import ConvNetAIGModels

/// A ResNet and the adaptive network of the same depth.
struct BenchmarkModel: Hashable {
    /// The networks' names without "resnet-" or "convnet-aig-", such as "50" or "cifar-110".
    let depthName: String
    let plain: Architecture
    /// Nil where only the ResNet is measured.
    var adaptive: Architecture?

    private static let plainPrefix = "resnet-"
    private static let adaptivePrefix = "convnet-aig-"

    /// - Parameter name: "convnet-aig-50", or "50" for short, is the pair of that network and its ResNet,
    ///   "resnet-50" the ResNet alone.
    /// - Throws: `ArchitectureError` if there is no such network.
    init(_ name: String) throws(ArchitectureError) {
        let isPlain = name.hasPrefix(Self.plainPrefix)
        let prefix = [Self.plainPrefix, Self.adaptivePrefix].first { name.hasPrefix($0) } ?? ""
        depthName = String(name.dropFirst(prefix.count))
        plain = try Architecture(named: Self.plainPrefix + depthName)
        adaptive = isPlain ? nil : try Architecture(named: Self.adaptivePrefix + depthName)
    }

    /// The number in the name.
    var depth: Int { Int(depthName.split(separator: "-").last ?? "") ?? 0 }

    /// Whether it belongs to the CIFAR family, whose depths differ from those for ImageNet.
    var isCIFAR: Bool { depthName.hasPrefix("cifar-") }

    /// The routes to measure the adaptive network on: those of its gates if the library has trained weights, routes
    /// drawn at the paper's rates if it gives some, and otherwise at one rate for all blocks.
    ///
    /// - Parameters:
    ///   - rate: one rate for all gated blocks, instead.
    ///   - targets: values for t in the paper's schedules, instead of the usual ones.
    func routes(rate: Float?, targets: [Float]?, seed: UInt64) -> [Routes] {
        guard let adaptive else { return [] }
        if let rate { return [.drawn(rate: rate, seed: seed)] }
        if EmbeddedModel(architecture: adaptive) != nil { return [.trained] }
        if isCIFAR {
            guard depth == PaperRates.cifarDepth else {
                return [.drawn(rate: PaperRates.cifarRate, seed: seed)]
            }
            let rate = PaperRates.cifarRate
            return [Routes(label: "paper \(rate)", policy: .rate([rate], seed: seed))]
        }
        guard let published = PaperRates.targets(depth: depth) else {
            return [.drawn(rate: Self.rateWithoutSource, seed: seed)]
        }
        return (targets ?? Self.usualTargets(depth: depth)).compactMap { target in
            PaperRates.schedule(depth: depth, target: target).map { rates in
                let origin = published.contains(target) ? "paper " : ""
                return Routes(label: "\(origin)t=\(target)", policy: .rate(rates, seed: seed))
            }
        }
    }

    /// For depths that the paper gives no rates for.
    static let rateWithoutSource: Float = 0.6

    /// The targets that a run of a few minutes has time for.
    private static func usualTargets(depth: Int) -> [Float] { depth == 50 ? [0.5] : [0.3, 0.5] }
}
