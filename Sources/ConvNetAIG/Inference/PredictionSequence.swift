/// Predictions for a sequence of pictures, in the pictures' order.
///
/// Pictures are taken from the sequence as predictions are asked for, as many at a time as the session runs together: a
/// source that never pauses is classified in full batches, and no picture is read ahead of need beyond that.
public struct PredictionSequence<Images: AsyncSequence>: AsyncSequence where Images.Element == Image {
    public typealias Element = Prediction

    let images: Images
    let session: Session
    let policy: GatePolicy
    let candidates: Int

    public func makeAsyncIterator() -> AsyncIterator {
        AsyncIterator(images: images.makeAsyncIterator(), session: session, policy: policy, candidates: candidates)
    }

    public struct AsyncIterator: AsyncIteratorProtocol {
        var images: Images.AsyncIterator
        let session: Session
        let policy: GatePolicy
        let candidates: Int
        private var ready: ArraySlice<Prediction> = []
        private var taken = 0

        init(images: Images.AsyncIterator, session: Session, policy: GatePolicy, candidates: Int) {
            self.images = images
            self.session = session
            self.policy = policy
            self.candidates = candidates
        }

        /// - Throws: what the sequence of images throws, or ``Session/predict(_:policy:candidates:firstImage:)``.
        public mutating func next() async throws -> Prediction? {
            if let prediction = ready.popFirst() { return prediction }
            var batch: [Image] = []
            while batch.count < session.batch, let image = try await images.next() { batch.append(image) }
            guard !batch.isEmpty else { return nil }
            ready = try await session.predict(
                batch, policy: policy, candidates: candidates, firstImage: taken)[...]
            taken += batch.count
            return ready.popFirst()
        }
    }
}

extension Session {
    /// Classifies pictures as they come.
    ///
    /// - Parameters:
    ///   - images: the pictures.
    ///   - policy: how gates decide.
    ///   - candidates: how many of the likeliest classes to give.
    public func predictions<Images: AsyncSequence>(
        for images: Images, policy: GatePolicy = .argmax, candidates: Int = 5
    ) -> PredictionSequence<Images> where Images.Element == Image {
        PredictionSequence(images: images, session: self, policy: policy, candidates: candidates)
    }
}
