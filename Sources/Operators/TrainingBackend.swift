/// A device and the operators that training takes: what ``TrainingNetwork`` is written over.
///
/// Operators run in the order of the calls, perhaps later than these return; `result` and `read` wait for what came before.
/// All work on the first `images` of their batch, the number given to `begin`. A backend is used by one task at a time, and
/// by one network.
///
/// Notation: y is a convolution's output, x = BN(y) = gamma (y - mean) / sqrt(variance + epsilon) + beta its normalization
/// with the batch's statistics (Ioffe and Szegedy 2015), g the gradient of the loss with respect to what is named.
/// Sums run over images and pixels where nothing else is said. Every operator gives the same bits each time it is run.
///
/// Every operator throws what the device reports.
package protocol TrainingBackend: AnyObject {
    /// Feature maps of a batch, or gradients with respect to them: images x channels x height x width.
    associatedtype FeatureMaps: AnyObject
    /// A value per image and channel: images x channels.
    associatedtype Vectors
    associatedtype Convolution
    /// Batch norm over feature maps, with the statistics of the last batch and what backward passes need.
    associatedtype Normalization
    /// A gate, with its decisions about the last batch and what its backward pass needs.
    associatedtype Gate
    /// A number per image that a block's branch is multiplied by.
    associatedtype BranchFactors
    /// The linear layer at the end, and the loss.
    associatedtype Classifier

    var deviceName: String { get }

    // MARK: Preparing

    /// Room for parameters, their gradients and velocities, and running statistics; all zero. Comes first, once.
    func makeParameters(_ sizes: ParameterSizes) throws

    /// Feature maps, or gradients of such; their values are undefined.
    func makeFeatureMaps(_ shape: FeatureShape, images: Int) throws -> FeatureMaps

    /// The network's input, read by a convolution with this padding.
    func makeInput(_ shape: FeatureShape, padding: Int, images: Int) throws -> FeatureMaps

    func makeVectors(channels: Int, images: Int) throws -> Vectors

    func makeConvolution(_ settings: TrainingConvolutionSettings, images: Int) throws -> Convolution

    func makeNormalization(_ settings: TrainingNormalizationSettings, images: Int) throws -> Normalization

    func makeGate(_ settings: TrainingGateSettings, images: Int) throws -> Gate

    /// For factors that are not a gate's decisions, see `upload`.
    func makeBranchFactors(images: Int) throws -> BranchFactors

    func makeClassifier(_ settings: TrainingClassifierSettings, images: Int) throws -> Classifier

    /// Gradients with respect to an input of this shape.
    func makeInputGradient(_ shape: FeatureShape, images: Int) throws -> FeatureMaps

    /// Called once all layers are made, before the first step: compiles what is not compiled yet.
    func prepare() throws

    // MARK: Parameters

    /// Copies `values`, as many as the sizes say, to the device.
    func write(_ values: [Float], to array: ParameterArray) throws

    /// Waits, and copies from the device.
    func read(_ array: ParameterArray) throws -> [Float]

    // MARK: Running statistics

    /// BN(y) takes the running mean and variance as they are now instead of a batch's, as in inference; they are constants
    /// to the backward pass, g(y) = gamma / sqrt(variance + epsilon) z g. Operators that take statistics of a batch or sums
    /// of gradients (`measure`, `sumGradient`, `finishSums`) are not called for this normalization.
    func useRunningStatistics(_ normalization: Normalization) throws

    /// The same for the gate's batch norm, in `decide` and `backward`, which leaves the gradients of the gate's parameters
    /// undefined from now on.
    func useRunningStatistics(_ gate: Gate) throws

    // MARK: Forward

    /// Begins a step. Convolutions use the parameters as they are now.
    func begin(images: Int) throws

    /// - Parameter images: as many as `begin` was told, each channels x height x width.
    func upload(_ images: [Float], to input: FeatureMaps) throws

    /// - Parameter values: as many as `begin` was told, 0 or positive.
    func upload(_ values: [Float], to factors: BranchFactors) throws

    /// What `decide` decided last, 1 where the branch runs and 0 elsewhere.
    func decisions(of gate: Gate) -> BranchFactors

    /// y = convolution(x)
    func convolve(_ convolution: Convolution, _ input: FeatureMaps, to output: FeatureMaps) throws

    /// Takes the batch's mean and (biased) variance of each channel of y, and moves the running statistics by
    /// `TrainingNormalizationSettings.momentum` towards the mean and the unbiased variance, as PyTorch does.
    func measure(_ normalization: Normalization, _ y: FeatureMaps) throws

    /// out = ReLU(z BN(y) + shortcut), z being the image's factor, or 1.
    ///
    /// - Parameters:
    ///   - factors: a gate's decisions, say; nil for 1.
    ///   - shortcut: nil for none.
    ///   - pooled: gets the mean over the pixels of each channel of out.
    func activate(
        _ normalization: Normalization, _ y: FeatureMaps, factors: BranchFactors?,
        shortcut: TrainingShortcut<FeatureMaps, Normalization>?, to output: FeatureMaps, pooled: Vectors?) throws

    /// - Parameter pooled: gets the mean over the pixels of each channel of the output.
    func maxPool(_ settings: PoolingSettings, _ input: FeatureMaps, to output: FeatureMaps, pooled: Vectors?) throws

    func zeroPaddedShortcut(_ settings: ZeroPaddedShortcutSettings, _ input: FeatureMaps, to output: FeatureMaps) throws

    /// Straight-through Gumbel-softmax (Jang et al. 2017; arXiv 1711.11503, section 3.2): hidden = ReLU(BN(fc1 features)),
    /// logits = fc2 hidden, soft = softmax((logits + noise) / temperature), z = 1 where soft "execute" exceeds soft "skip".
    /// Batch norm is over the images of the batch.
    ///
    /// - Parameters:
    ///   - features: the block's input, pooled.
    ///   - noise: Gumbel noise, [image][skip, execute].
    func decide(_ gate: Gate, features: Vectors, noise: [Float], temperature: Float) throws

    /// Logits, loss and its gradient, mean over the batch: what ``LossTargets`` describes.
    func classify(_ classifier: Classifier, features: Vectors, targets: LossTargets) throws

    // MARK: Backward

    /// Gradients of the classifier's parameters, and g(features).
    func backward(_ classifier: Classifier, features: Vectors, to gradient: Vectors) throws

    /// Backward through the ReLU of a block's output, in place: g = (g + pooledGradient / pixels) where output > 0, and 0
    /// elsewhere. Also takes, for the branch's last batch norm and the shortcut's, if it has one, per image and channel the
    /// sums of g and g y.
    ///
    /// - Parameters:
    ///   - gradient: with respect to the output; its values are taken to be 0 if `isEmpty`.
    ///   - pooledGradient: with respect to the output's pooled features.
    func backwardThroughOutput(
        _ gradient: FeatureMaps, isEmpty: Bool, pooledGradient: Vectors?, output: FeatureMaps,
        branch: (Normalization, FeatureMaps), shortcut: (Normalization, FeatureMaps)?) throws

    /// For a batch norm that a ReLU follows: per image and channel the sums of g' and g' y, where
    /// g' = (g + pooledGradient / pixels) where BN(y) > 0, and 0 elsewhere.
    func sumGradient(
        _ normalization: Normalization, _ y: FeatureMaps, gradient: FeatureMaps, pooledGradient: Vectors?) throws

    /// From the sums taken last, the gate's g(z) = sum over channels and pixels of g BN(y), straight through to the gate's
    /// parameters and g(features), together with the target-rate loss
    /// weight / count of rated blocks x (target - mean over the batch of z)^2.
    ///
    /// - Parameters:
    ///   - normalization: the branch's last.
    ///   - rateGradient: factor of 2 (mean z - target) / images: the loss's weight over the number of blocks in it; 0 for
    ///     a block that is left out.
    ///   - features: as given to `decide`.
    ///   - gradient: gets g(features).
    func backward(
        _ gate: Gate, normalization: Normalization, targetRate: Float, rateGradient: Float, features: Vectors,
        to gradient: Vectors) throws

    /// From the sums taken last, gradients of gamma and beta, and what `backwardThroughNormalization` needs.
    /// - Parameter factors: what BN(y) was multiplied by.
    func finishSums(_ normalization: Normalization, factors: BranchFactors?) throws

    /// g(y) from g(BN(y)) = z g.
    ///
    /// - Parameters:
    ///   - gradient: as `backwardThroughOutput` left it, or, if `rectified`, as `sumGradient` read it.
    ///   - rectified: whether a ReLU follows, whose gradient is taken here.
    ///   - result: may be the same as `gradient`.
    func backwardThroughNormalization(
        _ normalization: Normalization, _ y: FeatureMaps, gradient: FeatureMaps, factors: BranchFactors?,
        rectified: Bool,
        pooledGradient: Vectors?, to result: FeatureMaps) throws

    /// Gradient of the convolution's weights.
    /// - Parameter gradient: with respect to the convolution's output.
    func backwardToWeights(_ convolution: Convolution, input: FeatureMaps, gradient: FeatureMaps) throws

    /// - Parameters:
    ///   - gradient: with respect to the convolution's output.
    ///   - result: gets the gradient with respect to its input, or has it added.
    func backwardToInput(_ convolution: Convolution, gradient: FeatureMaps, to result: FeatureMaps, adding: Bool) throws

    /// The gradient goes to the first pixel, row by row, that has its window's maximum, as in PyTorch.
    ///
    /// - Parameters:
    ///   - gradient: with respect to the output, to which pooledGradient / pixels is added.
    ///   - result: gets the gradient with respect to the input.
    func backwardThroughMaxPool(
        _ settings: PoolingSettings, input: FeatureMaps, output: FeatureMaps, gradient: FeatureMaps,
        pooledGradient: Vectors?,
        to result: FeatureMaps) throws

    /// - Parameter result: gets the gradient with respect to the input.
    func backwardThroughZeroPaddedShortcut(
        _ settings: ZeroPaddedShortcutSettings, gradient: FeatureMaps, to result: FeatureMaps) throws

    // MARK: Attack

    /// A step of projected gradient ascent (Madry et al. 2018) by the gradient's sign: per channel c
    /// x = clip(x + step[c] sign(g), max(original - bound[c], lowest[c]), min(original + bound[c], highest[c])),
    /// sign(0) being 0.
    ///
    /// - Parameters:
    ///   - input: x, made by `makeInput`.
    ///   - original: likewise.
    ///   - gradient: g, made by `makeInputGradient`.
    func perturb(
        _ input: FeatureMaps, from original: FeatureMaps, along gradient: FeatureMaps, _ perturbation: Perturbation)
        throws

    // MARK: Update

    /// SGD with momentum as ``OptimizerSettings`` describes it, for all groups; parameters stay as they are if the L2 norm of the
    /// gradients is not finite.
    func update(_ settings: OptimizerSettings) throws

    /// Waits for the step.
    /// - Parameter gates: in the order in which the result has them.
    func result(_ classifier: Classifier, gates: [Gate]) throws -> StepOutcome

    /// Waits, and reads feature maps: images x channels x height x width.
    func download(_ maps: FeatureMaps) throws -> [Float]
}

/// What a training step leaves on the device, read back in one go.
package struct StepOutcome: Sendable, Hashable {
    /// [image][class]
    package var logits: [Float]
    /// Loss of each image.
    package var losses: [Float]
    /// [gate][image]
    package var decisions: [[Bool]]
    /// L2 norm of all gradients, before clipping.
    package var gradientNorm: Float

    package init(logits: [Float], losses: [Float], decisions: [[Bool]], gradientNorm: Float) {
        self.logits = logits
        self.losses = losses
        self.decisions = decisions
        self.gradientNorm = gradientNorm
    }
}

/// What is added to a block's branch.
package enum TrainingShortcut<FeatureMaps, Normalization> {
    /// The block's input, or its zero-padded form.
    case maps(FeatureMaps)
    /// A projection: BN of the convolution's output.
    case normalized(Normalization, FeatureMaps)
}
