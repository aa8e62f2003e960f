/// A device and its operators, at the grain a device likes: what a ``Schedule`` is written over.
///
/// Layout and buffers are the backend's own affair. Operators may run asynchronously, in the order of the calls;
/// `readProgress`, `finish` and `download` wait for what came before. A backend is used by one task at a time: a
/// ``Session`` sees to that.
///
/// Every operator throws what the device reports; on OpenCL that is `OpenCLError`.
package protocol Backend: AnyObject {
    /// Feature maps of a planned batch, together with their row sums.
    associatedtype FeatureMaps
    /// A convolution whose weights are on the device.
    associatedtype Convolution
    /// Consecutive gates that see the same features while none of them opens.
    associatedtype GateChain
    /// The classifier, with its weights on the device.
    associatedtype Classifier
    /// Scale and shift of a batch normalization, on the device.
    associatedtype BatchNormalization
    /// Thresholds and decisions of all gates for a planned batch.
    associatedtype Decisions

    /// The device's name.
    var deviceName: String { get }

    /// Kernels launched so far.
    var launches: Int { get }

    /// What was made so far takes.
    var memory: MemoryUse { get }

    // MARK: Preparing

    /// Room for all feature maps of a network, zeroed, in the order of `maps`. Those whose lifetimes do not meet may share
    /// memory, see ``claimMaps(ofStep:images:)``. Once for a backend, and before ``prepare(_:images:)``.
    func makeFeatureMaps(_ maps: [FeatureMapPlan], images: Int) throws -> [FeatureMaps]

    /// Gets ready for all of these at once, which is faster than one by one.
    /// - Parameter images: images that will run together at most.
    func prepare(_ operators: [OperatorSettings], images: Int) throws

    /// Room for the network's input: `shape` for each image, read by a convolution with this padding.
    func makeInput(_ shape: FeatureShape, padding: Int, images: Int) throws -> FeatureMaps

    /// Zeroed feature maps.
    /// - Parameter pooled: whether operators will sum their rows.
    func makeFeatureMaps(_ shape: FeatureShape, pooled: Bool, images: Int) throws -> FeatureMaps

    /// - Parameter images: of a launch, at most.
    func makeConvolution(
        _ settings: FusedConvolutionSettings, _ weights: ConvolutionWeights, images: Int
    ) throws -> Convolution

    /// - Parameter firstGate: the index, among all gates of the network, of the first of these.
    func makeGateChain(
        _ settings: GateSettings, firstGate: Int, _ gates: [GateWeights], images: Int
    ) throws -> GateChain

    func makeClassifier(_ settings: ClassifierSettings, _ weights: LinearWeights, images: Int) throws -> Classifier

    /// - Parameters:
    ///   - scale: gamma / sqrt(variance + epsilon), one per channel
    ///   - shift: beta - scale * mean, one per channel
    func makeBatchNormalization(
        _ settings: BatchNormalizationSettings, scale: [Float], shift: [Float]
    ) throws -> BatchNormalization

    func makeDecisions(gates: Int, images: Int) throws -> Decisions

    // MARK: Running

    /// Begins a step of the network: the feature maps whose lifetime starts there are ready to be written afterwards, and
    /// what was in those whose lifetime is over may be lost. Called for every step of a batch, in order.
    /// - Parameter images: of the batch.
    func claimMaps(ofStep step: Int, images: Int) throws

    /// - Parameter images: `count` pictures one after the other, each channels x height x width.
    func upload(_ images: UnsafeBufferPointer<Float>, count: Int, to input: FeatureMaps) throws

    /// Starts a batch: no gate is decided yet, and each will open where its log-odds exceed its threshold.
    /// - Parameter thresholds: [gate][image], for the images of this batch.
    func begin(_ decisions: Decisions, thresholds: [Float], images: Int) throws

    /// Starts a batch whose decisions are known beforehand, so that no gate need be asked.
    /// - Parameter open: [gate][image]
    func begin(_ decisions: Decisions, open: [Bool], images: Int) throws

    /// The active set of these images, made known to the device.
    /// - Parameter slot: see ``ActiveSet``.
    func makeActiveSet(_ images: [Int32], slot: Int, decisions: Decisions) throws -> ActiveSet

    /// - Parameter gate: the block's gate, where the activation depends on its decision.
    func convolve(
        _ convolution: Convolution, _ input: FeatureMaps, to output: FeatureMaps, on active: ActiveSet,
        decisions: Decisions, gate: Int?) throws

    func maxPool(_ settings: PoolingSettings, _ input: FeatureMaps, to output: FeatureMaps, images: Int) throws

    func zeroPaddedShortcut(
        _ settings: ZeroPaddedShortcutSettings, _ input: FeatureMaps, to output: FeatureMaps, images: Int) throws

    func normalize(
        _ normalization: BatchNormalization, _ input: FeatureMaps, to output: FeatureMaps, images: Int) throws

    /// Asks the gates of `chain` from `gate` on, until one opens, for those of the images that have not got there yet.
    func decide(
        _ chain: GateChain, from gate: Int, features: FeatureMaps, decisions: Decisions, on active: ActiveSet) throws

    /// Begins to read how far each image's gates are decided, without waiting: what is asked for until `readProgress`
    /// keeps the device busy while the host wakes up.
    func requestProgress(_ decisions: Decisions, images: Int) throws

    /// Waits for what `requestProgress` began to read, for as many images.
    func readProgress(_ decisions: Decisions, images: Int) throws -> [GateProgress]

    /// Logits from the pooled features of the last feature map.
    func classify(_ classifier: Classifier, features: FeatureMaps, images: Int) throws

    /// Waits, and reads what the batch came to.
    func finish(_ classifier: Classifier, _ decisions: Decisions, images: Int) throws -> InferenceResult

    /// Waits for everything asked so far: after an error, before memory of the host's is used again.
    func synchronize() throws

    // MARK: Costs

    /// What scheduling costs here; nil where reading a decision costs nothing, or where it cannot be measured.
    func schedulingCosts() -> SchedulingCosts?

    /// Work-groups of a launch for one image.
    func groups(_ convolution: Convolution) -> Int

    /// Waits, and reads feature maps: images x channels x height x width.
    func download(_ activations: FeatureMaps, images: Int) throws -> [Float]

    // MARK: Profiling

    /// Says where in the network the operators that follow belong, until the next call. Must cost next to nothing while
    /// nothing is recorded.
    /// - Parameter images: that launches cover.
    func enter(_ part: NetworkPart, images: Int)

    /// Begins to record what runs when.
    /// - Throws: ``BackendError/noProfile(device:)`` where that is not possible.
    func startRecording() throws

    /// Ends the recording, also of a batch that failed.
    /// - Returns: everything since `startRecording`.
    func finishRecording() throws -> Recording
}

extension Backend {
    package func enter(_ part: NetworkPart, images: Int) {}

    package func startRecording() throws { throw BackendError.noProfile(device: deviceName) }

    package func finishRecording() throws -> Recording { throw BackendError.noProfile(device: deviceName) }
}

extension Backend {
    /// Gives each of them memory to itself.
    package func makeFeatureMaps(_ maps: [FeatureMapPlan], images: Int) throws -> [FeatureMaps] {
        try maps.map { map in
            switch map.purpose {
            case .input(let padding): try makeInput(map.shape, padding: padding, images: images)
            case .features(let pooled): try makeFeatureMaps(map.shape, pooled: pooled, images: images)
            }
        }
    }

    package func claimMaps(ofStep step: Int, images: Int) {}
}
