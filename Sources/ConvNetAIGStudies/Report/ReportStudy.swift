import ConvNetAIG
import ConvNetAIGReport
import ConvNetAIGTraining
import Foundation
import Statistics

/// The measurements of a report: it runs the images, moves the thresholds, takes the times and attacks.
public struct ReportStudy: Sendable {
    /// A network to report on, or to compare with.
    public struct Model: Sendable {
        /// What the report calls the network.
        public let name: String
        /// The network's weights.
        public let weights: Weights

        /// Makes a model.
        ///
        /// - Parameter name: nil for the architecture's name.
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

    /// Prepares the networks.
    ///
    /// - Parameters:
    ///   - model: the adaptive network.
    ///   - plain: the network to compare with, usually the ResNet that was trained by the same recipe.
    ///   - backend: where to run.
    ///   - settings: what to measure.
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

    /// Measures the report's figures.
    ///
    /// - Parameters:
    ///   - set: labelled images, which the networks were not trained with.
    ///   - progress: called after each batch or pass.
    /// - Throws: `DatasetError`, `SessionError`, `OpenCLError`; `CancellationError` if the task it runs in is cancelled;
    ///   ``CalibrationError/noImages`` if no image could be read.
    public func figures(
        on set: any Dataset, progress: @escaping (ReportProgress) -> Void = { _ in }
    ) throws -> ReportFigures {
        try figures(on: set, progress: progress) { try Task.checkCancellation() }
    }

    /// Measures the report's figures, without blocking the calling task's thread.
    ///
    /// - Parameter progress: called on another thread after each batch or pass.
    /// - Throws: as the synchronous form.
    public func figures(
        on set: any Dataset, progress: @escaping @Sendable (ReportProgress) -> Void = { _ in }
    ) async throws -> ReportFigures {
        try await offThread { cancellation in
            try figures(on: set, progress: progress, checkCancellation: cancellation.check)
        }
    }

    private func figures(
        on set: any Dataset, progress: @escaping (ReportProgress) -> Void, checkCancellation: () throws -> Void
    ) throws -> ReportFigures {
        let count = min(settings.limit ?? set.count, set.count)
        func following(_ stage: String, _ total: Int?) -> (Int) -> Void {
            { progress(ReportProgress(stage: stage, done: $0, total: total)) }
        }
        let routes = try RouteStudy(
            of: session, on: set, policy: settings.policy, limit: settings.limit, threads: settings.threads,
            progress: following("classifying", count), checkCancellation: checkCancellation)
        guard !routes.outcomes.isEmpty else { throw CalibrationError.noImages }
        let plainRoutes = try plainSession.map {
            try RouteStudy(
                of: $0, on: set, policy: .always, limit: settings.limit, threads: settings.threads,
                progress: following("classifying with \(plain?.name ?? "")", count),
                checkCancellation: checkCancellation)
        }
        let budgets = try budgetFigures(on: set, count: count, following, checkCancellation)
        progress(ReportProgress(stage: "timing", done: 0, total: settings.timedImages))
        let times = try TimeFigures(self, on: set, checkCancellation)
        let attacks = try attacks(on: set, count: count, following, checkCancellation)

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
            examples: try ExampleImages(routes, set, session, count: settings.examples, checkCancellation).figures,
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
        on set: any Dataset, count: Int, _ following: (String, Int?) -> (Int) -> Void,
        _ checkCancellation: () throws -> Void
    ) throws -> BudgetFigures {
        guard session.architecture.isAdaptive else { return BudgetFigures(global: [], perBlock: [], dial: []) }
        let images = try CalibrationImages(
            set, for: session, limit: min(settings.curveImages, count), threads: settings.threads,
            checkCancellation: checkCancellation)
        let curves = try BudgetCurves(
            of: session, on: images, resolution: 0.04, passes: 24, progress: following("moving thresholds", nil),
            checkCancellation: checkCancellation)
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
                progress: following("at a budget of \(budget)", count), checkCancellation: checkCancellation)
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

    /// The figures of the networks under attack, and what the first keeps against the second; nil without attacks.
    private func attacks(
        on set: any Dataset, count: Int, _ following: (String, Int?) -> (Int) -> Void,
        _ checkCancellation: () throws -> Void
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
                threads: settings.threads, progress: following("attacking \(model.name)", limit),
                checkCancellation: checkCancellation)
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

/// The times of a report: those of the adaptive network, the plain one and every budget, which take turns.
private struct TimeFigures {
    let byBlocks: [LatencyFigures]
    /// The adaptive network's median time for an image, in milliseconds.
    let adaptive: Double?
    /// The plain network's median time for an image, in milliseconds.
    let plain: Double?
    private let budgets: [Double?]

    init(_ study: ReportStudy, on set: any Dataset, _ checkCancellation: () throws -> Void) throws {
        let single = try Session(weights: study.model.weights, backend: study.backend)
        var contenders = [LatencyStudy.Contender(session: single, policy: study.settings.policy)]
        contenders += study.dialBudgets.map { LatencyStudy.Contender(session: single, policy: .budget(macs: $0)) }
        if let plain = study.plain {
            contenders.append(
                .init(session: try Session(weights: plain.weights, backend: study.backend), policy: .always))
        }
        let times = try LatencyStudy(
            contenders, on: set, images: study.settings.timedImages, threads: study.settings.threads,
            checkCancellation: checkCancellation)
        byBlocks = times.figures(0)
        adaptive = times.median(0)
        budgets = study.dialBudgets.indices.map { times.median($0 + 1) }
        plain = study.plain == nil ? nil : times.median(contenders.count - 1)
    }

    /// - Parameter dial: points of the same budgets.
    func withLatencies(_ dial: [BudgetFigures.Point]) -> [BudgetFigures.Point] {
        zip(dial, budgets).map { point, latency in
            var point = point
            point.latency = latency
            return point
        }
    }
}

/// The images of each class with the lowest and the highest loss, as a report shows them.
private struct ExampleImages {
    let figures: [ClassExamples]

    /// - Parameter count: the number of easiest images, and of hardest images, of each class.
    init(
        _ routes: RouteStudy, _ set: any Dataset, _ session: Session, count: Int,
        _ checkCancellation: () throws -> Void
    ) throws {
        func example(_ outcome: ImageOutcome) throws -> ClassExamples.Example {
            ClassExamples.Example(
                name: set.name(outcome.index), image: try Self.dataURL(set.image(outcome.index), session),
                prediction: routes.classes[outcome.prediction], probability: Double(outcome.probability),
                route: outcome.route, macs: outcome.macs)
        }
        figures = try zip(routes.classes, routes.outcomesByClass).map { name, outcomes in
            try checkCancellation()
            let ranked = outcomes.sorted { $0.loss < $1.loss }
            let easiest = ranked.prefix(min(count, (ranked.count + 1) / 2))
            let hardest = ranked.suffix(min(count, ranked.count / 2)).reversed()
            return ClassExamples(name: name, easiest: try easiest.map(example), hardest: try hardest.map(example))
        }
    }

    /// The part of an image that the network sees.
    private static func dataURL(_ image: Image, _ session: Session) throws -> String {
        let seen = try session.preprocessing?.view(of: image) ?? image
        return "data:image/jpeg;base64," + Data(try seen.jpeg(quality: 92, subsampling: .none)).base64EncodedString()
    }
}
