import ConvNetAIG
import ConvNetAIGTraining
import TestSupport
import Testing

@testable import ConvNetAIGStudies

@Suite struct BudgetTests {
    /// Four gated blocks, whose gates say different things of different images.
    static func weights() throws -> Weights {
        let architecture = try Architecture(
            name: "small", input: .init(height: 8, width: 8), stem: .init(channels: 6, kernel: 3),
            stages: [.init(width: 6, blocks: 3), .init(width: 8, blocks: 2, stride: 2)], blockKind: .basic,
            gateHidden: 4, ungatedBlocks: [3], classes: 3)
        return .random(for: architecture, seed: 11)
    }

    static func session(_ weights: Weights) throws -> Session {
        try Session(weights: weights, backend: .reference, batch: 16)
    }

    private static func curves(_ images: Int = 200) throws -> (BudgetCurves, Session) {
        let session = try session(weights())
        let set = VariedImages(images)
        return (try BudgetCurves(of: session, on: CalibrationImages(set, for: session)), session)
    }

    @Test func curvesGoFromAllClosedToAllOpen() throws {
        let (curves, session) = try Self.curves()
        let gates = session.architecture.gatedBlocks.count
        let least = Double(session.cost.executedMACs(open: [Bool](repeating: false, count: gates)))
        for positions in [curves.global, curves.perBlock] {
            #expect(positions.first?.share == least / Double(session.cost.macs))
            #expect(positions.last?.share == 1)
            #expect(zip(positions, positions.dropFirst()).allSatisfy { $0.share < $1.share })
            #expect(positions.allSatisfy { $0.largestShare >= $0.share && $0.largestShare <= 1 })
            #expect(positions.allSatisfy { $0.thresholds.allSatisfy(\.isFinite) })
            #expect(positions.count > 6)
        }
        #expect(curves.global.allSatisfy { Set($0.thresholds).count == 1 })
    }

    /// What a budget costs, measured by another way than the one it was calibrated by.
    @Test func meanBudgetsAreMet() throws {
        let (curves, session) = try Self.curves(600)
        let architecture = session.architecture
        let weights = try Weights(
            architecture: architecture, tensors: Self.weights().tensors(),
            metadata: [BudgetCalibration.metadataKey: curves.calibration.json()])
        #expect(weights.calibration == curves.calibration)
        let calibrated = try Self.session(weights)
        let seen = VariedImages(600)
        let least = curves.calibration.positions[0].share
        for budget in [0.7, 0.8, 0.9] where budget > least {
            let spent = try RouteStudy(of: calibrated, on: seen, policy: .budget(macs: budget)).meanMACs
            #expect(abs(spent / Double(session.cost.macs) - budget) < 0.02, "a budget of \(budget)")
        }
        #expect(
            try RouteStudy(of: calibrated, on: seen, policy: .budget(macs: 1)).meanMACs == Double(session.cost.macs))
    }

    /// A gate whose log-odds are its bias alone opens for all images or for none.
    @Test func gatesThatCannotTellImagesApartLeaveJumps() throws {
        let weights = try Self.weights()
        var tensors = try weights.tensors()
        for (name, tensor) in tensors where name.hasSuffix(".fc2.weight") {
            tensors[name] = try Tensor(shape: tensor.shape)
        }
        let session = try Self.session(Weights(architecture: weights.architecture, tensors: tensors))
        let set = VariedImages(50)
        let calibration = try BudgetCurves(of: session, on: CalibrationImages(set, for: session)).calibration
        let jumps = calibration.jumps(above: 2 * BudgetCurves.defaultResolution)
        #expect(jumps.last?.upperBound == 1)
        #expect(jumps.first?.lowerBound == calibration.positions.first?.share)
        #expect(zip(jumps, jumps.dropFirst()).allSatisfy { $0.upperBound <= $1.lowerBound })
        // What lies in a jump costs one end of it.
        let jump = try #require(jumps.first)
        let budget = (jump.lowerBound + jump.upperBound) / 2
        let thresholds = try calibration.thresholds(for: MACBudget(share: budget))
        let spent = try RouteStudy(of: session, on: set, policy: .logOdds(thresholds)).meanMACs
        #expect([jump.lowerBound, jump.upperBound].contains(spent / Double(session.cost.macs)))
        #expect(try Self.curves().0.calibration.jumps(above: 0.5).isEmpty)
    }

    @Test func noImageOfTheCalibrationExceedsABudgetForEach() throws {
        let (curves, session) = try Self.curves()
        let set = VariedImages(200)
        let largest = curves.calibration.positions.map(\.largestShare)
        let budgets = [0.7, 0.8, 0.9, 1].filter { $0 >= (largest.min() ?? 1) }
        #expect(!budgets.isEmpty)
        for budget in budgets {
            let thresholds = try curves.calibration.thresholds(for: MACBudget(share: budget, scope: .image))
            let study = try RouteStudy(of: session, on: set, policy: .logOdds(thresholds))
            #expect(study.outcomes.allSatisfy { Double($0.macs) <= budget * Double(session.cost.macs) })
        }
    }

    @Test func thresholdsBetweenPositionsAreInterpolated() throws {
        let calibration = BudgetCalibration(
            images: 1, method: .perBlock,
            positions: [
                .init(thresholds: [1, -1], share: 0.8, largestShare: 0.9, top1: 1),
                .init(thresholds: [3, 1], share: 0.4, largestShare: 0.6, top1: 1),
            ])
        #expect(try calibration.thresholds(for: MACBudget(share: 0.5)) == [2.5, 0.5])
        #expect(try calibration.thresholds(for: MACBudget(share: 0.8)) == [1, -1])
        #expect(try calibration.thresholds(for: MACBudget(share: 1)) == [1, -1])
        #expect(try calibration.thresholds(for: MACBudget(share: 0.8, scope: .image)) == [3, 1])
        #expect(throws: GatePolicyError.budgetTooSmall(0.3, min: 0.4)) {
            try calibration.thresholds(for: MACBudget(share: 0.3))
        }
        #expect(throws: GatePolicyError.budgetTooSmall(0.5, min: 0.6)) {
            try calibration.thresholds(for: MACBudget(share: 0.5, scope: .image))
        }
        #expect(throws: GatePolicyError.budgetOutOfRange(0)) { try calibration.thresholds(for: MACBudget(share: 0)) }
    }

    @Test func theMoreAccurateCurveIsChosen() {
        func positions(_ top1: Double) -> [BudgetCalibration.Position] {
            [
                .init(thresholds: [2], share: 0.5, largestShare: 0.5, top1: 0.2),
                .init(thresholds: [0], share: 0.75, largestShare: 1, top1: top1),
                .init(thresholds: [-2], share: 1, largestShare: 1, top1: 0.9),
            ]
        }
        let curves = BudgetCurves(global: positions(0.6), perBlock: positions(0.7), images: 3)
        #expect(curves.calibration.method == .perBlock)
        #expect(
            BudgetCurves(global: positions(0.7), perBlock: positions(0.6), images: 3).calibration.method == .global)
    }

    @Test func brokenCalibrationsAreRefused() throws {
        let weights = try Self.weights()
        func load(_ text: String) throws -> Weights {
            try Weights(
                architecture: weights.architecture, tensors: weights.tensors(),
                metadata: [BudgetCalibration.metadataKey: text])
        }
        let short = BudgetCalibration(
            images: 1, method: .global, positions: [.init(thresholds: [0], share: 0.5, largestShare: 1, top1: 1)])
        for text in ["", "{}", "[1]", try short.json(), #"{"pictures":1,"method":"global","positions":[]}"#] {
            #expect(throws: WeightsError.self) { try load(text) }
        }
    }

    @Test func budgetsNeedACalibrationAndCalibrationsGates() throws {
        let session = try Self.session(Self.weights())
        #expect(throws: GatePolicyError.notCalibrated) {
            try session.run(Tensor(shape: [1, 3, 8, 8]), policy: .budget(macs: 0.7))
        }
        let plain = try Session(
            weights: .random(for: Architecture(named: "resnet-cifar-8"), seed: 1), backend: .reference)
        #expect(throws: CalibrationError.noGates("resnet-cifar-8")) {
            try BudgetCurves(of: plain, on: CalibrationImages(SyntheticImages(2, classes: 10), for: plain))
        }
        #expect(throws: CalibrationError.noImages) {
            try BudgetCurves(of: session, on: CalibrationImages(SyntheticImages(2, broken: [0, 1]), for: session))
        }
    }

    @Test func calibratingCanBeCancelled() async throws {
        let task = Task {
            let session = try Self.session(Self.weights())
            let images = try CalibrationImages(SyntheticImages(100), for: session)
            return try BudgetCurves(of: session, on: images) { passes in
                if passes == 3 { withUnsafeCurrentTask { $0?.cancel() } }
            }
        }
        await #expect(throws: CancellationError.self) { try await task.value }
    }
}
