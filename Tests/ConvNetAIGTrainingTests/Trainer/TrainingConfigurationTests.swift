import Foundation
import TestSupport
import Testing

@testable import ConvNetAIGTraining

@Suite struct TrainingConfigurationTests {
    @Test(arguments: TrainingConfiguration.Preset.allCases)
    func presetsAreValidAndComeBack(_ preset: TrainingConfiguration.Preset) throws {
        let configuration = TrainingConfiguration(preset)
        try configuration.validate()
        #expect(try TrainingConfiguration(json: configuration.json()) == configuration)
        #expect(try TrainingConfiguration(named: preset.rawValue, epochs: 7).epochs == 7)
    }

    @Test func partsThatAreLeftOut() throws {
        let configuration = try TrainingConfiguration(
            json: #"{"erasing": {}, "gateNoise": {"end": 0}, "distillation": {"teacher": "t"}}"#)
        #expect(configuration.distillation == Distillation(teacher: "t", weight: 0.5, temperature: 2))
        #expect(configuration.erasing == RandomErasing(probability: 0.5, scale: 0.02...0.33, ratio: 0.3...3.3))
        #expect(configuration.gateNoise == GateNoise(start: 1, end: 0, until: 1))
    }

    @Test func presets() throws {
        let paper = try TrainingConfiguration(named: "cifar-paper")
        #expect(paper.epochs == 350 && paper.batch == 256 && paper.learningRate == 0.1 && paper.weightDecay == 5e-4)
        #expect(paper.schedule == .step(StepDecay(milestones: [150, 250], factor: 0.1)))
        #expect(paper.targetRateWeight == 2 && paper.momentum == 0.9 && !paper.nesterov)
        let imageNet = try TrainingConfiguration(named: "imagenet-paper")
        #expect(imageNet.epochs == 100 && imageNet.weightDecay == 1e-4 && imageNet.targetRateWeight == 1)
        #expect(
            [0, 29, 30, 60, 90, 99].map { imageNet.learningRate(step: $0, stepsPerEpoch: 1) }
                == [0.1, 0.1, 0.01, 0.001, 1e-4, 1e-4])
        let cycle = try TrainingConfiguration(named: "cifar-one-cycle", epochs: 12)
        #expect(cycle.epochs == 12 && cycle.batch == 128 && cycle.learningRate == 0.4)
        #expect(
            throws: TrainingConfigurationError.unknownPreset(
                "cifar", known: ["cifar-paper", "cifar-one-cycle", "imagenet-paper", "fine-tune"])
        ) { try TrainingConfiguration(named: "cifar") }
    }

    @Test func everyKeyIsKept() throws {
        var configuration = TrainingConfiguration()
        configuration.normalizationDecay = 0
        configuration.gateWeightDecay = Float(0.1).nextDown
        configuration.clipNorm = 5
        configuration.labelSmoothing = 0.1
        configuration.averageDecay = 0.9995
        configuration.targetRates = .perBlock([0.1, Float(1) / 3, 1])
        configuration.augmentation = .off
        configuration.erasing = RandomErasing(probability: 0.25, scale: 0.125...0.25, ratio: 0.5...2)
        configuration.gateNoise = GateNoise(start: 0.75, end: 0.125, until: 0.5)
        configuration.distillation = Distillation(teacher: "t.safetensors", weight: 0.75, temperature: 3)
        configuration.initialWeights = "w.safetensors"
        configuration.seed = .max
        configuration.nesterov = true
        configuration.schedule = .oneCycle(OneCycle(warmupFraction: 0.2, cyclesMomentum: true))
        #expect(try TrainingConfiguration(json: configuration.json()) == configuration)
    }

    @Test func keysThatAreLeftOut() throws {
        #expect(try TrainingConfiguration(json: "{}") == TrainingConfiguration())
        let base = TrainingConfiguration(.cifarPaper)
        var expected = base
        expected.batch = 64
        expected.targetRates = nil
        #expect(try TrainingConfiguration(json: #"{"batch": 64, "targetRates": null}"#, base: base) == expected)
    }

    @Test(
        arguments: [
            (#""constant""#, .constant), (#""oneCycle""#, .oneCycle(OneCycle())),
            (#""cosine""#, .cosine(CosineDecay())),
            (#"{"constant": {}}"#, .constant),
            (#"{"step": {"milestones": [3, 5]}}"#, .step(StepDecay(milestones: [3, 5]))),
            (#"{"cosine": {"warmup": 2, "finalFraction": 0.5}}"#, .cosine(CosineDecay(warmup: 2, finalFraction: 0.5))),
            (#"{"oneCycle": {"finalDivisor": 100}}"#, .oneCycle(OneCycle(finalDivisor: 100))),
        ] as [(String, LearningRateSchedule)])
    func schedules(_ text: String, _ schedule: LearningRateSchedule) throws {
        #expect(try TrainingConfiguration(json: "{\"schedule\": \(text)}").schedule == schedule)
    }

    @Test(
        arguments: [
            (#"0.5"#, .all(0.5)), (#"[1, 0.5]"#, .perBlock([1, 0.5])), (#""paper:0.4""#, .paper(0.4)),
            (#""0.5""#, .all(0.5)),
        ] as [(String, TargetRates)])
    func targetRates(_ text: String, _ rates: TargetRates) throws {
        #expect(try TrainingConfiguration(json: "{\"targetRates\": \(text)}").targetRates == rates)
    }

    @Test(
        arguments: [
            (#"{"epoch": 3}"#, "epoch"), (#"{"schedule": {"step": {"milestone": [1]}}}"#, "schedule.step.milestone"),
            (#"{"schedule": {"steps": {}}}"#, "schedule.steps"),
            (#"{"schedule": {"oneCycle": {"pctStart": 1}}}"#, "schedule.oneCycle.pctStart"),
            (#"{"schedule": {"constant": {"rate": 1}}}"#, "schedule.constant.rate"),
            (#"{"erasing": {"size": 3}}"#, "erasing.size"), (#"{"gateNoise": {"final": 0}}"#, "gateNoise.final"),
            (#"{"distillation": {"student": "s"}}"#, "distillation.student"),
        ])
    func unknownKeysAreNamed(_ json: String, _ key: String) {
        let error = #expect(throws: TrainingConfigurationError.self) { try TrainingConfiguration(json: json) }
        guard case .unknownKey(key, _) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }

    @Test(
        arguments: [
            (#"{"epochs": 0}"#, "epochs"), (#"{"epochs": 1.5}"#, "epochs"), (#"{"epochs": "3"}"#, "epochs"),
            (#"{"epochs": 99999999999999999999}"#, "epochs"), (#"{"seed": -1}"#, "seed"), (#"{"batch": 0}"#, "batch"),
            (#"{"learningRate": 0}"#, "learningRate"), (#"{"learningRate": null}"#, "learningRate"),
            (#"{"momentum": 1}"#, "momentum"), (#"{"nesterov": true, "momentum": 0}"#, "nesterov"),
            (#"{"nesterov": 1}"#, "nesterov"), (#"{"weightDecay": -1}"#, "weightDecay"),
            (#"{"normalizationDecay": -1}"#, "normalizationDecay"), (#"{"gateWeightDecay": -1}"#, "gateWeightDecay"),
            (#"{"gateLearningRateFactor": -1}"#, "gateLearningRateFactor"), (#"{"clipNorm": 0}"#, "clipNorm"),
            (#"{"labelSmoothing": 1}"#, "labelSmoothing"), (#"{"averageDecay": 1}"#, "averageDecay"),
            (#"{"temperature": 0}"#, "temperature"), (#"{"targetRateWeight": -1}"#, "targetRateWeight"),
            (#"{"targetRates": 2}"#, "targetRates"), (#"{"targetRates": "x"}"#, "targetRates"),
            (#"{"targetRates": {}}"#, "targetRates"), (#"{"augmentation": "wild"}"#, "augmentation"),
            (#"{"erasing": {"probability": 2}}"#, "erasing"), (#"{"erasing": {"scale": 1}}"#, "erasing.scale"),
            (#"{"gateNoise": {"end": -1}}"#, "gateNoise.end"), (#"{"gateNoise": {"until": 2}}"#, "gateNoise.until"),
            (#"{"distillation": "t"}"#, "distillation"), (#"{"distillation": {}}"#, "distillation.teacher"),
            (#"{"distillation": {"teacher": "t", "weight": 0}}"#, "distillation.weight"),
            (#"{"distillation": {"teacher": "t", "weight": 1.5}}"#, "distillation.weight"),
            (#"{"distillation": {"teacher": "t", "temperature": 0}}"#, "distillation.temperature"),
            (#"{"schedule": 3}"#, "schedule"), (#"{"schedule": "linear"}"#, "schedule"),
            (#"{"schedule": {}}"#, "schedule"),
            (#"{"schedule": "step"}"#, "schedule"), (#"{"schedule": {"step": {}}}"#, "schedule.step.milestones"),
            (#"{"schedule": {"step": {"milestones": [5, 3]}}}"#, "schedule.step.milestones"),
            (#"{"schedule": {"step": {"milestones": [5], "factor": 2}}}"#, "schedule.step.factor"),
            (#"{"schedule": {"step": 3}}"#, "schedule.step"),
            (#"{"schedule": {"cosine": {"warmup": -1}}}"#, "schedule.cosine.warmup"),
            (#"{"schedule": {"cosine": {"finalFraction": 3}}}"#, "schedule.cosine.finalFraction"),
            (#"{"schedule": {"oneCycle": {"warmupFraction": 3}}}"#, "schedule.oneCycle.warmupFraction"),
            (#"{"schedule": {"oneCycle": {"initialDivisor": 0}}}"#, "schedule.oneCycle.initialDivisor"),
            (#"{"schedule": {"oneCycle": {"lowestMomentum": 1}}}"#, "schedule.oneCycle.lowestMomentum"),
            (#"{"schedule": {"cosine": {}, "oneCycle": {}}}"#, "schedule"),
        ])
    func valuesThatCannotBeAreNamed(_ json: String, _ key: String) {
        let error = #expect(throws: TrainingConfigurationError.self) { try TrainingConfiguration(json: json) }
        guard case .invalidValue(key, _) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }

    @Test(arguments: ["", "[]", "{", "3", "{\"epochs\": }"])
    func noJSON(_ json: String) {
        let error = #expect(throws: TrainingConfigurationError.self) { try TrainingConfiguration(json: json) }
        guard case .invalidJSON = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }

    @Test func files() throws {
        let folder = try TemporaryFolder()
        let path = try folder.file("c.json", Array(#"{"epochs": 4}"#.utf8))
        #expect(try TrainingConfiguration(path: path).epochs == 4)
        #expect(throws: TrainingConfigurationError.self) { try TrainingConfiguration(path: folder.file("none.json")) }
    }
}
