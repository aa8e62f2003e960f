import Dispatch

/// A network ready to classify: an architecture with its weights on a device, planned for a batch size.
///
/// ```swift
/// let session = try Session(weights: EmbeddedModel.standard.weights(), backend: .openCL())
/// let prediction = try session.predict([Image(contentsOf: "cat.png")])[0]
/// print(prediction.candidates[0], prediction.graph.macs)
/// ```
///
/// Safe to use from several tasks at once: batches take turns on the device.
///
/// A picture's result does not depend on the others of its batch, nor on ``Scheduling``. It may differ in the last bits
/// between sessions planned for different batch sizes, as the fastest algorithms do, and after a ``ConvolutionTuner`` has
/// found others.
public final class Session: Sendable {
    public let architecture: Architecture
    /// What a dense and an executed graph cost.
    public let cost: NetworkCost
    /// Images that run together at most.
    public let batch: Int
    /// Who looks at the gates' decisions.
    public let scheduling: Scheduling
    /// What feature maps and convolution weights are kept as.
    public let precision: Precision
    /// How pictures become input tensors; nil where the network does not take pictures of three channels.
    public let preprocessing: Preprocessing?
    /// Names of the classes, where the weights give them.
    public let classNames: [String]?
    /// Which thresholds keep to which budget, where the weights say.
    public let calibration: BudgetCalibration?
    let gatedBlocks: [Int]
    let engine: any Engine
    /// Blocks while the device works, which the threads of Swift's own pool must not.
    private let waiting = DispatchQueue(label: "ConvNetAIG.Session")

    /// - Parameters:
    ///   - architecture: what the weights should belong to; nil takes the architecture of the weights.
    ///   - weights: parameters and, in their metadata, class names and normalisation.
    ///   - backend: where to run.
    ///   - batch: images that run together at most; memory is planned for as many.
    ///   - scheduling: who looks at the gates' decisions. It changes times, never results.
    ///   - precision: what feature maps and convolution weights are kept as on an OpenCL device.
    ///   - goal: what to prefer where speed costs memory. It changes results by rounding only.
    ///   - profiling: whether the device keeps the times of every command, for
    ///     ``profile(_:policy:firstImage:)``; some devices are slower for it.
    /// - Throws: ``SessionError``, ``BackendError`` if the batch is too large for the device, the device has no half
    ///   precision or it cannot be profiled, or `OpenCLError`.
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

    /// The device's name.
    public var deviceName: String { engine.deviceName }

    /// Kernels launched so far.
    public var kernelLaunches: Int { engine.launches }

    /// What the session takes on its device, planned for ``batch`` images.
    public var memory: MemoryUse { engine.memory }

    // MARK: Predicting

    /// Classifies pictures.
    ///
    /// - Parameters:
    ///   - images: any number; they run in batches of up to ``batch``.
    ///   - policy: how gates decide.
    ///   - candidates: how many of the likeliest classes to give.
    ///   - firstImage: the number of the first image in the caller's counting: the random draws of a policy depend on the
    ///     seed and this number, not on how images are split into calls or batches.
    /// - Returns: a prediction for each image, in order.
    /// - Throws: ``SessionError``, ``GatePolicyError`` or `OpenCLError`.
    public func predict(
        _ images: [Image], policy: GatePolicy = .argmax, candidates: Int = 5, firstImage: Int = 0
    ) throws -> [Prediction] {
        var output: [Prediction] = []
        for start in stride(from: 0, to: images.count, by: batch) {
            let tensor = try input(images[start..<min(start + batch, images.count)])
            output += try predict(
                tensor, policy: policy, candidates: candidates, firstImage: firstImage + start)
        }
        return output
    }

    /// Classifies the images of a tensor.
    ///
    /// - Parameter input: images x channels x height x width, normalised.
    /// - Returns: a prediction for each image, in order.
    /// - Throws: as the other form.
    public func predict(
        _ input: Tensor, policy: GatePolicy = .argmax, candidates: Int = 5, firstImage: Int = 0
    ) throws -> [Prediction] {
        let output = try run(input, policy: policy, firstImage: firstImage)
        return (0..<output.images).map { image in
            let gates = output.gates(of: image)
            var executed = [Bool](repeating: true, count: architecture.blockCount)
            for (block, isOpen) in zip(gatedBlocks, gates) { executed[block] = isOpen }
            let graph = InferenceGraph(
                executed: executed, gates: gates, gateProbabilities: output.gateProbabilities(of: image),
                macs: cost.executedMACs(open: gates, gatesEvaluated: policy.asksGates), denseMACs: cost.macs)
            return Prediction(
                logits: output.logits(of: image), graph: graph, classNames: classNames, candidates: candidates)
        }
    }

    /// Runs the images of a tensor and gives the bare tensors: what ``predict(_:policy:candidates:firstImage:)`` makes
    /// its predictions of.
    public func run(_ input: Tensor, policy: GatePolicy = .argmax, firstImage: Int = 0) throws -> Output {
        try validate(input, policy)
        let policy = try resolved(policy)
        let images = input.shape[0]
        let imageCount = architecture.input.count
        var output = Output(images: images, classes: architecture.classes, gates: gatedBlocks.count)
        try input.withUnsafeFloats { values in
            try validate(values, firstImage: firstImage)
            for start in stride(from: 0, to: images, by: batch) {
                let count = min(batch, images - start)
                let table = GateTable(
                    policy, gates: gatedBlocks.count, images: count, firstImage: firstImage + start)
                let result = try engine.run(
                    UnsafeBufferPointer(rebasing: values[start * imageCount..<(start + count) * imageCount]),
                    count: count, table)
                output.append(result, asksGates: policy.asksGates)
            }
        }
        return output
    }

    func validate(_ input: Tensor, _ policy: GatePolicy) throws {
        let shape = [architecture.input.channels, architecture.input.height, architecture.input.width]
        guard input.shape.count == 4, Array(input.shape[1...]) == shape else {
            throw SessionError.wrongInputShape(found: input.shape, expected: shape)
        }
        try policy.validate(gates: gatedBlocks.count)
    }

    /// The policy with thresholds in place of a budget.
    public func resolved(_ policy: GatePolicy) throws(GatePolicyError) -> GatePolicy {
        guard case .budget(let budget) = policy else { return policy }
        guard let calibration else { throw .notCalibrated }
        return .logOdds(try calibration.thresholds(for: budget))
    }

    /// - Parameter values: of whole images.
    func validate(_ values: UnsafeBufferPointer<Float>, firstImage: Int) throws {
        let imageCount = architecture.input.count
        for start in stride(from: 0, to: values.count, by: imageCount) {
            guard values[start..<start + imageCount].allSatisfy(\.isFinite) else {
                throw SessionError.nonFiniteInput(image: firstImage + start / imageCount)
            }
        }
    }

    /// Pictures as the network's input: images x 3 x height x width.
    func input(_ images: ArraySlice<Image>) throws -> Tensor {
        guard let preprocessing else { throw SessionError.notThreeChannels(architecture.input.channels) }
        var values: [Float] = []
        values.reserveCapacity(images.count * architecture.input.count)
        for image in images { values += try preprocessing(image) }
        return try Tensor(
            shape: [images.count, architecture.input.channels, architecture.input.height, architecture.input.width],
            values: values)
    }

    // MARK: Asynchronously

    /// Classifies pictures without blocking the calling task's thread.
    /// - Throws: as the synchronous form.
    public func predict(
        _ images: [Image], policy: GatePolicy = .argmax, candidates: Int = 5, firstImage: Int = 0
    ) async throws -> [Prediction] {
        try await offThread {
            try self.predict(images, policy: policy, candidates: candidates, firstImage: firstImage)
        }
    }

    /// Classifies the images of a tensor without blocking the calling task's thread.
    /// - Throws: as the synchronous form.
    public func predict(
        _ input: Tensor, policy: GatePolicy = .argmax, candidates: Int = 5, firstImage: Int = 0
    ) async throws -> [Prediction] {
        try await offThread {
            try self.predict(input, policy: policy, candidates: candidates, firstImage: firstImage)
        }
    }

    private func offThread<Result: Sendable>(_ work: @escaping @Sendable () throws -> Result) async throws -> Result {
        try Task.checkCancellation()
        return try await withCheckedThrowingContinuation { continuation in
            waiting.async { continuation.resume(with: .init(catching: work)) }
        }
    }
}

extension Architecture {
    /// Whether two networks differ in nothing but name and shortcut: weights without shortcut tensors have settled on the
    /// zero-padded one by themselves.
    fileprivate func hasSameLayers(as other: Architecture) -> Bool {
        input == other.input && stem == other.stem && stages == other.stages && blockKind == other.blockKind
            && gateHidden == other.gateHidden && ungatedBlocks == other.ungatedBlocks && classes == other.classes
    }
}
