import ConvNetAIG

extension TrainingConfiguration {
    /// Settings that are known to work, by name.
    public enum Preset: String, Sendable, CaseIterable {
        /// The authors' for CIFAR-10: 350 epochs, target rate 0.6 as is their code's default.
        case cifarPaper = "cifar-paper"
        /// CIFAR in few epochs, by one cycle of the learning rate.
        case cifarOneCycle = "cifar-one-cycle"
        /// The authors' for ImageNet: 100 epochs, and the target rates of ResNet-50 and ResNet-101 with t = 0.5; for other
        /// networks see ``TrainingConfiguration/init(_:for:epochs:)``.
        case imageNetPaper = "imagenet-paper"
        /// Gates for a network that is trained already: small steps for its weights, larger ones for the gates. Not from
        /// the paper.
        case fineTune = "fine-tune"
    }

    /// - Parameter epochs: instead of the preset's own.
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

    /// A preset with the target rates that fit a network: none without gates, and ``TargetRates/usual(for:)`` where the
    /// preset's are those of ResNet-50 and ResNet-101 alone.
    ///
    /// - Parameter epochs: instead of the preset's own.
    public init(_ preset: Preset, for architecture: Architecture, epochs: Int? = nil) {
        self.init(preset, epochs: epochs)
        if !architecture.isAdaptive {
            targetRates = nil
        } else if case .paper = targetRates {
            targetRates = .usual(for: architecture)
        }
    }

    /// - Throws: ``TrainingConfigurationError/unknownPreset(_:known:)``.
    public init(named name: String, epochs: Int? = nil) throws(TrainingConfigurationError) {
        guard let preset = Preset(rawValue: name) else {
            throw .unknownPreset(name, known: Preset.allCases.map(\.rawValue))
        }
        self.init(preset, epochs: epochs)
    }
}
