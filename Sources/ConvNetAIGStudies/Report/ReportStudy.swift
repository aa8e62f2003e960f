import ConvNetAIG
import ConvNetAIGReport
import ConvNetAIGTraining

/// Everything a report shows of a network: runs the images, moves the thresholds, takes the times, attacks.
public struct ReportStudy {
    /// A network to report on, or to compare with.
    public struct Model {
        public let name: String
        public let weights: Weights

        public init(_ weights: Weights, name: String? = nil) {
            self.name = name ?? weights.architecture.name
            self.weights = weights
        }
    }

    let model: Model
    let plain: Model?
    let backend: BackendChoice
    let settings: ReportSettings
    let session: Session
    let plainSession: Session?

    /// - Parameters:
    ///   - model: the adaptive network.
    ///   - plain: the network to compare with, usually the ResNet that was trained by the same recipe.
    ///   - backend: where to run.
    /// - Throws: `SessionError`, `BackendError`, `OpenCLError`; `GatePolicyError` if the policy does not fit.
    public init(
        of model: Model, against plain: Model?, backend: BackendChoice, settings: ReportSettings = ReportSettings()
    ) throws {
        self.model = model
        self.plain = plain
        self.backend = backend
        self.settings = settings
        session = try Session(weights: model.weights, backend: backend, batch: settings.batch)
        plainSession = try plain.map {
            try Session(weights: $0.weights, backend: backend, batch: settings.batch)
        }
        try settings.policy.validate(gates: session.architecture.gatedBlocks.count)
    }

    /// Makes the report's figures.
    ///
    /// - Parameters:
    ///   - set: labelled images, which the networks were not trained with.
    ///   - progress: called now and then.
    /// - Throws: `DatasetError`, `SessionError`, `OpenCLError`; `CancellationError` if the task it runs in is cancelled;
    ///   ``CalibrationError/noImages`` if no image could be read.
    public func figures(
        on set: any Dataset, progress: @escaping (ReportProgress) -> Void = { _ in }
    ) throws -> ReportFigures {
        let count = min(settings.limit ?? set.count, set.count)
        func following(_ stage: String, _ total: Int?) -> (Int) -> Void {
            { progress(ReportProgress(stage: stage, done: $0, total: total)) }
        }
        let routes = try RouteStudy(
            of: session, on: set, policy: settings.policy, limit: settings.limit, threads: settings.threads,
            progress: following("classifying", count))
        guard !routes.outcomes.isEmpty else { throw CalibrationError.noImages }
        let plainRoutes = try plainSession.map {
            try RouteStudy(
                of: $0, on: set, policy: .always, limit: settings.limit, threads: settings.threads,
                progress: following("classifying with \(plain?.name ?? "")", count))
        }
        let budgets = try budgetFigures(on: set, count: count, following)
        progress(ReportProgress(stage: "timing", done: 0, total: settings.timedImages))
        let times = try TimeFigures(self, on: set)
        let attacks = try attacks(on: set, count: count, following)

        var contenders = [
            ContenderFigures(
                name: model.name, top1: routes.top1, top5: routes.top5, meanMACs: routes.meanMACs,
                latency: times.adaptive, top1Interval: routes.top1Interval, top5Interval: routes.top5Interval)
        ]
        if let plain, let plainRoutes {
            contenders.append(
                ContenderFigures(
                    name: plain.name, top1: plainRoutes.top1, top5: plainRoutes.top5, meanMACs: plainRoutes.meanMACs,
                    latency: times.plain, top1Interval: plainRoutes.top1Interval,
                    top5Interval: plainRoutes.top5Interval))
        }
        let comparison = plainRoutes.map {
            ComparisonFigures(first: model.name, second: plain?.name ?? "", routes.paired(with: $0))
        }
        let similarity = routes.similarity
        let claims = Claims(
            routes: routes, plain: plainRoutes, similarity: similarity, robustness: attacks?.figures,
            architecture: session.architecture, names: (model.name, plain?.name), comparison: comparison,
            kept: attacks?.kept)
        return ReportFigures(
            model: modelFigures(routes), data: dataFigures(set, routes), contenders: contenders, rates: routes.rates,
            depths: routes.depths,
            examples: try ExampleImages(routes, set, session, count: settings.examples).figures,
            graphs: routes.graphs(limit: settings.graphs), similarity: similarity,
            budgets: BudgetFigures(
                global: budgets.global, perBlock: budgets.perBlock, dial: times.withLatencies(budgets.dial)),
            latencies: times.byBlocks, robustness: attacks?.figures, claims: claims.all,
            confusion: routes.confusion, comparison: comparison)
    }

    private func modelFigures(_ routes: RouteStudy) -> ModelFigures {
        let (architecture, cost) = (session.architecture, session.cost)
        return ModelFigures(
            name: model.name, parameters: cost.parameters, denseMACs: cost.macs,
            blocks: zip(architecture.blocks, cost.blocks).map { block, cost in
                ModelFigures.Block(
                    name: block.name, stage: block.stage, isGated: block.isGated,
                    macs: cost.branch.macs + cost.gate.macs)
            }, classes: routes.classes, policy: settings.policy.description, device: session.deviceName)
    }

    private func dataFigures(_ set: any Dataset, _ routes: RouteStudy) -> DataFigures {
        DataFigures(
            name: set.path.split(separator: "/").last.map(String.init) ?? set.path, images: routes.outcomes.count,
            imagesByClass: routes.outcomesByClass.map(\.count), skipped: routes.failures)
    }

    // MARK: Budgets

    private func budgetFigures(
        on set: any Dataset, count: Int, _ following: (String, Int?) -> (Int) -> Void
    ) throws -> BudgetFigures {
        guard session.architecture.isAdaptive else { return BudgetFigures(global: [], perBlock: [], dial: []) }
        let images = try CalibrationImages(
            set, for: session, limit: min(settings.curveImages, count), threads: settings.threads)
        let curves = try BudgetCurves(
            of: session, on: images, resolution: 0.04, passes: 24, progress: following("moving thresholds", nil))
        func points(_ positions: [BudgetCalibration.Position]) -> [BudgetFigures.Point] {
            positions.map {
                BudgetFigures.Point(
                    budget: nil, share: $0.share, top1: $0.top1, latency: nil,
                    top1Interval: .wilson(share: $0.top1, of: curves.images))
            }
        }
        var dial: [BudgetFigures.Point] = []
        for budget in dialBudgets {
            let routes = try RouteStudy(
                of: session, on: set, policy: .budget(macs: budget), limit: settings.limit, threads: settings.threads,
                progress: following("at a budget of \(budget)", count))
            dial.append(
                BudgetFigures.Point(
                    budget: budget, share: routes.meanMACs / Double(session.cost.macs), top1: routes.top1,
                    latency: nil, top1Interval: routes.top1Interval))
        }
        return BudgetFigures(global: points(curves.global), perBlock: points(curves.perBlock), dial: dial)
    }

    /// The budgets that the network can meet.
    var dialBudgets: [Double] {
        guard let calibration = session.calibration else { return [] }
        return settings.budgets.filter { (try? calibration.thresholds(for: MACBudget(share: $0))) != nil }
    }

    // MARK: Attacks

    /// What the networks do under attack, and what the first keeps against the second; nil where none was asked for.
    private func attacks(
        on set: any Dataset, count: Int, _ following: (String, Int?) -> (Int) -> Void
    ) throws -> (figures: RobustnessFigures, kept: KeptAccuracy?)? {
        guard let attack = settings.robustness else { return nil }
        let limit = min(settings.attackedImages ?? count, count)
        var figures: RobustnessFigures?
        var outcomes: [AttackOutcomes] = []
        for (model, session) in networks {
            let study = try RobustnessStudy(
                of: model.name, session: session, weights: model.weights, backend: backend, settings: attack)
            let (found, ofImages) = try study.measure(
                set, policy: session.architecture.isAdaptive ? settings.policy : .always, limit: limit,
                threads: settings.threads, progress: following("attacking \(model.name)", limit))
            figures = RobustnessFigures(
                attack: found.attack, images: found.images, rows: (figures?.rows ?? []) + found.rows)
            outcomes.append(ofImages)
        }
        return figures.map { ($0, outcomes.count > 1 ? KeptAccuracy(outcomes[0], outcomes[1]) : nil) }
    }

    private var networks: [(model: Model, session: Session)] {
        var networks = [(model: model, session: session)]
        if let plain, let plainSession { networks.append((plain, plainSession)) }
        return networks
    }
}
