import Foundation
import Testing

@testable import ConvNetAIGTraining

/// The expected values are those of torch.optim.lr_scheduler in PyTorch, called step by step.
@Suite struct LearningRateScheduleTests {
    private func expect(
        _ schedule: LearningRateSchedule, peak: Double, stepsPerEpoch: Int, epochs: Int, gives expected: [Double],
        _ location: SourceLocation = #_sourceLocation
    ) {
        for (step, value) in expected.enumerated() {
            let found = peak * schedule.factor(step: step, stepsPerEpoch: stepsPerEpoch, epochs: epochs)
            #expect(abs(found - value) <= 1e-13 * peak, "step \(step): \(found)", sourceLocation: location)
        }
    }

    @Test func oneCycle() {
        // OneCycleLR(max_lr=0.4, epochs=4, steps_per_epoch=5)
        let rates = [
            0.016000000000000014, 0.05266873708001013, 0.1486687370800101, 0.2673312629199899, 0.3633312629199899, 0.4,
            0.39498560249403497, 0.38019385280538953, 0.35636647102842, 0.3246982615799052, 0.28677720071652035,
            0.24450480877451572, 0.2000008, 0.1554967912254843, 0.11322439928347969, 0.0753033384200948,
            0.04363512897158001, 0.019807747194610516, 0.005015997505965022, 1.6e-06,
        ]
        expect(.oneCycle(OneCycle()), peak: 0.4, stepsPerEpoch: 5, epochs: 4, gives: rates)
        let momenta = [
            0.95, 0.9404508497187474, 0.9154508497187474, 0.8845491502812526, 0.8595491502812526, 0.85,
            0.8512536043909088,
            0.854951556604879, 0.8609084258765984, 0.8688255099070633, 0.878305813044122, 0.8888739533021842, 0.9,
            0.9111260466978157, 0.9216941869558779, 0.9311744900929366, 0.9390915741234015, 0.945048443395121,
            0.9487463956090911, 0.95,
        ]
        let cycled = LearningRateSchedule.oneCycle(OneCycle(cyclesMomentum: true))
        for (step, value) in momenta.enumerated() {
            let found = cycled.momentum(step: step, stepsPerEpoch: 5, epochs: 4)
            #expect(found.map { abs($0 - value) < 1e-13 } == true)
        }
        #expect(LearningRateSchedule.oneCycle(OneCycle()).momentum(step: 0, stepsPerEpoch: 5, epochs: 4) == nil)
    }

    @Test func oneCycleThatTurnsBetweenTwoSteps() {
        // OneCycleLR(max_lr=0.4, total_steps=7, pct_start=0.5, div_factor=10, final_div_factor=100)
        expect(
            .oneCycle(OneCycle(warmupFraction: 0.5, initialDivisor: 10, finalDivisor: 100)), peak: 0.4,
            stepsPerEpoch: 7, epochs: 1,
            gives: [
                0.03999999999999998, 0.16437694101250946, 0.36562305898749053, 0.38021357980690335, 0.24465968260447163,
                0.07562673758862505, 0.0004,
            ])
    }

    @Test(arguments: [1, 2, 3, 4, 10], [0, 0.1, 0.3, 0.5, 1])
    func oneCycleOfFewStepsIsFinite(_ steps: Int, _ warmup: Double) {
        let schedule = LearningRateSchedule.oneCycle(OneCycle(warmupFraction: warmup, cyclesMomentum: true))
        for step in 0..<steps {
            let factor = schedule.factor(step: step, stepsPerEpoch: steps, epochs: 1)
            #expect(factor > 0 && factor <= 1)
            let momentum = schedule.momentum(step: step, stepsPerEpoch: steps, epochs: 1)
            #expect(momentum.map { (0.85...0.95).contains(($0 * 1e9).rounded() / 1e9) } == true)
        }
    }

    @Test func cosine() {
        // CosineAnnealingLR(T_max=8, eta_min=0.004) from 0.4
        let rates = [
            0.4, 0.3849281474372348, 0.3420071426749364, 0.2777713196082878, 0.202, 0.12622868039171223,
            0.0619928573250636, 0.019071852562765224,
        ]
        expect(.cosine(CosineDecay(finalFraction: 0.01)), peak: 0.4, stepsPerEpoch: 4, epochs: 2, gives: rates)
        // Behind two epochs of rising, the same.
        expect(
            .cosine(CosineDecay(warmup: 2, finalFraction: 0.01)), peak: 0.4, stepsPerEpoch: 4, epochs: 4,
            gives: [0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4] + rates)
        // A run that ends before the rise does.
        expect(.cosine(CosineDecay(warmup: 2)), peak: 1, stepsPerEpoch: 2, epochs: 1, gives: [0.25, 0.5])
    }

    @Test func step() {
        // MultiStepLR([2, 4]) from 0.1, three steps an epoch
        let epochs = [
            0.1, 0.1, 0.010000000000000002, 0.010000000000000002, 0.0010000000000000002, 0.0010000000000000002,
        ]
        expect(
            .step(StepDecay(milestones: [2, 4])), peak: 0.1, stepsPerEpoch: 3, epochs: 6,
            gives: epochs.flatMap { [$0, $0, $0] })
    }

    @Test func constant() {
        expect(.constant, peak: 0.3, stepsPerEpoch: 1, epochs: 3, gives: [0.3, 0.3, 0.3])
    }
}
