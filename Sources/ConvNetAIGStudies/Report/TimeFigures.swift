import ConvNetAIG
import ConvNetAIGReport
import ConvNetAIGTraining

/// The times of a report: the adaptive network, the plain one and every budget, taking turns.
struct TimeFigures {
    let byBlocks: [LatencyFigures]
    /// Medians for one image, in milliseconds.
    let adaptive: Double?
    let plain: Double?
    private let budgets: [Double?]

    init(_ study: ReportStudy, on set: any Dataset) throws {
        let single = try Session(weights: study.model.weights, backend: study.backend)
        var contenders = [LatencyStudy.Contender(session: single, policy: study.settings.policy)]
        contenders += study.dialBudgets.map { LatencyStudy.Contender(session: single, policy: .budget(macs: $0)) }
        if let plain = study.plain {
            contenders.append(
                .init(session: try Session(weights: plain.weights, backend: study.backend), policy: .always))
        }
        let times = try LatencyStudy(
            contenders, on: set, images: study.settings.timedImages, threads: study.settings.threads)
        byBlocks = times.figures(0)
        adaptive = times.median(0)
        budgets = study.dialBudgets.indices.map { times.median($0 + 1) }
        plain = study.plain == nil ? nil : times.median(contenders.count - 1)
    }

    /// - Parameter dial: of the same budgets.
    func withLatencies(_ dial: [BudgetFigures.Point]) -> [BudgetFigures.Point] {
        zip(dial, budgets).map { point, latency in
            var point = point
            point.latency = latency
            return point
        }
    }
}
