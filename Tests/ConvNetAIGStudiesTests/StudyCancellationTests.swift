import ConvNetAIG
import ConvNetAIGReport
import ConvNetAIGStudies
import ConvNetAIGTraining
import Dispatch
import Synchronization
import TestSupport
import Testing

/// The asynchronous forms of studies end when their task is cancelled in the middle.
@Suite(.timeLimit(.minutes(5))) struct StudyCancellationTests {
    private static let set = SyntheticImages(60)

    private final class Counter: Sendable {
        let value = Atomic(0)
    }

    /// Cancels the task of a study while the study waits within its report of progress, and expects the study to end before
    /// its next report.
    private static func expectEnd(
        sourceLocation: SourceLocation = #_sourceLocation,
        _ study: @escaping @Sendable (_ report: @escaping @Sendable () -> Void) async throws -> Void
    ) async {
        let (begun, beginning) = AsyncStream.makeStream(of: Void.self)
        let isCancelled = DispatchSemaphore(value: 0)
        let reports = Counter()
        await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                try await study {
                    guard reports.value.add(1, ordering: .relaxed).newValue == 1 else { return }
                    beginning.finish()
                    isCancelled.wait()
                }
            }
            for await _ in begun {}
            group.cancelAll()
            isCancelled.signal()
            await #expect(throws: CancellationError.self, sourceLocation: sourceLocation) {
                try await group.waitForAll()
            }
        }
        #expect(reports.value.load(ordering: .relaxed) == 1, sourceLocation: sourceLocation)
    }

    @Test func routes() async throws {
        let session = try BudgetTests.session(BudgetTests.weights())
        await Self.expectEnd { report in
            _ = try await RouteStudy(of: session, on: Self.set) { _ in report() }
        }
    }

    @Test func imagesOfACalibration() async throws {
        let session = try BudgetTests.session(BudgetTests.weights())
        await Self.expectEnd { report in
            let set = SyntheticImages(60) { if $0 == 0 { report() } }
            _ = try await CalibrationImages(set, for: session, threads: 1)
        }
    }

    @Test func budgets() async throws {
        let session = try BudgetTests.session(BudgetTests.weights())
        let images = try await CalibrationImages(Self.set, for: session)
        await Self.expectEnd { report in
            _ = try await BudgetCurves(of: session, on: images) { _ in report() }
        }
    }

    @Test func latencies() async throws {
        let session = try Session(weights: BudgetTests.weights(), backend: .reference)
        await Self.expectEnd { report in
            let set = SyntheticImages(60) { if $0 == 0 { report() } }
            _ = try await LatencyStudy(
                [.init(session: session, policy: .argmax)], on: set, images: 60, threads: 1)
        }
    }

    @Test func robustness() async throws {
        let weights = try BudgetTests.weights()
        let session = try BudgetTests.session(weights)
        await Self.expectEnd { report in
            _ = try await RobustnessStudy(
                of: "small", session: session, weights: weights, backend: .reference,
                settings: RobustnessSettings(epsilons: [4], jpegQuality: nil)
            ).figures(on: Self.set) { _ in report() }
        }
    }

    @Test func explanations() async throws {
        let session = try StudyNetwork.session(.reference)
        let images = try StudyNetwork.images(2)
        await Self.expectEnd { report in
            _ = try await Explanation(of: images[0], by: session) { _ in report() }
        }
        await Self.expectEnd { report in
            _ = try await Explanation.explanations(of: images, by: session) { _ in report() }
        }
    }

    @Test(arguments: ["classifying", "classifying with plain", "moving thresholds", "timing", "attacking small"])
    func reports(stage: String) async throws {
        let weights = try BudgetTests.weights()
        let study = try ReportStudy(
            of: .init(weights), against: .init(weights, name: "plain"), backend: .reference,
            settings: ReportSettings(
                batch: 16, curveImages: 30, timedImages: 5,
                robustness: RobustnessSettings(epsilons: [8], jpegQuality: nil), attackedImages: 20))
        let hasBegun = Atomic(false)
        await Self.expectEnd { report in
            _ = try await study.figures(on: Self.set) { progress in
                if progress.stage == stage { hasBegun.store(true, ordering: .relaxed) }
                if hasBegun.load(ordering: .relaxed) { report() }
            }
        }
    }

    /// The asynchronous forms measure what the synchronous ones do.
    @Test func resultsAreTheSame() async throws {
        let weights = try BudgetTests.weights()
        let session = try BudgetTests.session(weights)
        let robustness = RobustnessSettings(epsilons: [4], jpegQuality: 50)
        func synchronous() throws -> (RouteStudy, BudgetCurves, RobustnessFigures) {
            (
                try RouteStudy(of: session, on: Self.set),
                try BudgetCurves(of: session, on: CalibrationImages(Self.set, for: session), passes: 6),
                try RobustnessStudy(
                    of: "small", session: session, weights: weights, backend: .reference, settings: robustness
                ).figures(on: Self.set)
            )
        }
        let (routes, curves, attacked) = try synchronous()
        #expect(try await RouteStudy(of: session, on: Self.set).outcomes == routes.outcomes)
        let images = try await CalibrationImages(Self.set, for: session)
        #expect(try await BudgetCurves(of: session, on: images, passes: 6) == curves)
        let study = try RobustnessStudy(
            of: "small", session: session, weights: weights, backend: .reference, settings: robustness)
        #expect(try await study.figures(on: Self.set) == attacked)
    }
}
