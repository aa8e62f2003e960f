/// A device and the operators of inference, at the grain a device likes: what a network's schedule is written over.
///
/// Layout and buffers are the backend's own affair. Operators may run asynchronously, in the order of the calls;
/// `readProgress`, `finish` and `download` wait for what came before. A backend is used by one task at a time;
/// a session sees to that.
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

    /// Memory in use so far.
    var memory: MemoryUse { get }

    // MARK: Preparing

    /// Room for all feature maps of a network, zeroed, in the order of `maps`. Those whose lifetimes do not meet may share
    /// memory, see ``claimMaps(ofStep:images:)``. Once for a backend, and before ``prepare(_:images:)``.
    func makeFeatureMaps(_ maps: [FeatureMapPlan], images: Int) throws -> [FeatureMaps]

    /// Compiles what these operators need, which is faster at once than one by one.
    /// - Parameter images: the most that will run together.
    func prepare(_ operators: [OperatorSettings], images: Int) throws

    /// Room for the network's input: `shape` for each image, read by a convolution with this padding.
    func makeInput(_ shape: FeatureShape, padding: Int, images: Int) throws -> FeatureMaps

    /// Zeroed feature maps.
    /// - Parameter pooled: whether operators will sum their rows.
    func makeFeatureMaps(_ shape: FeatureShape, pooled: Bool, images: Int) throws -> FeatureMaps

    /// A convolution with its weights on the device.
    /// - Parameter images: the most that a launch covers.
    func makeConvolution(
        _ settings: FusedConvolutionSettings, _ weights: ConvolutionWeights, images: Int
    ) throws -> Convolution

    /// Consecutive gates with their weights on the device.
    /// - Parameter firstGate: the index, among all gates of the network, of the first of these.
    func makeGateChain(
        _ settings: GateSettings, firstGate: Int, _ gates: [GateWeights], images: Int
    ) throws -> GateChain

    /// The classifier with its weights on the device.
    func makeClassifier(_ settings: ClassifierSettings, _ weights: LinearWeights, images: Int) throws -> Classifier

    /// A batch normalization, scale x + shift.
    ///
    /// - Parameters:
    ///   - scale: gamma / sqrt(variance + epsilon), one per channel
    ///   - shift: beta - scale * mean, one per channel
    func makeBatchNormalization(
        _ settings: BatchNormalizationSettings, scale: [Float], shift: [Float]
    ) throws -> BatchNormalization

    /// Room for thresholds and decisions.
    func makeDecisions(gates: Int, images: Int) throws -> Decisions

    // MARK: Running

    /// Begins a step of the network: the feature maps whose lifetime starts there are ready to be written afterwards, and
    /// what was in those whose lifetime is over may be lost. Called for every step of a batch, in order.
    /// - Parameter images: of the batch.
    func claimMaps(ofStep step: Int, images: Int) throws

    /// Sends images to the device.
    /// - Parameter images: `count` of them, one after the other, each channels x height x width.
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

    /// The convolution with its epilogue.
    /// - Parameter gate: the block's gate, where the activation depends on its decision.
    func convolve(
        _ convolution: Convolution, _ input: FeatureMaps, to output: FeatureMaps, on active: ActiveSet,
        decisions: Decisions, gate: Int?) throws

    /// The maximum of each window.
    func maxPool(_ settings: PoolingSettings, _ input: FeatureMaps, to output: FeatureMaps, images: Int) throws

    /// Every `stride`-th pixel, between channels of zeros.
    func zeroPaddedShortcut(
        _ settings: ZeroPaddedShortcutSettings, _ input: FeatureMaps, to output: FeatureMaps, images: Int) throws

    /// scale x + shift
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

    /// Waits, and reads the batch's results.
    func finish(_ classifier: Classifier, _ decisions: Decisions, images: Int) throws -> InferenceResult

    /// Waits for everything asked so far: after an error, before memory of the host's is used again.
    func synchronize() throws

    // MARK: Costs

    /// What scheduling costs here; nil where reading a decision costs nothing, or where it cannot be measured.
    func schedulingCosts() -> SchedulingCosts?

    /// Work-groups of a launch for one image.
    func groups(_ convolution: Convolution) -> Int

    /// Waits, and reads feature maps: images x channels x height x width.
    func download(_ maps: FeatureMaps, images: Int) throws -> [Float]

    // MARK: Profiling

    /// Tells where in the network the operators that follow belong, until the next call. Must cost next to nothing while
    /// nothing is recorded.
    /// - Parameter images: those that launches cover.
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

// MARK: What operators are given and give back

/// A feature map that a network needs for each image, and the steps during which it does: what a backend plans memory by.
package struct FeatureMapPlan: Sendable, Hashable {
    package enum Purpose: Sendable, Hashable {
        /// The network's input images, read by a convolution with this padding.
        case input(padding: Int)
        /// What operators write, which sum its rows as well where it is `pooled`.
        case features(pooled: Bool)
    }

    package var shape: FeatureShape
    package var purpose: Purpose
    /// From the step that first writes it to the last that reads it. Outside, its memory may be others'.
    package var lifetime: ClosedRange<Int>

    package init(_ shape: FeatureShape, _ purpose: Purpose, lifetime: ClosedRange<Int>) {
        self.shape = shape
        self.purpose = purpose
        self.lifetime = lifetime
    }
}

/// The images of a batch that a launch works on.
package enum ActiveSet: Sendable, Hashable {
    /// Images 0 ..< count.
    case all(count: Int)
    /// These images, known to the host. A batch uses every slot once, so that a list may be on its way to the device while
    /// the next is made: there are two per gate.
    case listed([Int32], slot: Int)
    /// Those of images 0 ..< count for which `gate` opened, known to the device only: the launch covers all of them, and
    /// has nothing to do for the others.
    case decided(gate: Int, count: Int)

    /// Images that a launch has to cover.
    package var launchedCount: Int {
        switch self {
        case .all(let count), .decided(_, let count): count
        case .listed(let images, _): images.count
        }
    }
}

/// How far the gates of one image are decided.
package struct GateProgress: Sendable, Hashable {
    /// Gates 0 ..< decided have their decision.
    package var decided: Int
    /// Whether gate `decided - 1`, the last of them, opened.
    package var isOpen: Bool

    package init(decided: Int, isOpen: Bool) {
        self.decided = decided
        self.isOpen = isOpen
    }
}

/// The results of a batch, read back from the device.
package struct InferenceResult: Sendable {
    /// [image][class]
    package var logits: [Float]
    /// [image][gate]: whether the block ran.
    package var decisions: [Bool]
    /// [image][gate]: log-odds of "execute"; meaningless where the policy did not ask the gate.
    package var logOdds: [Float]
}

/// Why a network cannot be set up on a device.
public enum BackendError: Error, Hashable, CustomStringConvertible {
    /// A batch of this size needs more memory than the device has, or gives in one piece.
    case batchTooLarge(images: Int, bytes: Int, limit: Int, device: String)
    /// A feature map has more values than kernels can count.
    case featureMapTooLarge(FeatureShape)
    /// Row sums are wanted of feature maps that have none.
    case notPooled
    /// Images are uploaded to feature maps that were not made for them.
    case notAnInput
    /// Feature maps have a halo of this width, and a convolution wants to read beyond it.
    case paddingTooWide(padding: Int, halo: Int)
    /// The backend keeps no times.
    case noProfile(device: String)
    /// Half precision is wanted of a device, or of kernels, that do not have it.
    case halfPrecisionUnsupported(device: String)

    /// The reason, and what to do.
    public var description: String {
        switch self {
        case .batchTooLarge(let images, let bytes, let limit, let device):
            "a batch of \(images) images needs \(bytes / 1_000_000) MB on \(device), which gives \(limit / 1_000_000) MB; "
                + "plan a smaller batch"
        case .featureMapTooLarge(let shape):
            "a feature map of \(shape.channels) x \(shape.height) x \(shape.width) is too large for the kernels; "
                + "give the network a smaller input"
        case .notPooled:
            "row sums are wanted of feature maps that were made without; make them with pooled: true"
        case .notAnInput:
            "pictures can only be uploaded to what makeInput made"
        case .paddingTooWide(let padding, let halo):
            "a convolution of feature maps has padding \(padding); at most \(halo) is supported behind the stem"
        case .noProfile(let device):
            "\(device) keeps no times to profile; run on OpenCL, in a session made with profiling: true"
        case .halfPrecisionUnsupported(let device):
            "\(device) has no kernels for half precision; choose float precision, or an OpenCL device"
        }
    }
}
