import ConvNetAIG

/// Everything that a training run depends on beside its network and its images. The same configuration, network and
/// images give the same weights on the same device.
public struct TrainingConfiguration: Sendable, Hashable {
    /// How often the run goes through all images.
    public var epochs = 100
    /// Images of a step.
    public var batch = 128
    /// What the order of the images, their augmentation, the gates' noise and untrained weights are drawn from.
    public var seed: UInt64 = 0
    /// Highest learning rate; ``schedule`` says how much of it a step gets. Rounded to Float only then, as PyTorch does.
    public var learningRate = 0.1
    public var schedule = LearningRateSchedule.constant
    /// See `StepSettings.momentum`.
    public var momentum: Float = 0.9
    public var nesterov = false
    /// Weight decay of convolutions and the classifier's matrix.
    public var weightDecay: Float = 5e-4
    /// Weight decay of batch norm and the classifier's bias; nil stands for ``weightDecay``, as in the authors' code.
    public var normalizationDecay: Float?
    /// The gates' learning rate in multiples of the others'.
    public var gateLearningRateFactor: Float = 1
    /// Weight decay of the gates; nil stands for ``weightDecay``, as in the authors' code.
    public var gateWeightDecay: Float?
    /// Gradients are scaled down together so that their L2 norm is at most this; nil leaves them.
    public var clipNorm: Float?
    /// Share of the label that is spread evenly over all classes.
    public var labelSmoothing: Float = 0
    /// Decay per step of a moving average of the weights, which is then what is validated and kept; nil keeps none.
    public var averageDecay: Float?
    /// Temperature of the Gumbel-softmax.
    public var temperature: Float = 1
    /// How much of the Gumbel noise the gates get; nil stands for all of it throughout, as in the authors' code.
    public var gateNoise: GateNoise?
    /// Weight of the target-rate loss, lambda.
    public var targetRateWeight: Float = 0
    /// What the gates are trained towards; nil leaves them to the other loss, and is for networks without gates.
    public var targetRates: TargetRates?
    /// How images are varied; nil stands for what is customary for the input's size, see ``augmentation(for:)``.
    public var augmentation: Augmentation?
    /// What is painted over in images that are varied; nil leaves them whole.
    public var erasing: RandomErasing?
    /// The size of the images to train with, by epoch; nil stands for the architecture's input throughout.
    public var sizes: ImageSizes?
    /// Share of the images that training leaves out the last block's branch for, within 0..<1; less for the blocks before it, in a
    /// straight line (Huang et al. 2016, arXiv 1603.09382). Branches are dropped for each image by itself, and divided by
    /// their survival rate where they stay: nothing is scaled when the network is used. Nil leaves out none. For networks
    /// without gates.
    public var stochasticDepth: Float?
    /// A network to learn from beside the labels; nil learns from the labels alone.
    public var distillation: Distillation?
    /// A file of weights to start from; nil starts from untrained ones.
    public var initialWeights: String?
    /// Which network of that file, where it holds several: what its tensors are under, such as `state_dict`. Nil takes the
    /// averaged one.
    public var initialWeightsKey: String?

    public init() {}

    /// - Throws: ``TrainingConfigurationError/invalidValue(key:problem:)`` for the first value that is out of bounds.
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

    /// Also whether it fits a network.
    ///
    /// - Parameter architecture: as it is trained, after ``TargetRates/resolved(for:)``.
    /// - Throws: as ``validate()``.
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

    /// How images are varied for a network of that input: ``Augmentation/cifar`` for small ones, or else
    /// ``Augmentation/imageNet``, unless something else is asked for. ``sizes`` change nothing about it.
    public func augmentation(for input: FeatureShape) -> Augmentation {
        augmentation ?? (max(input.height, input.width) <= Self.smallSide ? .cifar : .imageNet)
    }

    private static let smallSide = 64

    private func check<Value>(
        _ value: Value, _ key: String, _ wanted: String, _ isUsable: (Value) -> Bool
    ) throws(TrainingConfigurationError) {
        guard isUsable(value) else { throw .invalidValue(key: key, problem: "is \(value), and \(wanted)") }
    }
}
