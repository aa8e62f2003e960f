import ConvNetAIG
import Foundation

/// Every setting of a training run besides its network and its images. The same configuration, network and images give
/// the same weights on the same device.
public struct TrainingConfiguration: Sendable, Hashable {
    /// Passes over the training images.
    public var epochs = 100
    /// Images per step.
    public var batch = 128
    /// Seed of the order of the images, their augmentation, the gates' noise and untrained weights.
    public var seed: UInt64 = 0
    /// Peak learning rate, of which ``schedule`` gives each step a share. The product is rounded to Float, as in PyTorch.
    public var learningRate = 0.1
    /// How the learning rate changes from step to step.
    public var schedule = LearningRateSchedule.constant
    /// Momentum of SGD, see `StepSettings.momentum`.
    public var momentum: Float = 0.9
    /// Whether SGD uses Nesterov momentum.
    public var nesterov = false
    /// Weight decay of convolutions and the classifier's matrix.
    public var weightDecay: Float = 5e-4
    /// Weight decay of batch norm and the classifier's bias; nil means ``weightDecay``, as in the authors' code.
    public var normalizationDecay: Float?
    /// The gates' learning rate as a multiple of the others'.
    public var gateLearningRateFactor: Float = 1
    /// Weight decay of the gates; nil means ``weightDecay``, as in the authors' code.
    public var gateWeightDecay: Float?
    /// Largest L2 norm of all gradients together, to which longer ones are scaled down; nil never scales.
    public var clipNorm: Float?
    /// Share of the label that is spread evenly over all classes.
    public var labelSmoothing: Float = 0
    /// Decay per step of a moving average of the weights. The averaged weights are then validated and kept; nil keeps no
    /// average.
    public var averageDecay: Float?
    /// Temperature of the Gumbel-softmax.
    public var temperature: Float = 1
    /// How much Gumbel noise the gates get; nil means all of it throughout, as in the authors' code.
    public var gateNoise: GateNoise?
    /// Weight of the target-rate loss, lambda.
    public var targetRateWeight: Float = 0
    /// Targets of the gates' execution rates; nil leaves the gates to the classification loss, and is required for networks
    /// without gates.
    public var targetRates: TargetRates?
    /// How images are augmented; nil means the customary way for the input's size, see ``augmentation(for:)``.
    public var augmentation: Augmentation?
    /// Random erasing of augmented images; nil leaves them whole.
    public var erasing: RandomErasing?
    /// Size of the training images by epoch; nil means the architecture's input throughout.
    public var sizes: ImageSizes?
    /// Share of the images for which training leaves out the last block's branch, within 0..<1; it falls linearly towards
    /// the first block (Huang et al. 2016, arXiv 1603.09382). Each image drops branches on its own, and branches that stay
    /// are divided by their survival rate, so that nothing is scaled in inference. Nil drops none. For networks without
    /// gates.
    public var stochasticDepth: Float?
    /// A teacher to learn from besides the labels; nil learns from the labels alone.
    public var distillation: Distillation?
    /// Path of a file of weights to start from; nil starts from untrained ones.
    public var initialWeights: String?
    /// Which network of ``initialWeights`` to take where the file holds several: the prefix of its tensors' names, such as
    /// `state_dict`. Nil takes the averaged one.
    public var initialWeightsKey: String?

    /// Makes a configuration with the defaults.
    public init() {}

    // MARK: Validation

    /// Checks the range of every value.
    ///
    /// - Throws: ``TrainingConfigurationError/invalidValue(key:problem:)`` for the first value out of bounds.
    public func validate() throws(TrainingConfigurationError) {
        try check(epochs, "epochs", "must be in 1...1000000") { (1...1_000_000).contains($0) }
        try check(batch, "batch", "must be in 1...1000000") { (1...1_000_000).contains($0) }
        try check(learningRate, "learningRate", "must be a positive number") { $0 > 0 && $0.isFinite }
        try check(momentum, "momentum", "must be in 0..<1") { (0..<1).contains($0) }
        try check(nesterov, "nesterov", "needs a momentum above 0") { !$0 || momentum > 0 }
        let decays = [
            ("weightDecay", weightDecay), ("normalizationDecay", normalizationDecay ?? 0),
            ("gateWeightDecay", gateWeightDecay ?? 0), ("gateLearningRateFactor", gateLearningRateFactor),
            ("targetRateWeight", targetRateWeight),
        ]
        for (key, value) in decays {
            try check(value, key, "must be 0 or a positive number") { $0 >= 0 && $0.isFinite }
        }
        if let clipNorm { try check(clipNorm, "clipNorm", "must be a positive number") { $0 > 0 && $0.isFinite } }
        try check(labelSmoothing, "labelSmoothing", "must be in 0..<1") { (0..<1).contains($0) }
        if let averageDecay {
            try check(averageDecay, "averageDecay", "must be in 0..<1") { (0..<1).contains($0) }
        }
        try check(temperature, "temperature", "must be a positive number") { $0 > 0 && $0.isFinite }
        if let stochasticDepth {
            try check(stochasticDepth, "stochasticDepth", "must be in 0..<1") { (0..<1).contains($0) }
        }
        try schedule.validate()
        try gateNoise?.validate()
        try distillation?.validate()
        try sizes?.validate()
        do {
            try erasing?.validate()
        } catch {
            throw .invalidValue(key: "erasing", problem: "cannot be used: \(error)")
        }
        do {
            try targetRates?.validate()
        } catch {
            throw .invalidValue(key: "targetRates", problem: "cannot be used: \(error)")
        }
    }

    /// Checks the range of every value, and whether they fit a network.
    ///
    /// - Parameter architecture: the network as it is trained, after ``TargetRates/resolved(for:)``.
    /// - Throws: ``TrainingConfigurationError/invalidValue(key:problem:)`` for the first value that cannot be used.
    public func validate(for architecture: Architecture) throws(TrainingConfigurationError) {
        try validate()
        if stochasticDepth ?? 0 > 0, architecture.isAdaptive {
            throw .invalidValue(
                key: "stochasticDepth",
                problem:
                    "is for networks without gates, but \(architecture.gatedBlocks.count) blocks of \(architecture.name) have "
                    + "one, which decides when they run; leave it out, or train the ResNet first and give it gates then"
            )
        }
        try sizes?.validate(for: architecture)
    }

    private func check<Value>(
        _ value: Value, _ key: String, _ wanted: String, _ isUsable: (Value) -> Bool
    ) throws(TrainingConfigurationError) {
        guard isUsable(value) else { throw .invalidValue(key: key, problem: "is \(value), and \(wanted)") }
    }

    // MARK: Derived settings

    /// The augmentation for a network with this input: ``augmentation`` if it is set, or else ``Augmentation/cifar`` for
    /// inputs of up to 64 pixels and ``Augmentation/imageNet`` for larger ones. ``sizes`` do not change it.
    public func augmentation(for input: FeatureShape) -> Augmentation {
        augmentation ?? (max(input.height, input.width) <= Self.maxSmallSide ? .cifar : .imageNet)
    }

    private static let maxSmallSide = 64

    /// The learning rate of all parameters but the gates'.
    ///
    /// - Parameters:
    ///   - step: the step's index in the run, from 0.
    ///   - stepsPerEpoch: steps of an epoch.
    public func learningRate(step: Int, stepsPerEpoch: Int) -> Float {
        Float(learningRate * schedule.factor(step: step, stepsPerEpoch: stepsPerEpoch, epochs: epochs))
    }

    /// The network's settings for a step.
    ///
    /// - Parameters:
    ///   - step: the step's index in the run, from 0.
    ///   - stepsPerEpoch: steps of an epoch.
    ///   - rates: targets of the gated blocks, in the order of `Architecture.gatedBlocks`.
    func settings(step: Int, stepsPerEpoch: Int, rates: [Float]) -> StepSettings {
        let rate = learningRate(step: step, stepsPerEpoch: stepsPerEpoch)
        let cycled = schedule.momentum(step: step, stepsPerEpoch: stepsPerEpoch, epochs: epochs)
        let noise = gateNoise?.factor(step: step, steps: stepsPerEpoch * epochs) ?? 1
        return StepSettings(
            weights: .init(learningRate: rate, weightDecay: weightDecay),
            normalization: .init(learningRate: rate, weightDecay: normalizationDecay ?? weightDecay),
            gates: .init(learningRate: rate * gateLearningRateFactor, weightDecay: gateWeightDecay ?? weightDecay),
            momentum: cycled.map { Float($0) } ?? momentum, nesterov: nesterov, clipNorm: clipNorm,
            labelSmoothing: labelSmoothing, teacherWeight: distillation?.weight ?? 0,
            teacherTemperature: distillation?.temperature ?? 1, temperature: temperature, gateNoise: noise,
            targetRateWeight: targetRateWeight, targetRates: rates, stochasticDepth: stochasticDepth ?? 0,
            averageDecay: averageDecay, seed: seed, step: step)
    }
}

// MARK: - Presets

extension TrainingConfiguration {
    /// Settings that are known to work, by name.
    public enum Preset: String, Sendable, CaseIterable {
        /// The authors' settings for CIFAR-10: 350 epochs, with the target rate of 0.6 that is their code's default.
        case cifarPaper = "cifar-paper"
        /// CIFAR in few epochs, by one cycle of the learning rate.
        case cifarOneCycle = "cifar-one-cycle"
        /// The authors' settings for ImageNet: 100 epochs, and the target rates of ResNet-50 and ResNet-101 with t = 0.5;
        /// for other networks see ``TrainingConfiguration/init(_:for:epochs:)``.
        case imageNetPaper = "imagenet-paper"
        /// Gates for a network that is already trained: small steps for its weights, larger ones for the gates. Not from
        /// the paper.
        case fineTune = "fine-tune"
    }

    /// Makes a configuration from a preset.
    ///
    /// - Parameters:
    ///   - preset: the settings.
    ///   - epochs: replaces the preset's number of epochs; nil keeps it.
    public init(_ preset: Preset, epochs: Int? = nil) {
        self.init()
        switch preset {
        case .cifarPaper:
            self.epochs = 350
            batch = 256
            schedule = .step(StepDecay(milestones: [150, 250]))
            targetRateWeight = 2
            targetRates = .all(0.6)
        case .cifarOneCycle:
            self.epochs = 30
            batch = 128
            learningRate = 0.4
            schedule = .oneCycle(OneCycle(cyclesMomentum: true))
            targetRateWeight = 2
            targetRates = .all(0.6)
        case .imageNetPaper:
            self.epochs = 100
            batch = 256
            weightDecay = 1e-4
            schedule = .step(StepDecay(milestones: [30, 60, 90]))
            targetRateWeight = 1
            targetRates = .paper(0.5)
        case .fineTune:
            self.epochs = 20
            batch = 128
            learningRate = 0.02
            schedule = .cosine(CosineDecay(warmup: 1))
            weightDecay = 1e-4
            gateLearningRateFactor = 5
            targetRateWeight = 2
            targetRates = .all(0.6)
        }
        if let epochs { self.epochs = epochs }
    }

    /// Makes a configuration from a preset, with target rates that fit a network: none for a network without gates, and
    /// ``TargetRates/recommended(for:)`` where the preset's are only for ResNet-50 and ResNet-101.
    ///
    /// - Parameters:
    ///   - preset: the settings.
    ///   - architecture: the network that is to be trained.
    ///   - epochs: replaces the preset's number of epochs; nil keeps it.
    public init(_ preset: Preset, for architecture: Architecture, epochs: Int? = nil) {
        self.init(preset, epochs: epochs)
        if !architecture.isAdaptive {
            targetRates = nil
        } else if case .paper = targetRates {
            targetRates = .recommended(for: architecture)
        }
    }

    /// Makes a configuration from a preset's name.
    ///
    /// - Throws: ``TrainingConfigurationError/unknownPreset(_:known:)``.
    public init(named name: String, epochs: Int? = nil) throws(TrainingConfigurationError) {
        guard let preset = Preset(rawValue: name) else {
            throw .unknownPreset(name, known: Preset.allCases.map(\.rawValue))
        }
        self.init(preset, epochs: epochs)
    }
}

// MARK: - Errors

/// Why a training configuration cannot be used. The description says what to change.
public enum TrainingConfigurationError: Error, Sendable, Hashable {
    /// The JSON has an unknown key, given with its path.
    case unknownKey(String, known: [String])
    /// A value is out of bounds, has the wrong type, or does not fit the others; the key is given with its path.
    case invalidValue(key: String, problem: String)
    /// The JSON is malformed.
    case invalidJSON(String)
    /// The file cannot be read, or is not UTF-8 text.
    case unreadableFile(path: String, problem: String)
    /// No preset has this name.
    case unknownPreset(String, known: [String])
}

extension TrainingConfigurationError: LocalizedError, CustomStringConvertible {
    /// What is wrong and what to change.
    public var description: String {
        switch self {
        case .unknownKey(let key, let known):
            "The training configuration has an unknown key \"\(key)\". Remove it or correct its spelling; known here are "
                + "\(known.joined(separator: ", "))."
        case .invalidValue(let key, let problem):
            "In the training configuration, \(key) \(problem)."
        case .invalidJSON(let problem):
            "The training configuration's JSON cannot be used: \(problem)."
        case .unreadableFile(let path, let problem):
            "The training configuration cannot be read from \(path): \(problem)."
        case .unknownPreset(let name, let known):
            "There is no training preset \"\(name.prefix(100))\". Known are \(known.joined(separator: ", "))."
        }
    }

    /// The same text as ``description``.
    public var errorDescription: String? { description }
}
