import ConvNetAIG

/// Classifies images as they come, a batch at a time. An image is kept as the network's input only, so
/// that the memory taken depends neither on how many there are nor on their size.
struct ImageClassifier {
    /// A file and what became of it.
    typealias Outcome = (file: String, result: Result<Prediction, any Error>)

    private let session: Session
    private let policy: GatePolicy
    private let candidates: Int
    /// Files whose outcome is not given yet, and why the unreadable ones are.
    private var waiting: [(file: String, problem: (any Error)?)] = []
    /// The inputs of the readable ones.
    private var inputs: [Float] = []
    private var inputCount = 0
    /// Images classified so far, which number the random draws.
    private var classified = 0

    /// - Parameter candidates: how many classes to give for each.
    init(session: Session, policy: GatePolicy, candidates: Int) {
        self.session = session
        self.policy = policy
        self.candidates = candidates
    }

    /// Takes an image, and gives the outcomes of a batch if that is full with it.
    /// - Parameter read: its errors are those of the image.
    mutating func add(_ file: String, read: () throws -> Image) throws -> [Outcome] {
        do {
            guard let preprocessing = session.preprocessing else {
                throw SessionError.notThreeChannels(session.architecture.input.channels)
            }
            inputs += try preprocessing(read())
            inputCount += 1
            waiting.append((file, nil))
        } catch {
            waiting.append((file, error))
        }
        // Failures wait as well, for their place in the order, but not for ever.
        return inputCount == session.batch || waiting.count >= max(session.batch, 64) ? try finish() : []
    }

    /// The outcomes of all files taken and not given yet, in their order.
    mutating func finish() throws -> [Outcome] {
        var predictions: ArraySlice<Prediction> = []
        if inputCount > 0 {
            let shape = session.architecture.input
            let tensor = try Tensor(
                shape: [inputCount, shape.channels, shape.height, shape.width], values: inputs)
            predictions = try session.predict(
                tensor, policy: policy, candidates: candidates, firstImage: classified)[...]
        }
        let outcomes = waiting.map { file, problem -> Outcome in
            if let problem { return (file, .failure(problem)) }
            guard let prediction = predictions.popFirst(), prediction.logits.allSatisfy(\.isFinite) else {
                return (
                    file,
                    .failure(
                        CommandFailure(
                            "\(file): the network's output is not a finite number; the weights have too "
                                + "large values."
                        )
                    )
                )
            }
            return (file, .success(prediction))
        }
        classified += inputCount
        inputCount = 0
        inputs.removeAll(keepingCapacity: true)
        waiting.removeAll(keepingCapacity: true)
        return outcomes
    }
}
