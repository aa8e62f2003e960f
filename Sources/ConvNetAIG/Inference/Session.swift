import Dispatch

/// A network ready to classify: an architecture with its weights on a device, planned for a batch size.
///
/// ```swift
/// let session = try Session(weights: EmbeddedModel.standard.weights(), backend: .openCL())
/// let prediction = try session.predict([Image(contentsOf: "cat.png")])[0]
/// print(prediction.topClasses[0], prediction.graph.macs)
/// ```
///
/// Safe to use from several tasks at once: batches take turns on the device. In asynchronous code, use the `async` forms,
/// which leave Swift's threads to others while the device works.
///
/// An image's result does not depend on the others of its batch, nor on ``Scheduling``. It may differ in the last bits
/// between sessions planned for different batch sizes, as the fastest algorithms do, and after a ``ConvolutionTuner`` has
/// found others.
public final class Session: Sendable {
    /// The network's architecture, as its weights have it.
    public let architecture: Architecture
    /// Cost of the dense network and of its parts.
    public let cost: NetworkCost
    /// Number of images that run together at most.
    public let batch: Int
    /// Who looks at the gates' decisions.
    public let scheduling: Scheduling
    /// Number format of feature maps and convolution weights on the device.
    public let precision: Precision
    /// Preprocessing of images into input tensors; nil where the network does not take images of three channels.
    public let preprocessing: Preprocessing?
    /// Names of the classes; nil where the weights have none.
    public let classNames: [String]?
    /// Thresholds for each budget; nil where the weights have none.
    public let calibration: BudgetCalibration?
    let gatedBlocks: [Int]
    let engine: any Engine
    /// Where the `async` forms wait for the device.
    let waiting = DispatchQueue(label: "ConvNetAIG.Session")

    /// Puts a network on a device.
    ///
    /// - Parameters:
    ///   - architecture: The architecture that the weights should belong to; nil takes that of the weights.
    ///   - weights: Parameters and, in their metadata, class names and normalisation.
    ///   - backend: The device to run on.
    ///   - batch: Number of images that run together at most; memory is planned for as many.
    ///   - scheduling: Who looks at the gates' decisions. It changes times, never results.
    ///   - precision: Number format of feature maps and convolution weights on an OpenCL device.
    ///   - goal: What to prefer where speed costs memory. It changes results by rounding only.
    ///   - profiling: Whether the device keeps the times of every command, for ``profile(_:policy:firstImage:)``; some
    ///     devices are slower for it.
    /// - Throws: ``SessionError`` if the batch size is out of range or the weights belong to another architecture;
    ///   `BackendError` if the device has too little memory, has no half precision or cannot be profiled;
    ///   ``WeightsError`` if tensors cannot be read, `PreprocessingError` if their metadata ask for preprocessing that is
    ///   not possible, and `OpenCLError` for what the device reports.
    public init(
        architecture: Architecture? = nil, weights: Weights, backend: BackendChoice, batch: Int = 1,
        scheduling: Scheduling = .automatic, precision: Precision = .float, goal: OptimizationGoal = .speed,
        profiling: Bool = false
    ) throws {
        guard batch >= 1, batch <= Int(Int32.max) else { throw SessionError.batchOutOfRange(batch) }
        let own = weights.architecture
        if let architecture {
            guard architecture.hasSameLayers(as: own) else {
                throw SessionError.otherArchitecture(requested: architecture.name, weights: own.name)
            }
        }
        self.architecture = own
        self.batch = batch
        self.scheduling = scheduling
        self.precision = precision
        cost = own.cost
        classNames = weights.classNames
        calibration = weights.calibration
        gatedBlocks = own.gatedBlocks
        preprocessing = own.input.channels == 3 ? try weights.inputPreprocessing() : nil
        switch backend {
        case .reference:
            let backend = ReferenceBackend()
            guard !profiling else { throw BackendError.noProfile(device: backend.deviceName) }
            guard precision == .float else {
                throw BackendError.halfPrecisionUnsupported(device: backend.deviceName)
            }
            engine = try NetworkEngine(weights, on: backend, capacity: batch, scheduling: scheduling)
        case .openCL(let runtime):
            engine = try NetworkEngine(
                weights, on: OpenCLBackend(runtime, precision: precision, goal: goal, profiling: profiling),
                capacity: batch,
                scheduling: scheduling)
        }
    }

    /// Name of the device.
    public var deviceName: String { engine.deviceName }

    /// Number of kernels launched so far.
    public var kernelLaunches: Int { engine.launches }

    /// Memory in use on the device, planned for ``batch`` images.
    public var memory: MemoryUse { engine.memory }

    // MARK: Predictions

    /// Classifies images.
    ///
    /// - Parameters:
    ///   - images: Any number of images; they run in batches of up to ``batch``.
    ///   - policy: How the gates decide.
    ///   - top: Number of classes to give, the likeliest first.
    ///   - firstImage: Number of the first image in the caller's count: the random draws of a policy depend on the seed
    ///     and this number, not on how images are split into calls or batches.
    /// - Returns: A prediction for each image, in order.
    /// - Throws: ``SessionError`` if the network does not take images of three channels, `PreprocessingError` if an image
    ///   cannot be resized, ``GatePolicyError`` if the policy does not fit the network, and `OpenCLError` for what the
    ///   device reports.
    public func predict(
        _ images: [Image], policy: GatePolicy = .argmax, top: Int = 5, firstImage: Int = 0
    ) throws -> [Prediction] {
        try predict(images, policy, top: top, firstImage: firstImage, cancellation: nil)
    }

    /// Classifies the images of a tensor.
    ///
    /// - Parameters:
    ///   - input: Images x channels x height x width, normalised. Any number of images; they run in batches of up to
    ///     ``batch``.
    ///   - policy: How the gates decide.
    ///   - top: Number of classes to give, the likeliest first.
    ///   - firstImage: Number of the first image in the caller's count, for the random draws of a policy.
    /// - Returns: A prediction for each image, in order.
    /// - Throws: ``SessionError`` if the input has another shape or values that are not finite, ``GatePolicyError`` if the
    ///   policy does not fit the network, and `OpenCLError` for what the device reports.
    public func predict(
        _ input: Tensor, policy: GatePolicy = .argmax, top: Int = 5, firstImage: Int = 0
    ) throws -> [Prediction] {
        try predict(input, policy, top: top, firstImage: firstImage, cancellation: nil)
    }

    /// Runs the images of a tensor and gives bare tensors: what `predict` makes its
    /// predictions of.
    ///
    /// - Parameters:
    ///   - input: Images x channels x height x width, normalised.
    ///   - policy: How the gates decide.
    ///   - firstImage: Number of the first image in the caller's count, for the random draws of a policy.
    /// - Throws: ``SessionError`` if the input has another shape or values that are not finite, ``GatePolicyError`` if the
    ///   policy does not fit the network, and `OpenCLError` for what the device reports.
    public func run(_ input: Tensor, policy: GatePolicy = .argmax, firstImage: Int = 0) throws -> Output {
        try run(input, policy, firstImage: firstImage, cancellation: nil)
    }

    // MARK: Inputs and policies

    /// Preprocesses images into the network's input.
    ///
    /// - Returns: Images x 3 x height x width, normalised.
    /// - Throws: ``SessionError`` if the network does not take images of three channels, and `PreprocessingError` if an
    ///   image cannot be resized.
    public func input(_ images: some Collection<Image>) throws -> Tensor {
        guard let preprocessing else { throw SessionError.notThreeChannels(architecture.input.channels) }
        var values: [Float] = []
        values.reserveCapacity(images.count * architecture.input.count)
        for image in images { values += try preprocessing(image) }
        return try Tensor(
            shape: [images.count, architecture.input.channels, architecture.input.height, architecture.input.width],
            values: values)
    }

    /// The policy with thresholds in place of a budget.
    ///
    /// - Throws: ``GatePolicyError`` if the weights have no calibration or the budget is out of its range.
    public func resolved(_ policy: GatePolicy) throws(GatePolicyError) -> GatePolicy {
        guard case .budget(let budget) = policy else { return policy }
        guard let calibration else { throw .notCalibrated }
        return .logOdds(try calibration.thresholds(for: budget))
    }
}

// MARK: Batches

extension Session {
    func predict(
        _ images: [Image], _ policy: GatePolicy, top: Int, firstImage: Int, cancellation: Cancellation?
    ) throws -> [Prediction] {
        var output: [Prediction] = []
        for start in stride(from: 0, to: images.count, by: batch) {
            try cancellation?.check()
            let tensor = try input(images[start..<min(start + batch, images.count)])
            output += try predict(
                tensor, policy, top: top, firstImage: firstImage + start, cancellation: cancellation)
        }
        return output
    }

    func predict(
        _ input: Tensor, _ policy: GatePolicy, top: Int, firstImage: Int, cancellation: Cancellation?
    ) throws -> [Prediction] {
        let output = try run(input, policy, firstImage: firstImage, cancellation: cancellation)
        return (0..<output.images).map { image in
            let gates = output.gates(of: image)
            var executed = [Bool](repeating: true, count: architecture.blockCount)
            for (block, isOpen) in zip(gatedBlocks, gates) { executed[block] = isOpen }
            let graph = InferenceGraph(
                executed: executed, gates: gates, gateProbabilities: output.gateProbabilities(of: image),
                macs: cost.executedMACs(open: gates, gatesEvaluated: policy.asksGates), denseMACs: cost.macs)
            return Prediction(
                logits: output.logits(of: image), graph: graph, classNames: classNames, top: top)
        }
    }

    private func run(
        _ input: Tensor, _ policy: GatePolicy, firstImage: Int, cancellation: Cancellation?
    ) throws -> Output {
        try validate(input, policy)
        var output = Output(images: input.shape[0], classes: architecture.classes, gates: gatedBlocks.count)
        try forEachBatch(input, policy, firstImage: firstImage, cancellation) { images, count, table in
            output.append(try engine.run(images, count: count, table), asksGates: policy.asksGates)
        }
        return output
    }

    /// Splits an input of the right shape into batches of up to ``batch`` images.
    ///
    /// - Parameter cancellation: looked at before each batch.
    func forEachBatch(
        _ input: Tensor, _ policy: GatePolicy, firstImage: Int, _ cancellation: Cancellation?,
        _ body: (_ images: UnsafeBufferPointer<Float>, _ count: Int, _ table: GateTable) throws -> Void
    ) throws {
        let policy = try resolved(policy)
        let images = input.shape[0]
        let imageCount = architecture.input.count
        try input.withUnsafeFloats { values in
            try validate(values, firstImage: firstImage)
            for start in stride(from: 0, to: images, by: batch) {
                try cancellation?.check()
                let count = min(batch, images - start)
                let table = GateTable(
                    policy, gates: gatedBlocks.count, images: count, firstImage: firstImage + start)
                try body(
                    UnsafeBufferPointer(rebasing: values[start * imageCount..<(start + count) * imageCount]), count,
                    table)
            }
        }
    }

    func validate(_ input: Tensor, _ policy: GatePolicy) throws {
        let shape = [architecture.input.channels, architecture.input.height, architecture.input.width]
        guard input.shape.count == 4, Array(input.shape[1...]) == shape else {
            throw SessionError.wrongInputShape(found: input.shape, expected: shape)
        }
        try policy.validate(gates: gatedBlocks.count)
    }

    /// - Parameter values: of whole images.
    func validate(_ values: UnsafeBufferPointer<Float>, firstImage: Int) throws(SessionError) {
        let imageCount = architecture.input.count
        for start in stride(from: 0, to: values.count, by: imageCount) {
            guard values[start..<start + imageCount].allSatisfy(\.isFinite) else {
                throw .nonFiniteInput(image: firstImage + start / imageCount)
            }
        }
    }
}

extension Architecture {
    /// Whether two networks differ at most in name and shortcut. Weights without tensors for a shortcut have the
    /// zero-padded one, whatever their architecture was called.
    fileprivate func hasSameLayers(as other: Architecture) -> Bool {
        input == other.input && stem == other.stem && stages == other.stages && blockKind == other.blockKind
            && gateHidden == other.gateHidden && ungatedBlocks == other.ungatedBlocks && classes == other.classes
    }
}

/// Where a session runs.
public enum BackendChoice: Sendable {
    /// Plain loops on the CPU: slow, and what OpenCL is checked against.
    case reference
    /// An OpenCL device; several sessions may share a runtime.
    case openCL(OpenCLRuntime)

    /// The default OpenCL device: the one that `AIG_DEVICE` names, or else a GPU before a CPU.
    ///
    /// - Throws: `DeviceSelectionError` if there is none, and `OpenCLError` if the device cannot be used.
    public static func openCL() throws -> BackendChoice {
        .openCL(try OpenCLRuntime(selecting: nil))
    }
}

/// Why a session cannot be made or cannot take an input.
///
/// What the device and the gates' policy do not allow has errors of its own: `BackendError`, `OpenCLError`,
/// ``GatePolicyError``.
public enum SessionError: Error, Hashable, CustomStringConvertible {
    /// A batch size below 1, or too large to count.
    case batchOutOfRange(Int)
    /// The weights belong to another architecture than the one asked for.
    case otherArchitecture(requested: String, weights: String)
    /// An input is not images x channels x height x width, as `expected` has it after the images.
    case wrongInputShape(found: [Int], expected: [Int])
    /// An image of the input has a NaN or an infinity.
    case nonFiniteInput(image: Int)
    /// Images are to be classified by a network that takes another number of channels.
    case notThreeChannels(Int)
    /// A profile is wanted of more images than run together.
    case notOneBatch(images: Int, batch: Int)
    /// Feature maps are wanted of a block that the network does not have.
    case unknownBlock(String, known: [String])

    /// The reason, and what to do.
    public var description: String {
        switch self {
        case .batchOutOfRange(let batch):
            "a session cannot be planned for batches of \(batch) images; give 1 or more"
        case .otherArchitecture(let requested, let weights):
            "the weights belong to \(weights), not to \(requested); load them for the architecture they were trained with"
        case .wrongInputShape(let found, let expected):
            "the input has shape \(found); the network takes images x "
                + expected.map(String.init).joined(separator: " x ")
        case .nonFiniteInput(let image):
            "image \(image) of the input has a value that is not a finite number (NaN or infinity); check what made it"
        case .notThreeChannels(let channels):
            "pictures have 3 channels, but the network takes \(channels); pass tensors instead"
        case .notOneBatch(let images, let batch):
            "a profile is that of one batch of 1 to \(batch) images, not of \(images); "
                + "make the session with a batch as large as that"
        case .unknownBlock(let block, let known):
            "the network has no block \(block); its \(known.count) blocks are \(known.first ?? "") to \(known.last ?? ""), "
                + "or 0 to \(known.count - 1)"
        }
    }
}
