import ConvNetAIGReport
import Foundation
import TestSupport

/// Made-up figures that hang together: images take routes at random, at rates that depend on their class, and everything
/// else is counted from these.
struct SampleFigures {
    static let cifar = [
        "airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck",
    ]

    var classes = SampleFigures.cifar
    /// Blocks of each stage.
    var stages = [3, 3, 3]
    var imagesPerClass = 200
    var examplesPerClass = 3
    private(set) var random = SampleRandom()

    var blocks: [ModelFigures.Block] {
        stages.enumerated().flatMap { stage, count in
            (0..<count).map { index in
                ModelFigures.Block(
                    name: "layer\(stage + 1).\(index)", stage: stage + 1, isGated: stage > 0 || index > 0,
                    macs: 4_500_000)
            }
        }
    }

    private var denseMACs: Int { 300_000 + 4_500_000 * blocks.count }

    func macs(_ route: [Bool]) -> Int { 300_000 + 4_500_000 * route.count { $0 } }

    mutating func make() -> ReportFigures {
        let blocks = blocks
        let routes = classes.indices.map { index in (0..<imagesPerClass).map { _ in route(index, blocks) } }
        let rates = rates(routes, blocks)
        let model = ModelFigures(
            name: "convnet-aig-cifar-20", parameters: 278_714, denseMACs: denseMACs, blocks: blocks, classes: classes,
            policy: "argmax", device: "pthread-AMD EPYC 9V74")
        return ReportFigures(
            model: model,
            data: DataFigures(
                name: "cifar-10-batches-bin", images: routes.joined().count, imagesByClass: routes.map(\.count),
                skipped: ["broken.png: not a picture"]),
            contenders: contenders(rates), rates: rates, depths: depths(routes, blocks), examples: examples(blocks),
            graphs: graphs(routes), similarity: SampleSimilarity.make(rates, blocks), budgets: budgets,
            latencies: latencies(blocks), robustness: robustness, claims: claims, confusion: confusion,
            comparison: comparison)
    }

    /// Nine in ten images are taken for what they are, the others for one of the next two classes.
    private var confusion: ConfusionMatrix {
        var matrix = ConfusionMatrix()
        for index in classes.indices {
            let (near, far) = (imagesPerClass / 12, imagesPerClass / 40)
            matrix.add(actual: index, predicted: index, count: imagesPerClass - near - far)
            matrix.add(actual: index, predicted: (index + 1) % classes.count, count: near)
            matrix.add(actual: index, predicted: (index + 2) % classes.count, count: far)
        }
        return matrix
    }

    private var comparison: ComparisonFigures {
        let counts = PairedCounts(both: 1738, onlyFirst: 89, onlySecond: 94, neither: 79)
        return ComparisonFigures(first: "convnet-aig-cifar-20", second: "resnet-cifar-20", counts: counts)
    }

    private mutating func route(_ index: Int, _ blocks: [ModelFigures.Block]) -> [Bool] {
        // The second half of the classes skips other blocks than the first.
        let group = [2, 3, 4, 5, 6, 7].contains(index) ? 1.0 : 0
        return blocks.enumerated().map { block, figure in
            if !figure.isGated { return true }
            let rate = 0.72 + 0.25 * sin(Double(block) * 1.7 + group * 0.9 + Double(index) * 0.12)
            return random.unit() < rate
        }
    }

    private func rates(_ routes: [[[Bool]]], _ blocks: [ModelFigures.Block]) -> RateFigures {
        func mean(_ routes: [[Bool]]) -> [Double] {
            blocks.indices.map { block in
                routes.isEmpty ? 0 : Double(routes.count { $0[block] }) / Double(routes.count)
            }
        }
        return RateFigures(
            byBlock: mean(Array(routes.joined())), byClass: routes.map(mean),
            top1ByClass: classes.indices.map { 0.95 - 0.013 * Double($0 * 7 % 10) },
            meanMACsByClass: routes.map { routes in
                routes.isEmpty ? 0 : Double(routes.reduce(0) { $0 + macs($1) }) / Double(routes.count)
            },
            top1IntervalsByClass: classes.indices.map { index in
                ConfidenceInterval.wilson(imagesPerClass * 9 / 10, of: imagesPerClass)
            })
    }

    private func contenders(_ rates: RateFigures) -> [ContenderFigures] {
        let mean = rates.meanMACsByClass.reduce(0, +) / Double(max(classes.count, 1))
        return [
            ContenderFigures(
                name: "convnet-aig-cifar-20", top1: 0.9134, top5: 0.9968, meanMACs: mean, latency: 0.443,
                top1Interval: ConfidenceInterval(low: 0.9003, high: 0.925),
                top5Interval: ConfidenceInterval(low: 0.9931, high: 0.9985)),
            ContenderFigures(
                name: "convnet-aig-cifar-20, always", top1: 0.9121, top5: 0.9969, meanMACs: Double(denseMACs),
                latency: 0.512),
            ContenderFigures(
                name: "resnet-cifar-20", top1: 0.9162, top5: 0.9973, meanMACs: Double(denseMACs) * 0.998, latency: 0.462
            ),
        ]
    }

    private func depths(_ routes: [[[Bool]]], _ blocks: [ModelFigures.Block]) -> [[Int]] {
        routes.map { routes in
            (0...blocks.count).map { depth in routes.count { route in route.count { $0 } == depth } }
        }
    }

    private mutating func examples(_ blocks: [ModelFigures.Block]) -> [ClassExamples] {
        classes.enumerated().map { index, name in
            var halves: [[ClassExamples.Example]] = []
            for isHard in [false, true] {
                halves.append(
                    (0..<examplesPerClass).map { number in
                        let route = route(index, blocks)
                        return ClassExamples.Example(
                            name: "test_batch.bin/\(index * 97 + number)", image: image(),
                            prediction: isHard ? classes[(index + 3 + number) % classes.count] : name,
                            probability: isHard ? 0.002 * Double(number + 1) : 0.9996, route: route, macs: macs(route))
                    })
            }
            return ClassExamples(name: name, easiest: halves[0], hardest: halves[1])
        }
    }

    private mutating func image() -> String {
        let tint = [random.unit(), random.unit(), random.unit()]
        let pixels = (0..<32 * 32).flatMap { pixel -> [UInt8] in
            let (x, y) = (Double(pixel % 32) / 31, Double(pixel / 32) / 31)
            let disk = (x - 0.5) * (x - 0.5) + (y - 0.6) * (y - 0.6) < 0.08 ? 0.5 : 0
            return tint.map { UInt8(min(255, 255 * ($0 * 0.5 + y * 0.3 + disk * x))) }
        }
        return "data:image/png;base64,"
            + Data(PNGFile.bytes(width: 32, height: 32, pixels: pixels)).base64EncodedString()
    }

    private func graphs(_ routes: [[[Bool]]]) -> GraphFigures {
        var counts: [[Bool]: [Int]] = [:]
        for (index, routes) in routes.enumerated() {
            for route in routes { counts[route, default: Array(repeating: 0, count: classes.count)][index] += 1 }
        }
        let total = Double(max(routes.joined().count, 1))
        let graphs = counts.map { route, byClass in
            let count = byClass.reduce(0, +)
            return GraphFigures.Graph(
                route: route, count: count, top1: 0.9, countByClass: byClass,
                top1Interval: .wilson(Int(0.9 * Double(count)), of: count))
        }.sorted { ($0.count, $0.route.description) > ($1.count, $1.route.description) }
        let entropy = graphs.reduce(0) { $0 - Double($1.count) / total * log2(Double($1.count) / total) }
        return GraphFigures(distinct: graphs.count, entropy: entropy, commonest: Array(graphs.prefix(12)))
    }

    private func latencies(_ blocks: [ModelFigures.Block]) -> [LatencyFigures] {
        stride(from: max(blocks.count / 3, 1), through: blocks.count, by: 1).map { depth in
            let median = 0.16 + 0.038 * Double(depth)
            return LatencyFigures(
                blocks: depth, images: 40 + 13 * (depth % 4), median: median, lowerQuartile: median - 0.012,
                upperQuartile: median + 0.021)
        }
    }

    private var budgets: BudgetFigures {
        func point(_ share: Double, _ loss: Double, _ budget: Double? = nil) -> BudgetFigures.Point {
            BudgetFigures.Point(
                budget: budget, share: share, top1: 0.917 - loss * pow(1 - share, 3),
                latency: budget.map { 0.1 + 0.4 * $0 },
                top1Interval: ConfidenceInterval(
                    low: 0.917 - loss * pow(1 - share, 3) - 0.012, high: 0.917 - loss * pow(1 - share, 3) + 0.011))
        }
        return BudgetFigures(
            global: (4...20).map { point(Double($0) / 20, 1.2) },
            perBlock: (4...20).map { point(Double($0) / 20, 0.85) },
            dial: [0.4, 0.5, 0.6, 0.7, 0.8, 0.9].map { point($0 - 0.008, 0.85, $0) })
    }

    private var robustness: RobustnessFigures {
        let rows = ["convnet-aig-cifar-20", "resnet-cifar-20"].enumerated().flatMap { index, model in
            [nil, 75].flatMap { (quality: Int?) in
                [0, 1, 2, 4, 8].map { (epsilon: Double) in
                    let strength = quality == nil ? 0.35 : 0.22
                    let top1 = (quality == nil ? 0.914 : 0.861) * exp(-strength * epsilon * (index == 0 ? 1 : 1.25))
                    return RobustnessFigures.Row(
                        model: model, epsilon: epsilon, jpegQuality: quality, top1: top1,
                        macShare: index == 0 ? 0.77 - 0.01 * epsilon : 0.998,
                        changedDecisions: index == 0 ? 0.03 * epsilon + (quality == nil ? 0 : 0.04) : nil,
                        sameGraph: index == 0 ? exp(-0.25 * epsilon) * (quality == nil ? 1 : 0.7) : nil,
                        top1Interval: .wilson(Int(1000 * top1), of: 1000),
                        changedDecisionsInterval: index == 0
                            ? ConfidenceInterval(low: 0.028 * epsilon, high: 0.032 * epsilon + 0.05) : nil)
                }
            }
        }
        return RobustnessFigures(attack: "FGSM", images: 1000, rows: rows)
    }

    private var claims: [Claim] {
        [
            Claim(
                text: "Adaptive inference graphs spend fewer MACs than the ResNet without losing accuracy.",
                verdict: .holds,
                evidence: "91.3 % with 23 % fewer MACs, against 91.6 %; the difference is within 0.5 points."),
            Claim(
                text: "Classes of one group (animals, vehicles) take similar graphs.", verdict: .holds,
                evidence: "Distances within groups are 4.1 points on average, between groups 15.3 (p = 0.005)."),
            Claim(
                text: "The network resists adversarial attacks better than the ResNet.", verdict: .fails,
                evidence: "At ε = 8/255 both are at chance."),
            Claim(text: "Latency falls with depth on a GPU.", verdict: .unknown, evidence: "No GPU was at hand."),
        ]
    }
}
